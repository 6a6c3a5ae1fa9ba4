import { MAX_SNAPSHOT_BYTES, snapshot } from '../../../lambda/pipeline-data/snapshot';
import { validate } from '../../../lambda/pipeline-data/validate';
import { csvOf, MemoryZones, SCHEMA } from './fixtures';

const request = { model: 'rain', schema: SCHEMA, holdoutShare: 0.25, batchIds: ['old', 'new'] };

async function validated(): Promise<MemoryZones> {
  const zones = new MemoryZones();
  zones.land('old', 1, { 'a.csv': csvOf(40) });
  zones.land('new', 2, { 'a.csv': csvOf(40, 100) });
  await validate({ model: 'rain', schema: SCHEMA, maxRows: 100 }, zones);
  return zones;
}

describe('snapshot', () => {
  test('freezes every valid row on one side or the other', async () => {
    const zones = await validated();

    const answer = await snapshot(request, zones);

    expect(answer).toMatchObject({ outcome: 'continue', digest: zones.snapshots[0]?.digest });
    expect('trainRows' in answer && answer.trainRows + answer.holdoutRows).toBe(80);
  });

  test('names the raw files from which its rows came', async () => {
    const zones = await validated();

    await snapshot(request, zones);

    const manifest = zones.snapshots[0]?.files.find(({ name }) => name === 'manifest.json')?.content ?? '';
    expect(manifest).toContain('"key":"rain/old/a.csv"');
    expect(manifest).toContain('"key":"rain/new/a.csv"');
  });

  test('has the same digest when it is made again', async () => {
    const zones = await validated();

    expect(await snapshot(request, zones)).toEqual(await snapshot(request, zones));
  });

  test('fails when a side lacks a label', async () => {
    const zones = new MemoryZones();
    zones.land('old', 1, { 'a.csv': 'pressure,station,sky,rain\n1000,1,clear,0\n1001,2,clear,0\n' });
    await validate({ model: 'rain', schema: SCHEMA, maxRows: 100 }, zones);

    expect(await snapshot({ ...request, batchIds: ['old'] }, zones)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/must have rows of both labels/) as string,
    });
    expect(zones.snapshots).toEqual([]);
  });

  test('fails in words when the rows are more than memory holds', async () => {
    // GIVEN batches that are each as large as one may be, without the memory for it
    const zones = await validated();
    const byteLength = jest.spyOn(Buffer, 'byteLength').mockReturnValue(MAX_SNAPSHOT_BYTES / 2 + 1);

    // WHEN
    const answer = await snapshot(request, zones).finally(() => byteLength.mockRestore());

    // THEN
    expect(answer).toEqual({
      outcome: 'failed',
      reason:
        `the validated rows up to batch 'new' have ${MAX_SNAPSHOT_BYTES + 2} bytes, a snapshot must have at most ` +
        `${MAX_SNAPSHOT_BYTES}, lower 'maxRows' of the model, or land fewer rows in a batch`,
    });
    expect(zones.snapshots).toEqual([]);
  });

  test('fails, to be tried again, while a batch is being validated anew', async () => {
    const zones = await validated();
    const batch = zones.curated.get('old');
    if (batch !== undefined) zones.curated.set('old', { ...batch, data: 'half written' });

    await expect(snapshot(request, zones)).rejects.toThrow(/batch 'old' .* does not have the digest/);
  });
});
