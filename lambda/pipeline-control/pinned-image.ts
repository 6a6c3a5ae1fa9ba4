import { imageByDigest, isByDigest } from '../shared/ecr-images';
import type { Ports } from './ports';

/** An image under a name that means one thing forever. */
export interface PinnedImage {
  /** With its digest, without its tag. */
  readonly uri: string;
  /** As ECR writes it, `sha256:…`. */
  readonly digest: string;
}

/**
 * The image that a URI means now, by its digest, or why no run may begin with it: a tag that moves later would make
 * another run of the same inputs.
 */
export async function pinnedImage(
  uri: string,
  ports: Pick<Ports, 'image'>,
): Promise<PinnedImage | { readonly problem: string }> {
  const stored = await ports.image(uri);
  if (stored.state === 'gone') {
    return { problem: `image '${uri}' is not in its repository, push it, or name in the settings one that is there` };
  }
  if (stored.state === 'found') return { uri: imageByDigest(untagged(uri), stored.digest), digest: stored.digest };
  if (!isByDigest(uri)) {
    return {
      problem: `image '${uri}' lies in another registry than this account's in this region, where no tag can be looked up, name it by its digest, '…@sha256:…'`,
    };
  }
  return { uri: untagged(uri), digest: uri.slice(uri.indexOf('@') + 1) };
}

/** Of a tag beside a digest, the tag says nothing. */
function untagged(uri: string): string {
  return isByDigest(uri) ? uri.replace(/:[^:/@]+@/, '@') : uri;
}
