import { validate } from '../../../lambda/pipeline-data/validate';
import { csvOf, MemoryZones, readyOf, SCHEMA } from './fixtures';

const request = { model: 'rain', schema: SCHEMA, maxRows: 100 };

describe('validate', () => {
  test('names the batches of the snapshot, the oldest first, and the newest that it met', async () => {
    // GIVEN
    const zones = new MemoryZones();
    zones.land('old', 1, { 'a.csv': csvOf(40) });
    zones.land('new', 2, { 'a.csv': csvOf(40, 100) });

    // WHEN
    const answer = await validate(request, zones);

    // THEN
    expect(answer).toEqual({
      outcome: 'continue',
      batchIds: ['old', 'new'],
      valid: 80,
      quarantined: 0,
      seenThrough: '2026-11-24T00:00:02.000Z#new',
    });
  });

  test('validates a batch once', async () => {
    const zones = new MemoryZones();
    zones.land('b', 1, { 'a.csv': csvOf(40) });

    const first = await validate(request, zones);

    expect(await validate(request, zones)).toEqual(first);
    expect(zones.validations).toBe(1);
  });

  test('validates a batch anew when it was sent again or the schema changed', async () => {
    const zones = new MemoryZones();
    zones.land('b', 1, { 'a.csv': csvOf(40) });
    await validate(request, zones);

    zones.land('b', 5, { 'a.csv': csvOf(30) });
    expect(await validate(request, zones)).toMatchObject({ valid: 30 });
    await validate({ ...request, schema: { ...SCHEMA, features: SCHEMA.features.slice(1) } }, zones);

    expect(zones.validations).toBe(3);
  });

  test('validates a batch anew when the very same declaration was written again, once the missing file is there', async () => {
    // GIVEN
    const zones = new MemoryZones();
    const files = { 'a.csv': csvOf(40) };
    zones.land('b', 1, {}, readyOf(files));
    expect(await validate(request, zones)).toMatchObject({ outcome: 'failed' });

    // WHEN
    zones.land('b', 2, files, readyOf(files));

    // THEN
    expect(await validate(request, zones)).toMatchObject({ outcome: 'continue', valid: 40 });
  });

  test('does not read batches that no snapshot needs', async () => {
    const zones = new MemoryZones();
    for (let i = 0; i < 5; i += 1) zones.land(`b${i}`, i, { 'a.csv': csvOf(50) });

    expect(await validate(request, zones)).toMatchObject({ batchIds: ['b3', 'b4'] });
    expect(zones.validations).toBe(2);
  });

  test('fails the execution that meets a batch it must refuse, and no later one', async () => {
    // GIVEN
    const zones = new MemoryZones();
    zones.land('good', 1, { 'a.csv': csvOf(40) });
    zones.land('broken', 2, { 'a.csv': 'x\n' }, readyOf({ 'a.csv': csvOf(40) }));

    // WHEN
    const first = await validate(request, zones);
    const second = await validate(request, zones);

    // THEN
    expect(first).toEqual({
      outcome: 'failed',
      reason: expect.stringMatching(/^batch 'broken': file 'a.csv' has/) as string,
    });
    expect(second).toMatchObject({ outcome: 'continue', batchIds: ['good'] });
  });

  test('fails without a batch', async () => {
    expect(await validate(request, new MemoryZones())).toEqual({
      outcome: 'failed',
      reason: "no batch of 'rain' has landed, a batch is complete with '_READY'",
    });
  });

  test('fails when every row is quarantined', async () => {
    const zones = new MemoryZones();
    zones.land('b', 1, { 'a.csv': 'pressure,station,sky,rain\n1,1,clear,0\n' });

    expect(await validate(request, zones)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/no batch of 'rain' has a valid row, see 'quarantine.json'/) as string,
    });
  });
});
