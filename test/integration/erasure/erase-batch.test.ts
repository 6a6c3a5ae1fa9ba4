import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { eraseBatch } from '../../../lambda/erasure/erase-batch';
import { S3Batches } from '../../../lambda/erasure/s3-batches';
import { S3Batch } from '../../../lambda/erasure/s3-batch';
import { validateBatch } from '../../../lambda/pipeline-data/batch';
import { S3Zones } from '../../../lambda/pipeline-data/s3-zones';
import { isByErasure } from '../../../lambda/pipeline-trigger/declaration';
import { sha256 } from '../../../lambda/shared/canonical-json';
import { modelSchema } from '../../../lambda/shared/contracts';
import { newestFirst } from '../../../lambda/shared/pipeline/landing-order';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf } from '../local-cloud/stack';

const PLACE = { rawBucket: 'raw', curatedBucket: 'curated', model: 'rain', batchId: 'b1' };
const SUBJECT = { column: 'person', key: 'ada@example.com' };
const SCHEMA = modelSchema.parse({ features: [{ name: 'pressure', type: 'double' }], label: 'rain' });
const ROWS = '\uFEFFperson,pressure,rain\r\nada@example.com,1,0\r\nbob@example.com,2,1\r\nada@example.com,wrong,0\r\n';

let cloud: LocalCloud;
let s3: S3Client;
let zones: S3Zones;

const put = (key: string, body: string) =>
  s3.send(new PutObjectCommand({ Bucket: 'raw', Key: `rain/b1/${key}`, Body: body }));

/** Every byte of every version that is left of the batch. */
async function everything(bucket: string): Promise<string> {
  const { Versions: versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  const texts = versions.map(async ({ Key, VersionId }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }));
    return (await Body?.transformToString()) ?? '';
  });
  return (await Promise.all(texts)).join('\n');
}

async function validateNow() {
  const [batch] = await zones.landed('rain');
  const ready = await zones.readyText('rain', 'b1');
  const validated = await validateBatch(SCHEMA, ready, batch?.declaration ?? '', zones.rawFiles('rain', 'b1'));
  await zones.writeCurated('rain', 'b1', validated);
  return validated.report;
}

/** When the batches landed, the newest first. */
async function order(): Promise<string[]> {
  const found: string[] = [];
  const batches = newestFirst(await zones.landed('rain'), id => zones.readyText('rain', id));
  for await (const { landedAt } of batches) found.push(landedAt);
  return found;
}

describe('eraseBatch in S3', () => {
  beforeAll(async () => {
    cloud = await startLocalCloud();
    s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
    zones = new S3Zones(s3, { raw: 'raw', curated: 'curated', snapshots: 'snapshots' });
    for (const Bucket of ['raw', 'curated']) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    await put('a.csv', ROWS);
    await put('_READY', JSON.stringify({ files: [{ key: 'a.csv', rows: 3, sha256: sha256(ROWS) }], rows: 3 }));
  }, 120_000);

  afterAll(() => cloud.stop());

  test('nothing of the person is left, and the batch validates as before', async () => {
    // GIVEN a row of theirs in the raw zone, and one that validation has set aside whole
    expect(await validateNow()).toMatchObject({ valid: 2, quarantined: 1 });
    expect(await everything('curated')).toContain(SUBJECT.key);

    // WHEN
    const answer = await eraseBatch(SUBJECT, new S3Batch(s3, PLACE));

    // THEN
    expect(answer).toEqual({ outcome: 'erased', rows: 2, versions: 1, undeclared: [] });
    expect(await everything('raw')).not.toContain(SUBJECT.key);
    expect(await everything('raw')).toContain('bob@example.com');
    expect(await everything('curated')).toBe('');
    expect(await validateNow()).toMatchObject({ rows: 1, valid: 1, quarantined: 0 });
  });

  test('the batch is as old as it was, and its new declaration is known as one that brings nothing', async () => {
    // GIVEN
    const ready = JSON.stringify({ files: [{ key: 'a.csv', rows: 3, sha256: sha256(ROWS) }], rows: 3 });
    await put('a.csv', ROWS);
    const landed = await put('_READY', ready);
    const before = await order();
    const written = (answer: { ETag?: string }) =>
      isByErasure(s3, { bucket: 'raw', key: 'rain/b1/_READY', etag: answer.ETag?.replaceAll('"', '') ?? '' });
    expect(await written(landed)).toBe(false);

    // WHEN
    await eraseBatch(SUBJECT, new S3Batch(s3, PLACE));

    // THEN what the landing's event tells of is still a landing, even if it comes late
    const { ETag } = await s3.send(new GetObjectCommand({ Bucket: 'raw', Key: 'rain/b1/_READY' }));
    expect(await written({ ETag })).toBe(true);
    expect(await written(landed)).toBe(false);
    // the local S3 lists milliseconds, a head tells seconds
    expect((await order()).map(at => at.slice(0, 19))).toEqual(before.map(at => at.slice(0, 19)));
  });

  test('a folder that a console made is no file', async () => {
    await put('', '');
    await put('part/', '');

    expect(await eraseBatch(SUBJECT, new S3Batch(s3, PLACE))).toMatchObject({ outcome: 'erased', undeclared: [] });
  });

  test('batches are found by what landed or was made of it, and objects in none are named', async () => {
    // GIVEN a batch of which only what validation made is left, one that holds a folder alone, and objects in no batch
    const other = (Bucket: string, Key: string) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body: Key.endsWith('/') ? '' : 'x' }));
    await other('curated', 'churn/gone/quarantine.json');
    for (const key of ['churn/', 'churn/empty/', 'churn/b1/a.csv', 'churn/stray.csv']) await other('raw', key);
    const batches = new S3Batches(s3, { rawBucket: 'raw', curatedBucket: 'curated', model: 'churn' });

    // THEN
    expect((await batches.ids()).sort()).toEqual(['b1', 'empty', 'gone']);
    expect(await batches.strays()).toEqual(['churn/stray.csv']);

    // WHEN
    await eraseBatch(SUBJECT, batches.batch('gone'));

    // THEN
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'curated', Prefix: 'churn/gone/' }));
    expect(Versions).toBeUndefined();
    expect(await eraseBatch(SUBJECT, batches.batch('empty'))).toMatchObject({ outcome: 'erased' });
  });

  test('an erasure that is done again removes what a validation of an older declaration left', async () => {
    // GIVEN a validation that read the batch before, and ends after
    await put('a.csv', ROWS);
    await put('_READY', JSON.stringify({ files: [{ key: 'a.csv', rows: 3, sha256: sha256(ROWS) }], rows: 3 }));
    const [before] = await zones.landed('rain');
    const ready = await zones.readyText('rain', 'b1');
    const late = await validateBatch(SCHEMA, ready, before?.declaration ?? '', zones.rawFiles('rain', 'b1'));
    await eraseBatch(SUBJECT, new S3Batch(s3, PLACE));
    await zones.writeCurated('rain', 'b1', late);
    expect(await everything('curated')).toContain(SUBJECT.key);

    // WHEN
    await eraseBatch(SUBJECT, new S3Batch(s3, PLACE));

    // THEN
    expect(await everything('curated')).not.toContain(SUBJECT.key);

    // WHEN it was validated since
    await validateNow();
    await eraseBatch(SUBJECT, new S3Batch(s3, PLACE));

    // THEN it needs no second time
    expect(await everything('curated')).not.toBe('');
  });

  test('does not overwrite a declaration that has changed', async () => {
    const batch = new S3Batch(s3, PLACE);
    const read = await batch.declaration();
    if (read === undefined) throw new Error('the batch has no declaration');
    await put('_READY', `${read.text} `);

    await expect(batch.replaceDeclaration('{}', read)).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });
});
