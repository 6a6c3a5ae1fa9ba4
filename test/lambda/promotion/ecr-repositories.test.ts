import { EcrSource, EcrTarget } from '../../../lambda/promotion/ecr-repositories';
import { fakeClient, serviceError, type Responder } from '../support/fake-client';

const REPOSITORY = { registryId: '222222222222', repositoryName: 'served' };
const DIGEST = `sha256:${'a'.repeat(64)}`;
const MANIFEST = { text: '{}', mediaType: 'application/vnd.oci.image.manifest.v1+json' };

function target(responders: Partial<Record<string, Responder>>) {
  const { client, sent } = fakeClient(responders);
  return { images: new EcrTarget(client, REPOSITORY), sent };
}
const failing =
  (name: string): Responder =>
  () => {
    throw serviceError(name);
  };
async function* bytes(...chunks: string[]): AsyncIterable<Uint8Array> {
  yield* await Promise.resolve(chunks.map(chunk => Buffer.from(chunk)));
}

test('an image of another account is asked for in its registry, in any form that its digest may be of', async () => {
  const { client, sent } = fakeClient({
    BatchGetImage: () => ({ images: [{ imageManifest: '{}', imageManifestMediaType: MANIFEST.mediaType }] }),
  });
  expect(await new EcrSource(client, REPOSITORY).manifest(DIGEST)).toEqual(MANIFEST);
  expect(sent[0]?.input).toMatchObject({ ...REPOSITORY, imageIds: [{ imageDigest: DIGEST }] });
  expect(sent[0]?.input.acceptedMediaTypes).toContain('application/vnd.oci.image.index.v1+json');
});

test('an image that is gone is none', async () => {
  const { client } = fakeClient({
    BatchGetImage: () => ({ images: [], failures: [{ failureCode: 'ImageNotFound' }] }),
  });
  expect(await new EcrSource(client, REPOSITORY).manifest(DIGEST)).toBeUndefined();
});

test('a layer goes up in parts of the size that ECR says, each at its place', async () => {
  const { images, sent } = target({
    InitiateLayerUpload: () => ({ uploadId: 'u', partSize: 4 }),
    UploadLayerPart: () => ({}),
    CompleteLayerUpload: () => ({}),
  });
  await images.putLayer(DIGEST, bytes('abc', 'defg', 'hi'));
  expect(
    sent
      .filter(({ name }) => name === 'UploadLayerPart')
      .map(({ input }) => [
        input.partFirstByte,
        input.partLastByte,
        Buffer.from(input.layerPartBlob as never).toString(),
      ]),
  ).toEqual([
    [0, 3, 'abcd'],
    [4, 7, 'efgh'],
    [8, 8, 'i'],
  ]);
  expect(sent.at(-1)?.input).toMatchObject({ uploadId: 'u', layerDigests: [DIGEST] });
});

test('what another try has brought meanwhile is no error', async () => {
  const { images } = target({
    InitiateLayerUpload: () => ({ uploadId: 'u', partSize: 4 }),
    UploadLayerPart: () => ({}),
    CompleteLayerUpload: failing('LayerAlreadyExistsException'),
    PutImage: failing('ImageAlreadyExistsException'),
  });
  await expect(images.putLayer(DIGEST, bytes('a'))).resolves.toBeUndefined();
  await expect(images.putManifest(DIGEST, MANIFEST, 'promoted-a')).resolves.toBeUndefined();
});

test('bytes that have another digest are refused by ECR, and that is an error', async () => {
  const { images } = target({
    InitiateLayerUpload: () => ({ uploadId: 'u', partSize: 4 }),
    UploadLayerPart: () => ({}),
    CompleteLayerUpload: failing('InvalidLayerException'),
  });
  await expect(images.putLayer(DIGEST, bytes('a'))).rejects.toThrow('InvalidLayerException');
});

test('an image is here, is not, or has no repository to be in', async () => {
  expect(await target({ DescribeImages: () => ({ imageDetails: [{}] }) }).images.has(DIGEST)).toBe(true);
  expect(await target({ DescribeImages: failing('ImageNotFoundException') }).images.has(DIGEST)).toBe(false);
  await expect(target({ DescribeImages: failing('RepositoryNotFoundException') }).images.has(DIGEST)).rejects.toThrow(
    "repository 'served' does not exist in this account, create it",
  );
  await expect(target({ DescribeImages: failing('ServerException') }).images.has(DIGEST)).rejects.toThrow(
    'ServerException',
  );
});

test('a layer that ECR does not have is sent', async () => {
  const layers = (layerAvailability: string) => ({
    BatchCheckLayerAvailability: () => ({ layers: [{ layerAvailability }] }),
  });
  expect(await target(layers('AVAILABLE')).images.hasLayer(DIGEST)).toBe(true);
  expect(await target(layers('UNAVAILABLE')).images.hasLayer(DIGEST)).toBe(false);
});
