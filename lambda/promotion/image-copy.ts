import { sha256 } from '../shared/canonical-json';
import { PromotionRefused } from './ports';

/** A manifest as its registry keeps it: its digest is that of these very bytes. */
export interface Manifest {
  readonly text: string;
  readonly mediaType: string;
}

/** The repository an image comes from. */
export interface SourceImages {
  manifest(digest: string): Promise<Manifest | undefined>;
  layer(digest: string): AsyncIterable<Uint8Array>;
}

/** The repository it goes to. */
export interface TargetImages {
  has(digest: string): Promise<boolean>;
  hasLayer(digest: string): Promise<boolean>;
  putLayer(digest: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** The same once more is no error. */
  putManifest(digest: string, manifest: Manifest, tag?: string): Promise<void>;
}

/** An OCI or Docker manifest, or an index of such. */
interface Content {
  readonly manifests?: readonly Blob[];
  readonly config?: Blob;
  readonly layers?: readonly Blob[];
}
interface Blob {
  readonly digest: string;
  readonly mediaType?: string;
}

/** Layers that no registry keeps. */
const FOREIGN = /foreign|nondistributable/;

/** An image without a tag may be taken for a leftover by a life-cycle rule. */
export function tagOf(digest: string): string {
  return `promoted-${digest.slice('sha256:'.length).slice(0, 16)}`;
}

/** Copies an image part by part; parts that are there already are not sent again, so a try goes on where one ended. */
export async function copyImage(digest: string, from: SourceImages, to: TargetImages): Promise<void> {
  await copy(digest, from, to, tagOf(digest));
}

async function copy(digest: string, from: SourceImages, to: TargetImages, tag?: string): Promise<void> {
  if (await to.has(digest)) return;
  const manifest = await from.manifest(digest);
  if (manifest === undefined)
    throw new PromotionRefused(`the image '${digest}' is gone from its repository, push it again`);
  if (`sha256:${sha256(manifest.text)}` !== digest) {
    throw new PromotionRefused(
      `the image '${digest}' is not what its digest says: it is sha256:${sha256(manifest.text)}`,
    );
  }
  const { manifests = [], config, layers = [] } = JSON.parse(manifest.text) as Content;
  for (const child of manifests) await copy(child.digest, from, to);
  for (const blob of [...(config === undefined ? [] : [config]), ...layers]) {
    if (FOREIGN.test(blob.mediaType ?? '') || (await to.hasLayer(blob.digest))) continue;
    await to.putLayer(blob.digest, from.layer(blob.digest));
  }
  await to.putManifest(digest, manifest, tag);
}
