import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CreateRepositoryCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import type { Aws } from './aws';
import type { Scene } from './scene';
import { imagesFile } from './environment-file';

/**
 * Pushes the images, as a team's CI does before it deploys. No engine builds them here, so each manifest names what an
 * image would be built from by its digest: other code makes another image.
 */
export async function pushImages(scene: Scene): Promise<void> {
  for (const image of imagesFile(scene.repository, scene.environment)) {
    const [repositoryName, imageTag] = image.split(':');
    const sources = join(scene.repository, 'images', basename(repositoryName));
    await scene.aws.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
    await scene.aws.ecr.send(new PutImageCommand({ repositoryName, imageTag, imageManifest: manifestOf(sources) }));
  }
}

/** Makes the repositories of an environment whose images come from another one. */
export async function makeRepositories(aws: Aws, repository: string, environment: string): Promise<void> {
  for (const image of imagesFile(repository, environment)) {
    const [repositoryName] = image.split(':');
    await aws.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
  }
}

function manifestOf(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  for (const file of files) hash.update(file.slice(folder.length)).update(readFileSync(file));
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    annotations: { 'org.opencontainers.image.revision': hash.digest('hex') },
  });
}
