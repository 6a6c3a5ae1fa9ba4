import {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  DescribeImagesCommand,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
  type ECRClient,
} from '@aws-sdk/client-ecr';
import type { Manifest, SourceImages, TargetImages } from './image-copy';
import { PromotionRefused } from './ports';

/** All that ECR may hold; it answers a kind that was not asked for by another one, with another digest. */
const MEDIA_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** A repository of one account. */
export interface Repository {
  readonly registryId: string;
  readonly repositoryName: string;
}

/** A repository that is read. */
export class EcrSource implements SourceImages {
  constructor(
    private readonly ecr: ECRClient,
    private readonly repository: Repository,
  ) {}

  async manifest(digest: string): Promise<Manifest | undefined> {
    const { images } = await this.ecr.send(
      new BatchGetImageCommand({
        ...this.repository,
        imageIds: [{ imageDigest: digest }],
        acceptedMediaTypes: MEDIA_TYPES,
      }),
    );
    const image = images?.[0];
    if (image?.imageManifest === undefined) return undefined;
    return { text: image.imageManifest, mediaType: image.imageManifestMediaType ?? MEDIA_TYPES[0] };
  }

  async *layer(digest: string): AsyncIterable<Uint8Array> {
    const { downloadUrl = '' } = await this.ecr.send(
      new GetDownloadUrlForLayerCommand({ ...this.repository, layerDigest: digest }),
    );
    const answer = await fetch(downloadUrl);
    if (!answer.ok || answer.body === null) {
      throw new Error(`layer '${digest}' could not be read: its registry answered ${answer.status}`);
    }
    yield* answer.body;
  }
}

/** A repository that is written. */
export class EcrTarget implements TargetImages {
  constructor(
    private readonly ecr: ECRClient,
    private readonly repository: Repository,
  ) {}

  async has(digest: string): Promise<boolean> {
    try {
      const imageIds = [{ imageDigest: digest }];
      const { imageDetails } = await this.ecr.send(new DescribeImagesCommand({ ...this.repository, imageIds }));
      return (imageDetails ?? []).length > 0;
    } catch (error) {
      if (named(error, 'ImageNotFoundException')) return false;
      if (named(error, 'RepositoryNotFoundException')) {
        throw new PromotionRefused(
          `repository '${this.repository.repositoryName}' does not exist in this account, create it and approve the version there again`,
        );
      }
      throw error;
    }
  }

  async hasLayer(digest: string): Promise<boolean> {
    const { layers } = await this.ecr.send(
      new BatchCheckLayerAvailabilityCommand({ ...this.repository, layerDigests: [digest] }),
    );
    return layers?.[0]?.layerAvailability === 'AVAILABLE';
  }

  async putLayer(digest: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { uploadId, partSize } = await this.ecr.send(new InitiateLayerUploadCommand(this.repository));
    if (partSize === undefined || partSize < 1) {
      throw new Error(`ECR tells no size of the parts of layer '${digest}', must tell one above 0`);
    }
    let at = 0;
    for await (const part of partsOf(content, partSize)) {
      await this.ecr.send(
        new UploadLayerPartCommand({
          ...this.repository,
          uploadId,
          partFirstByte: at,
          partLastByte: at + part.length - 1,
          layerPartBlob: part,
        }),
      );
      at += part.length;
    }
    try {
      // it refuses bytes that have another digest
      await this.ecr.send(new CompleteLayerUploadCommand({ ...this.repository, uploadId, layerDigests: [digest] }));
    } catch (error) {
      if (!named(error, 'LayerAlreadyExistsException')) throw error;
    }
  }

  async putManifest(digest: string, { text, mediaType }: Manifest, tag?: string): Promise<void> {
    try {
      await this.ecr.send(
        new PutImageCommand({
          ...this.repository,
          imageManifest: text,
          imageManifestMediaType: mediaType,
          imageDigest: digest,
          ...(tag === undefined ? {} : { imageTag: tag }),
        }),
      );
    } catch (error) {
      if (!named(error, 'ImageAlreadyExistsException')) throw error;
    }
  }
}

/** The same bytes in parts of one size, but for the last: ECR takes no others. */
export async function* partsOf(content: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    held.push(chunk);
    length += chunk.length;
    while (length >= size) {
      const all = Buffer.concat(held);
      yield all.subarray(0, size);
      held = [all.subarray(size)];
      length -= size;
    }
  }
  if (length > 0) yield Buffer.concat(held);
}

function named(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
