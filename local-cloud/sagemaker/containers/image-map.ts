import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors';

const entrySchema = z.union([
  z.strictObject({
    /** Folder that holds the package, relative to the file of the map. */
    python: z.string().min(1),
    /** Package that is run, as the image's entry point does. */
    module: z.string().min(1),
  }),
  z.strictObject({
    /** Program and its first arguments; the container's follow. Paths with a slash are relative to the map's file. */
    command: z.array(z.string().min(1)).min(1),
  }),
]);

const fileSchema = z.record(z.string().min(1), entrySchema);

/** What to run for an image. */
export interface LocalImage {
  readonly program: string;
  readonly args: readonly string[];
  /** Folders in which Python finds the image's own modules. */
  readonly pythonPath: readonly string[];
}

/** An image URI that the map does not know. */
export class UnknownImageError extends Error {
  public override readonly name = 'UnknownImageError';
}

/**
 * Which local command stands for which image. A key is compared with the image's repository (no registry, tag or
 * digest) and with the whole URI; `*` stands for any text. The file is read anew each time, so that an edit counts at
 * once.
 */
export class ImageMap {
  constructor(
    private readonly file: string,
    private readonly python: string,
  ) {}

  /** The command for an image. */
  public find(uri: string): LocalImage {
    const entries = Object.entries(this.read());
    const entry = entries.find(([pattern]) => matchesImage(pattern, uri))?.[1];
    if (entry === undefined) {
      const known = entries.map(([pattern]) => `'${pattern}'`).join(', ');
      throw new UnknownImageError(
        `image '${uri}' has no local command. Add it to ${this.file}, for example ` +
          `"${repositoryOf(uri)}": {"command": ["node", "./serve.js"]} or ` +
          `{"python": "../images/folder", "module": "package"}; mapped now: ${known}`,
      );
    }
    const folder = dirname(this.file);
    if ('command' in entry) {
      const [program = '', ...args] = entry.command.map(part => localPath(folder, part));
      return { program, args, pythonPath: [] };
    }
    return { program: this.python, args: ['-m', entry.module], pythonPath: [resolve(folder, entry.python)] };
  }

  private read(): z.infer<typeof fileSchema> {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(this.file, 'utf8')));
    } catch (error) {
      throw new Error(`image map '${this.file}' cannot be used: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Whether a pattern of the map means an image. */
export function matchesImage(pattern: string, uri: string): boolean {
  const expression = new RegExp(`^${pattern.split('*').map(escape).join('.*')}$`);
  return expression.test(uri) || expression.test(repositoryOf(uri));
}

/** `mlops/trainer` of `123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlops/trainer:1.0@sha256:…`. */
export function repositoryOf(uri: string): string {
  const withoutDigest = uri.replace(/@.*$/, '');
  const withoutTag = withoutDigest.replace(/:[^/:]*$/, '');
  const [first = '', ...rest] = withoutTag.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isRegistry ? rest.join('/') : withoutTag;
}

function localPath(folder: string, part: string): string {
  return /^\.{1,2}\//.test(part) && !isAbsolute(part) ? resolve(folder, part) : part;
}

function escape(text: string): string {
  return text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
}
