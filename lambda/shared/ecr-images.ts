import { DescribeImagesCommand, type ECRClient } from '@aws-sdk/client-ecr';

/** What a registry says of an image. */
export type StoredImage =
  | { readonly state: 'found'; readonly digest: string }
  | { readonly state: 'gone' }
  /** In another registry than this account's in this region, where nothing can be looked up. */
  | { readonly state: 'elsewhere' };

/** An image in ECR, as its URI names it. */
interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repositoryName: string;
  readonly imageId: { readonly imageDigest: string } | { readonly imageTag: string };
}

/** Looks images up in the ECR registry of one account and region. */
export class EcrImages {
  constructor(
    private readonly ecr: ECRClient,
    private readonly registry: { readonly account: string; readonly region: string },
  ) {}

  /** The image that a URI stands for now; a tag may stand for another one tomorrow. */
  async find(uri: string): Promise<StoredImage> {
    const image = parseEcrImage(uri);
    if (image?.account !== this.registry.account || image.region !== this.registry.region) {
      return { state: 'elsewhere' };
    }
    const { account: registryId, repositoryName, imageId } = image;
    try {
      const { imageDetails } = await this.ecr.send(
        new DescribeImagesCommand({ registryId, repositoryName, imageIds: [imageId] }),
      );
      const digest = imageDetails?.[0]?.imageDigest;
      return digest === undefined ? { state: 'gone' } : { state: 'found', digest };
    } catch (error) {
      const gone = ['ImageNotFoundException', 'RepositoryNotFoundException'];
      if (error instanceof Error && gone.includes(error.name)) return { state: 'gone' };
      throw error;
    }
  }
}

/** An image by its digest instead of its tag, where the digest is known: nobody can push another one under it. */
export function imageByDigest(uri: string, digest?: string): string {
  return digest === undefined || isByDigest(uri) ? uri : `${uri.replace(/:[^:/]+$/, '')}@${digest}`;
}

/** Whether a URI names an image by its digest. */
export function isByDigest(uri: string): boolean {
  return uri.includes('@sha256:');
}

/** The parts of an ECR image's URI; nothing if it names another registry. */
export function parseEcrImage(uri: string): EcrImage | undefined {
  const match =
    /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
      uri,
    );
  if (match === null) return undefined;
  const [, account, region, repositoryName] = match;
  // no capture is an undefined one, whatever the types say
  const [imageTag, imageDigest] = match.slice(4) as (string | undefined)[];
  return {
    account,
    region,
    repositoryName,
    imageId: imageDigest === undefined ? { imageTag: imageTag ?? 'latest' } : { imageDigest },
  };
}
