import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from './config-error';
import { describeIssue, dotted } from './describe-issue';
import { SECRET_FIX, secretsIn } from './secrets';

/** A file's content, and where in it things stand. */
export interface YamlFile {
  readonly content: unknown;
  /** `FILE:LINE` of a path, or of the nearest above it that is there. */
  readonly placeOf: (path: readonly PropertyKey[]) => string;
}

/** Reads a YAML file; `file` is given from `root`, as a person knows it. */
export function parseYaml(root: string, file: string): YamlFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(readText(root, file), { lineCounter, prettyErrors: false });
  const place = (offset: number) => `${file}:${lineCounter.linePos(offset).line}`;
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(error => `${place(error.pos[0])}: is no YAML, ${error.message}`).join('\n'),
    );
  }
  const placeOf = (path: readonly PropertyKey[]): string => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    if (isNode(node) && node.range) {
      return place(node.range[0]);
    }
    return path.length === 0 ? file : placeOf(path.slice(0, -1));
  };
  return { content: document.toJS(), placeOf };
}

/** Reads a YAML file and checks it; `file` is given from `root`, as a person knows it. */
export function readYaml<T extends z.ZodType>(root: string, file: string, schema: T): z.infer<T> {
  const { content, placeOf } = parseYaml(root, file);
  // first and alone: other errors tell the values that they got
  const secrets = secretsIn(content);
  if (secrets.length > 0) {
    throw new ConfigError(
      secrets
        .map(({ path, kind }) => `${placeOf(path)}: '${dotted(path)}' looks like ${kind}, ${SECRET_FIX}`)
        .join('\n'),
    );
  }
  const result = schema.safeParse(content);
  if (result.success) {
    return result.data;
  }
  // what is missing has no place of its own: the nearest that is there is shown
  const problems = result.error.issues.flatMap(issue => describeIssue(schema, content, issue));
  throw new ConfigError(problems.map(({ path, message }) => `${placeOf(path)}: ${message}`).join('\n'));
}

function readText(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch (error) {
    throw new ConfigError(`${file}: cannot be read, must be a YAML file`, { cause: error });
  }
}
