import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { athenaRows } from '../../../lambda/shared/athena-results';
import { BaselineSource } from '../../../lambda/monitor/baseline-source';
import { JsonObjects } from '../../../lambda/monitor/json-objects';
import { fakeClient, serviceError } from '../support/fake-client';
import { BASELINE } from './world';

const body = (text: string): object => ({
  transformToString: () => Promise.resolve(text),
  transformToByteArray: () => Promise.resolve(Buffer.from(text)),
  stream: Readable.from([text]),
});

describe('athenaRows', () => {
  test('takes column names from the header, and turns pages', async () => {
    const cells = (...values: (string | undefined)[]) => ({ Data: values.map(VarCharValue => ({ VarCharValue })) });
    const { client } = fakeClient({
      GetQueryResults: ({ NextToken }) =>
        NextToken === undefined
          ? { ResultSet: { Rows: [cells('label', 'n'), cells('1', '2')] }, NextToken: 'more' }
          : { ResultSet: { Rows: [cells(undefined, '3')] } },
    });

    expect(await athenaRows(client, 'id')).toEqual([
      { label: '1', n: '2' },
      { label: undefined, n: '3' },
    ]);
  });
});

describe('JsonObjects', () => {
  test('an object that is not there is nothing', async () => {
    const { client } = fakeClient({
      GetObject: () => {
        throw serviceError('NoSuchKey');
      },
    });

    expect(await new JsonObjects(client, 'bucket').read('key')).toBeUndefined();
  });

  test('fails on when the object is forbidden', async () => {
    const { client } = fakeClient({
      GetObject: () => {
        throw serviceError('AccessDenied');
      },
    });

    await expect(new JsonObjects(client, 'bucket').read('key')).rejects.toThrow('AccessDenied');
  });

  test('lists all pages', async () => {
    const { client } = fakeClient({
      ListObjectsV2: ({ ContinuationToken }) =>
        ContinuationToken === undefined
          ? { Contents: [{ Key: 'a' }], NextContinuationToken: 'more' }
          : { Contents: [{ Key: 'b' }] },
    });

    expect(await new JsonObjects(client, 'bucket').list('')).toEqual(['a', 'b']);
  });
});

describe('BaselineSource', () => {
  const text = JSON.stringify(BASELINE);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const source = (statistics: object | undefined, content = text): BaselineSource =>
    new BaselineSource(
      fakeClient({
        DescribeModelPackage: () => ({
          DriftCheckBaselines: { ModelDataQuality: { Statistics: statistics } },
        }),
      }).client,
      fakeClient({ GetObject: () => ({ Body: body(content) }) }).client,
    );

  test('reads the baseline that the model package names', async () => {
    const read = await source({ S3Uri: 's3://bucket/rain/baseline.json', ContentDigest: digest }).read('arn');

    expect(read).toEqual(BASELINE);
  });

  test('fails when the content is not what was registered', async () => {
    await expect(
      source({ S3Uri: 's3://bucket/rain/baseline.json', ContentDigest: digest }, `${text} `).read('arn'),
    ).rejects.toThrow(`model package 'arn' was registered with '${digest}'`);
  });

  test('fails for a version without a baseline', async () => {
    await expect(source(undefined).read('arn')).rejects.toThrow('must be the S3 address of its baseline.json');
  });
});
