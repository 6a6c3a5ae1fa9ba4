import { S3Client } from '@aws-sdk/client-s3';
import { S3Zones } from '../../../lambda/pipeline-data/s3-zones';
import { snapshotFiles } from '../../../lambda/pipeline-data/snapshot-files';
import { fakeClient, serviceError } from '../support/fake-client';
import { SCHEMA } from './fixtures';

const BUCKETS = { raw: 'raw', curated: 'curated', snapshots: 'snapshots' };
const SNAPSHOT = snapshotFiles(SCHEMA, { train: ['1000,1,clear,0'], holdout: ['1001,1,clear,1'] }, []);

describe('S3Zones', () => {
  test('writes a snapshot once, with a checksum, its manifest last', async () => {
    const { client, sent } = fakeClient({ PutObject: () => ({}) });

    await new S3Zones(client, BUCKETS).writeSnapshot('rain', SNAPSHOT);

    expect(sent).toHaveLength(4);
    expect(sent[0]?.input).toMatchObject({
      Bucket: 'snapshots',
      Key: `rain/${SNAPSHOT.digest}/train.csv`,
      IfNoneMatch: '*',
      ChecksumSHA256: expect.stringMatching(/=$/) as string,
    });
    expect(sent[3]?.input.Key).toBe(`rain/${SNAPSHOT.digest}/manifest.json`);
  });

  test('takes a snapshot that is there for written', async () => {
    const sizes = SNAPSHOT.files.map(({ content }) => content.length);
    const { client } = fakeClient({
      PutObject: () => {
        throw serviceError('PreconditionFailed');
      },
      HeadObject: () => ({ ContentLength: sizes.shift() }),
    });

    await expect(new S3Zones(client, BUCKETS).writeSnapshot('rain', SNAPSHOT)).resolves.toBeUndefined();
  });

  test('fails when something else lies under the name of a snapshot', async () => {
    const { client } = fakeClient({
      PutObject: () => {
        throw serviceError('PreconditionFailed');
      },
      HeadObject: () => ({ ContentLength: 1 }),
    });

    await expect(new S3Zones(client, BUCKETS).writeSnapshot('rain', SNAPSHOT)).rejects.toThrow(
      /snapshot object 'rain\/.*\/train.csv' has 1 bytes, must have/,
    );
  });

  test('lists the batches whose _READY is there', async () => {
    const at = new Date('2026-11-24T00:00:00Z');
    const { client } = fakeClient({
      ListObjectsV2: () => ({
        Contents: [
          { Key: 'rain/b/part-0.csv', LastModified: at, ETag: '"x"' },
          { Key: 'rain/b/_READY', LastModified: at, ETag: '"y"' },
          { Key: 'rain/unfinished/part-0.csv', LastModified: at, ETag: '"z"' },
        ],
      }),
    });

    // the SDK's paginators look at the client's class
    Object.setPrototypeOf(client, S3Client.prototype);

    expect(await new S3Zones(client, BUCKETS).landed('rain')).toEqual([
      { batchId: 'b', readyAt: '2026-11-24T00:00:00.000Z', declaration: 'y of 2026-11-24T00:00:00.000Z' },
    ]);
  });

  test('writes the report of a batch after everything else', async () => {
    const { client, sent } = fakeClient({ PutObject: () => ({}) });
    const report = {
      rows: 1,
      valid: 1,
      quarantined: 0,
      ignoredColumns: [],
      declaration: 'e',
      schemaDigest: 's',
      sources: [],
    };

    await new S3Zones(client, BUCKETS).writeCurated('rain', 'b', { report, data: 'x', quarantine: [] });

    expect(sent.map(({ input }) => input.Key)).toEqual([
      'rain/b/data.csv',
      'rain/b/quarantine.json',
      'rain/b/validation.json',
    ]);
  });

  test('has no report of a batch that was never validated', async () => {
    const { client } = fakeClient({
      GetObject: () => {
        throw serviceError('NoSuchKey');
      },
    });

    expect(await new S3Zones(client, BUCKETS).report('rain', 'b')).toBeUndefined();
  });

  test('tells a file that is missing and one that is too large', async () => {
    const missing = fakeClient({
      GetObject: () => {
        throw serviceError('NoSuchKey');
      },
    });
    const large = fakeClient({ GetObject: () => ({ ContentLength: 1e9 }) });

    expect(await new S3Zones(missing.client, BUCKETS).rawFiles('rain', 'b').read('a.csv')).toBe('missing');
    expect(await new S3Zones(large.client, BUCKETS).rawFiles('rain', 'b').read('a.csv')).toEqual({ tooLarge: 1e9 });
  });
});
