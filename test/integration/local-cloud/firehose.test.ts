import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand,
  type ExtendedS3DestinationConfiguration,
} from '@aws-sdk/client-firehose';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { gunzipSync } from 'node:zlib';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually, role } from './stack';

const BUCKET = 'delivered';
const NO_INTERVAL = { SizeInMBs: 1, IntervalInSeconds: 0 };

let cloud: LocalCloud;
let firehose: FirehoseClient;
let s3: S3Client;
let outputs: Record<string, string>;

beforeAll(async () => {
  cloud = await startLocalCloud();
  firehose = new FirehoseClient(clientOf(cloud));
  s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const delivers = role('firehose.amazonaws.com', [
    { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/*` },
    { Effect: 'Allow', Action: 'glue:GetTableVersions', Resource: '*' },
  ]);
  outputs = await deploy(
    cloud,
    'delivery',
    { Delivery: delivers, NoRight: role('firehose.amazonaws.com', []), Other: role('lambda.amazonaws.com', []) },
    Object.fromEntries(['Delivery', 'NoRight', 'Other'].map(name => [name, { 'Fn::GetAtt': [name, 'Arn'] }])),
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

async function create(
  name: string,
  settings: Partial<ExtendedS3DestinationConfiguration> = {},
): Promise<(...lines: string[]) => Promise<unknown>> {
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        BucketARN: `arn:aws:s3:::${BUCKET}`,
        RoleARN: outputs.Delivery,
        Prefix: `${name}/`,
        ...settings,
      },
    }),
  );
  return (...lines) =>
    firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: name,
        Records: lines.map(line => ({ Data: Buffer.from(line) })),
      }),
    );
}

async function objects(prefix: string): Promise<{ key: string; body: Buffer }[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${prefix}/` }));
  return Promise.all(
    Contents.map(async ({ Key: key = '' }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return { key, body: Buffer.from((await Body?.transformToByteArray()) ?? []) };
    }),
  );
}

test('records wait for the interval, and leave as one object named by the first', async () => {
  // GIVEN records over some time
  const put = await create('waits');
  const first = await cloud.clock.now();
  await put('a\n', 'b\n');
  await cloud.clock.advance(200);
  await put('c\n');
  expect(await objects('waits')).toEqual([]);

  // WHEN the interval of the first is over
  await cloud.clock.advance(110);

  // THEN
  const [object, ...others] = await objects('waits');
  expect(others).toEqual([]);
  expect(object.body.toString()).toBe('a\nb\nc\n');
  const [, year, month, day, hour, name] = object.key.split('/');
  const named = /^waits-1-(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-[0-9a-f-]{36}$/.exec(name);
  expect(named?.slice(1, 5)).toEqual([year, month, day, hour]);
  const [Y, M, D, h, m, s] = (named ?? []).slice(1).map(Number);
  expect(Math.abs(Date.UTC(Y, M - 1, D, h, m, s) - first.getTime())).toBeLessThan(5000);
});

test('a move over several deliveries makes each at its own time', async () => {
  // GIVEN two streams that are due one after the other, the later one created first
  const slow = await create('slow', { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 600 } });
  const quick = await create('quick', { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 } });
  await slow('s');
  await quick('q');
  const put = (await cloud.clock.now()).getTime();
  // WHEN
  await cloud.clock.advance(3600);
  // THEN
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const writtenAfter = (name: string): number => {
    const written = Contents.find(({ Key }) => Key?.startsWith(`${name}/`))?.LastModified;
    return Math.round(((written?.getTime() ?? 0) - put) / 10_000) * 10;
  };
  expect([writtenAfter('quick'), writtenAfter('slow')]).toEqual([60, 600]);
});

test('a buffer that is full does not wait', async () => {
  const put = await create('full', { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 900 } });
  await put('x'.repeat(600_000));
  expect(await objects('full')).toEqual([]);
  await put('x'.repeat(600_000));
  const [{ body }] = await objects('full');
  expect(body.length).toBe(1_200_000);
});

test('time alone delivers too, without a move of the clock', async () => {
  const put = await create('real', { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 } });
  await put('a');
  const [{ body }] = await eventually(async () => {
    const found = await objects('real');
    return found.length > 0 ? found : undefined;
  });
  expect(body.toString()).toBe('a');
});

test('gzip is applied and shows in the name', async () => {
  const put = await create('zipped', { CompressionFormat: 'GZIP', BufferingHints: NO_INTERVAL });
  await put('a line that is long enough\n');
  const [{ key, body }] = await objects('zipped');
  expect(key).toMatch(/\.gz$/);
  expect(gunzipSync(body).toString()).toBe('a line that is long enough\n');
});

test('a deleted stream delivers nothing any more', async () => {
  const put = await create('gone');
  await put('a');
  await firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: 'gone' }));
  await cloud.clock.advance(600);
  expect(await objects('gone')).toEqual([]);
});

test.each(['ZIP', 'Snappy', 'HADOOP_SNAPPY'] as const)('fails by name on compression as %s', async format => {
  await expect(create('refused', { CompressionFormat: format })).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: `'CompressionFormat' '${format}' is not implemented by the local cloud; it knows UNCOMPRESSED, GZIP`,
  });
});

test('fails on records larger than the service takes', async () => {
  const put = await create('limits');
  const one = new PutRecordCommand({ DeliveryStreamName: 'limits', Record: { Data: Buffer.alloc(1_024_001) } });
  await expect(firehose.send(one)).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(put(...Array.from({ length: 5 }, () => 'x'.repeat(900_000)))).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: 'Records size exceeds 4 MB limit',
  });
  await expect(put(...Array.from({ length: 501 }, () => 'x'))).rejects.toMatchObject({ name: 'ValidationException' });
});

test.each([
  ['may not write', 'NoRight'],
  ['does not trust Firehose', 'Other'],
])('nothing is delivered by a role that %s', async (_, name) => {
  // GIVEN
  const denied = await create(`denied-${name}`, { RoleARN: outputs[name], BufferingHints: NO_INTERVAL });
  const allowed = await create(`allowed-${name}`, { BufferingHints: NO_INTERVAL });

  // WHEN
  await denied('a');
  await allowed('a');
  await eventually(async () => ((await objects(`allowed-${name}`)).length === 1 ? true : undefined));

  // THEN
  expect(await objects(`denied-${name}`)).toEqual([]);
});
