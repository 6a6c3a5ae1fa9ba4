import { countNewRows } from '../../../lambda/pipeline-control/new-rows';
import { landingOrder } from '../../../lambda/shared/pipeline/landing-order';
import type { ValidationReport } from '../../../lambda/shared/pipeline/validation-report';
import { World } from './fixtures';

function landedWorld(): World {
  const world = new World();
  world.land('a', 10, 1);
  world.land('b', 20, 2);
  world.land('c', 40, 3);
  return world;
}

const refusal = (declaration: string): ValidationReport => ({
  rows: 0,
  valid: 0,
  quarantined: 0,
  refused: 'broken',
  ignoredColumns: [],
  declaration,
  schemaDigest: 's',
  sources: [],
});

describe('countNewRows', () => {
  test('counts everything for a model that was never trained', async () => {
    expect(await countNewRows(landedWorld().batches, 'rain', undefined, 1000)).toBe(70);
  });

  test('counts what landed after the last training', async () => {
    const world = landedWorld();
    const seen = world.landed.find(({ batch }) => batch.batchId === 'a')?.batch;

    expect(seen).toBeDefined();
    expect(
      await countNewRows(world.batches, 'rain', seen && landingOrder({ ...seen, landedAt: seen.readyAt }), 1000),
    ).toBe(60);
  });

  test('counts the same after somebody was erased from a batch that was seen', async () => {
    // GIVEN
    const world = landedWorld();
    const [a, , c] = world.landed;
    if (a === undefined || c === undefined) throw new Error('no batch');
    const seen = landingOrder({ ...a.batch, landedAt: a.batch.readyAt });

    // WHEN its declaration is written anew, after all others
    a.ready = JSON.stringify({ ...(JSON.parse(a.ready) as object), landedAt: a.batch.readyAt });
    a.batch = { ...a.batch, readyAt: new Date(Date.parse(c.batch.readyAt) + 60_000).toISOString() };

    // THEN
    expect(await countNewRows(world.batches, 'rain', seen, 1000)).toBe(60);
  });

  test('counts no further than is needed', async () => {
    expect(await countNewRows(landedWorld().batches, 'rain', undefined, 30)).toBe(40);
    expect(await countNewRows(landedWorld().batches, 'rain', undefined, 0)).toBe(0);
  });

  test('leaves out a batch that was refused, until it is sent again', async () => {
    const world = landedWorld();
    const refused = world.landed.at(2);
    if (refused === undefined) throw new Error('no batch');
    refused.report = refusal('c');

    expect(await countNewRows(world.batches, 'rain', undefined, 1000)).toBe(30);

    refused.batch = { ...refused.batch, declaration: 'sent again' };
    expect(await countNewRows(world.batches, 'rain', undefined, 1000)).toBe(70);
  });

  test('takes a declaration that cannot be read for enough, until it is refused', async () => {
    const world = landedWorld();
    const broken = world.landed.at(1);
    if (broken === undefined) throw new Error('no batch');
    broken.ready = '{';

    expect(await countNewRows(world.batches, 'rain', undefined, 1000)).toBe(1000);

    broken.report = refusal('b');
    expect(await countNewRows(world.batches, 'rain', undefined, 1000)).toBe(50);
  });
});
