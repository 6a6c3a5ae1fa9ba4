import fc from 'fast-check';
import { partsOf } from '../../../lambda/promotion/ecr-repositories';
import { copyImage, type Manifest, type SourceImages, type TargetImages } from '../../../lambda/promotion/image-copy';
import { sha256 } from '../../../lambda/shared/canonical-json';

const digest = (text: string): string => `sha256:${sha256(text)}`;

/** A repository in memory: it takes a manifest only when it has all that the manifest names, as ECR does. */
class Repository implements SourceImages, TargetImages {
  readonly manifests = new Map<string, Manifest>();
  readonly layers = new Map<string, string>();
  readonly tags = new Map<string, string>();
  readonly sent: string[] = [];
  dies = Infinity;

  add(content: object): string {
    const manifest = { text: JSON.stringify(content), mediaType: 'application/vnd.oci.image.manifest.v1+json' };
    this.manifests.set(digest(manifest.text), manifest);
    return digest(manifest.text);
  }
  addLayer(text: string): { digest: string } {
    this.layers.set(digest(text), text);
    return { digest: digest(text) };
  }
  manifest(name: string): Promise<Manifest | undefined> {
    return Promise.resolve(this.manifests.get(name));
  }
  async *layer(name: string): AsyncIterable<Uint8Array> {
    yield* await Promise.resolve([...Buffer.from(this.layers.get(name) ?? '')].map(byte => Buffer.from([byte])));
  }
  has(name: string): Promise<boolean> {
    return Promise.resolve(this.manifests.has(name));
  }
  hasLayer(name: string): Promise<boolean> {
    return Promise.resolve(this.layers.has(name));
  }
  async putLayer(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.sent.length >= this.dies) throw new Error('died');
    const chunks = [];
    for await (const chunk of content) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    expect(digest(text)).toBe(name);
    this.layers.set(name, text);
    this.sent.push(name);
  }
  putManifest(name: string, manifest: Manifest, tag?: string): Promise<void> {
    const { manifests = [], config, layers = [] } = JSON.parse(manifest.text);
    for (const child of manifests) expect(this.manifests.has(child.digest)).toBe(true);
    for (const blob of [config, ...layers].filter(blob => blob !== undefined && blob.mediaType === undefined)) {
      expect(this.layers.has(blob.digest)).toBe(true);
    }
    this.manifests.set(name, manifest);
    if (tag !== undefined) this.tags.set(tag, name);
    return Promise.resolve();
  }
}

test('an image arrives with its layers, by the same digest, under a tag that no life-cycle rule for leftovers meets', async () => {
  const [from, to] = [new Repository(), new Repository()];
  const image = from.add({ config: from.addLayer('config'), layers: [from.addLayer('one'), from.addLayer('two')] });
  await copyImage(image, from, to);
  expect(to.manifests.get(image)).toEqual(from.manifests.get(image));
  expect(to.layers).toEqual(from.layers);
  expect([...to.tags]).toEqual([[`promoted-${image.slice(7, 23)}`, image]]);
});

test('an image for several platforms arrives with each of them', async () => {
  const [from, to] = [new Repository(), new Repository()];
  const one = from.add({ config: from.addLayer('arm'), layers: [from.addLayer('shared')] });
  const other = from.add({ config: from.addLayer('intel'), layers: [from.addLayer('shared')] });
  const index = from.add({ manifests: [{ digest: one }, { digest: other }] });
  await copyImage(index, from, to);
  expect([...to.manifests.keys()].sort()).toEqual([one, other, index].sort());
  expect([...to.tags.values()]).toEqual([index]);
  expect(to.sent.filter(name => name === digest('shared'))).toHaveLength(1);
});

test('a try after one that died goes on where that ended', async () => {
  const [from, to] = [new Repository(), new Repository()];
  const image = from.add({ config: from.addLayer('config'), layers: [from.addLayer('one'), from.addLayer('two')] });
  to.dies = 2;
  await expect(copyImage(image, from, to)).rejects.toThrow('died');
  expect(to.manifests.size).toBe(0);
  to.dies = Infinity;
  await copyImage(image, from, to);
  expect(to.sent).toHaveLength(3);
  await copyImage(image, from, to);
  expect(to.sent).toHaveLength(3);
});

test('a layer that no registry keeps is left to its own place', async () => {
  const [from, to] = [new Repository(), new Repository()];
  const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  const image = from.add({ layers: [{ digest: digest('windows'), mediaType }] });
  await copyImage(image, from, to);
  expect([await to.has(image), to.sent]).toEqual([true, []]);
});

test('fails on an image that is gone, or is not what its digest says', async () => {
  const [from, to] = [new Repository(), new Repository()];
  await expect(copyImage(digest('gone'), from, to)).rejects.toThrow('is gone from its repository, push it again');
  from.manifests.set(digest('right'), { text: 'wrong', mediaType: 'm' });
  await expect(copyImage(digest('right'), from, to)).rejects.toThrow('is not what its digest says');
  expect(to.manifests.size).toBe(0);
});

test('a layer goes up in parts of one size but for the last, and no byte is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.integer({ min: 1, max: 20 }),
      async (chunks, size) => {
        async function* content(): AsyncIterable<Uint8Array> {
          yield* await Promise.resolve(chunks);
        }
        const parts: Uint8Array[] = [];
        for await (const part of partsOf(content(), size)) parts.push(part);
        expect(Buffer.concat(parts)).toEqual(Buffer.concat(chunks));
        expect(parts.slice(0, -1).every(({ length }) => length === size)).toBe(true);
        expect(parts.every(({ length }) => length > 0 && length <= size)).toBe(true);
      },
    ),
  );
});
