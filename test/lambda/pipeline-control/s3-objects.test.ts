import { Readable } from 'node:stream';
import { S3Objects } from '../../../lambda/pipeline-control/s3-objects';
import { sha256 } from '../../../lambda/shared/canonical-json';
import { fakeClient, serviceError } from '../support/fake-client';

const missing = fakeClient({
  GetObject: () => {
    throw serviceError('NoSuchKey');
  },
});

describe('S3Objects', () => {
  test('hashes an object as it flows', async () => {
    const { client, sent } = fakeClient({
      GetObject: () => ({ Body: Readable.from([Buffer.from('mod'), Buffer.from('el')]), ETag: '"e1"' }),
    });

    expect(await new S3Objects(client).digest('s3://bucket/a/b.tar.gz')).toEqual({
      sha256: sha256('model'),
      etag: 'e1',
    });
    expect(sent[0]?.input).toEqual({ Bucket: 'bucket', Key: 'a/b.tar.gz' });
  });

  test('has nothing where there is no object', async () => {
    const objects = new S3Objects(missing.client);

    expect(await objects.digest('s3://bucket/key')).toBeUndefined();
    expect(await objects.text('s3://bucket/key')).toBeUndefined();
  });

  test('lets every other error through', async () => {
    const { client } = fakeClient({
      GetObject: () => {
        throw serviceError('AccessDenied');
      },
    });

    await expect(new S3Objects(client).text('s3://bucket/key')).rejects.toThrow('AccessDenied');
  });

  test('writes JSON', async () => {
    const { client, sent } = fakeClient({ PutObject: () => ({}) });

    await new S3Objects(client).write('s3://bucket/key', '{}');

    expect(sent[0]?.input).toEqual({ Bucket: 'bucket', Key: 'key', Body: '{}', ContentType: 'application/json' });
  });

  test.each(['bucket/key', 's3://bucket', 's3:///key', ''])('fails on the URI %p', async uri => {
    await expect((async () => new S3Objects(missing.client).text(uri))()).rejects.toThrow(/must be 's3:/);
  });
});
