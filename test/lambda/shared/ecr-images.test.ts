import { EcrImages, imageByDigest } from '../../../lambda/shared/ecr-images';
import { fakeClient, serviceError, type Responder } from '../support/fake-client';

const REGISTRY = { account: '111122223333', region: 'eu-west-1' };
const URI = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/mlops/model-server:1.0.0';
const DIGEST = `sha256:${'a'.repeat(64)}`;

function images(DescribeImages: Responder) {
  const { client, sent } = fakeClient({ DescribeImages });
  return { images: new EcrImages(client, REGISTRY), sent };
}

describe('an image in the own registry', () => {
  test.each([
    [URI, { imageTag: '1.0.0' }],
    [URI.replace(':1.0.0', ''), { imageTag: 'latest' }],
    [`${URI}@${DIGEST}`, { imageDigest: DIGEST }],
  ])('is found by %s', async (uri, imageId) => {
    const { images: ecr, sent } = images(() => ({ imageDetails: [{ imageDigest: DIGEST }] }));

    expect(await ecr.find(uri)).toEqual({ state: 'found', digest: DIGEST });
    expect(sent[0].input).toEqual({
      registryId: '111122223333',
      repositoryName: 'mlops/model-server',
      imageIds: [imageId],
    });
  });

  test.each(['ImageNotFoundException', 'RepositoryNotFoundException'])('is gone by %s', async name => {
    const { images: ecr } = images(() => {
      throw serviceError(name);
    });
    expect(await ecr.find(URI)).toEqual({ state: 'gone' });
  });

  test('of which ECR says nothing for another reason is not gone', async () => {
    const { images: ecr } = images(() => {
      throw serviceError('AccessDeniedException');
    });
    await expect(ecr.find(URI)).rejects.toThrow();
  });
});

test.each([
  'public.ecr.aws/mlops/model-server:1.0.0',
  'mlops/model-server',
  URI.replace('111122223333', '999999999999'),
  URI.replace('eu-west-1', 'us-east-1'),
])('%s is elsewhere, and nobody is asked', async uri => {
  const { images: ecr, sent } = images(() => ({}));

  expect(await ecr.find(uri)).toEqual({ state: 'elsewhere' });
  expect(sent).toEqual([]);
});

test.each([
  ['repository:1', 'repository@sha256:1'],
  ['registry:5000/repository', 'registry:5000/repository@sha256:1'],
  [URI, `${URI.replace(':1.0.0', '')}@sha256:1`],
  [`${URI}@${DIGEST}`, `${URI}@${DIGEST}`],
])('%s by its digest is %s', (uri, byDigest) => {
  expect(imageByDigest(uri, 'sha256:1')).toBe(byDigest);
  expect(imageByDigest(uri)).toBe(uri);
});
