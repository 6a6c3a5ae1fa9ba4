import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error';

/** Where an image comes from, as an environment file says it: a name in ECR, or a folder that is built. */

const REPOSITORY = '[a-z0-9][a-z0-9._/-]*';
const DEFAULT_FILE = 'Dockerfile';

const named = z
  .string()
  .regex(
    new RegExp(`^${REPOSITORY}(:[\\w.-]+|@sha256:[0-9a-f]{64})$`),
    "a repository with a tag or a digest, such as 'mlops/trainer:1' or 'mlops/trainer@sha256:…'",
  )
  .transform(name => {
    const separator = name.includes('@') ? '@' : ':';
    const [repository, tagOrDigest] = [name.slice(0, name.indexOf(separator)), name.slice(name.indexOf(separator) + 1)];
    return { repository, tagOrDigest };
  });

const built = z.strictObject({
  build: z.string().min(1).describe("Folder with the Dockerfile, from the repository's root."),
  file: z.string().min(1).optional().describe('Path of the Dockerfile in the folder. Default: Dockerfile.'),
  buildArgs: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'letters, digits and underscores'), z.string())
    .optional()
    .describe("Build arguments, no secrets: they stand in the image's history. Default: none."),
  baseRepositories: z
    .array(z.string().regex(new RegExp(`^${REPOSITORY}$`), "the name of a repository, such as 'ecr-public/python'"))
    .optional()
    .describe(
      "The environment's own repositories from which the build may pull, such as those of a pull-through cache. Default: public registries only.",
    ),
});

/** An image by name, or by the folder from which AWS CodeBuild builds it. */
export const image = z.union([named, built], {
  error: "a repository with a tag or a digest, such as 'mlops/trainer:1', or 'build' with a folder",
});

/** An image that is in a repository already. */
export type NamedImage = z.infer<typeof named>;

/** An image that the environment builds. */
export interface BuiltImageConfig extends Omit<z.infer<typeof built>, 'build'> {
  /** Name of its repository. */
  readonly repository: string;
  /** Folder of the Dockerfile. */
  readonly directory: string;
}

/** Where an image comes from, checked. */
export type ImageConfig = NamedImage | BuiltImageConfig;

/** Whether the environment builds the image. */
export function isBuilt(config: ImageConfig): config is BuiltImageConfig {
  return 'directory' in config;
}

/** Where an image of an environment file lies; `repository` is the name of the one it is pushed to if it is built. */
export function imageConfig(
  { root, file, property, repository }: { root: string; file: string; property: string; repository: string },
  given: z.infer<typeof image>,
): ImageConfig {
  if (!('build' in given)) return given;
  const { build, ...settings } = given;
  const dockerfile = settings.file ?? DEFAULT_FILE;
  if (!existsSync(join(root, build, dockerfile))) {
    throw new ConfigError(`${file}: '${property}.build' is '${build}', must be a folder with '${dockerfile}'`);
  }
  return { ...settings, repository, directory: join(root, build) };
}
