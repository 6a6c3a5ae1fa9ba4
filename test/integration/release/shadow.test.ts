/** A version that shadows before it serves, through the deployed release machine, with the rights that it has. */
import { DescribeEndpointConfigCommand, UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ReleaseRecord } from '../../../lambda/shared/ledger';
import { Callers } from './callers';
import { ReleaseCloud } from './release-cloud';

let releases: ReleaseCloud;
let callers: Callers;

beforeAll(async () => {
  releases = await ReleaseCloud.start(join(__dirname, 'shadow-app.ts'));
  callers = new Callers(releases.cloud);
}, 300_000);

afterAll(() => releases.stop());

async function lastRecord(): Promise<ReleaseRecord | undefined> {
  return (await releases.ledger.releases('rain', 1)).at(0);
}

/** Whether the endpoint has a shadow, now or in its config. */
async function shadows(): Promise<string[]> {
  const { ShadowProductionVariants: live = [], EndpointConfigName } = await releases.endpoint();
  const { ShadowProductionVariants: configured = [] } = await releases.sagemaker.send(
    new DescribeEndpointConfigCommand({ EndpointConfigName }),
  );
  return [...live, ...configured].map(({ VariantName: name }) => name ?? '');
}

test('the first version has nothing to shadow, and its record says so', async () => {
  expect(await releases.approve(await releases.register())).toMatchObject({ outcome: 'succeeded' });
  expect((await lastRecord())?.evidence).toMatchObject({
    shadow: { skipped: 'nothing served that it could have shadowed' },
  });
}, 180_000);

test('a version that agrees shadows, then serves, and its record and letter have the comparison', async () => {
  // GIVEN
  await releases.letters();
  callers.start();

  // WHEN
  const release = await releases.approve(await releases.register());
  await callers.stop();

  // THEN
  expect(release).toMatchObject({ outcome: 'succeeded' });
  expect(release.detail).toMatch(
    /^version 2 serves instead of version 1; .*; version 2 shadowed version 1 for 1 min: \d+ requests compared, 0 % answered otherwise, scores differ by 0 on average; it failed 0 of \d+ requests/,
  );
  expect(callers.failures).toEqual([]);
  const { compared, disagreeing } = (await lastRecord())?.evidence?.['shadow'] as Record<string, number>;
  expect(compared).toBeGreaterThanOrEqual(10);
  expect(disagreeing).toBe(0);
  expect(await shadows()).toEqual([]);
  expect((await releases.letters()).map(({ text }) => text).join()).toContain('0 % answered otherwise');
}, 240_000);

test('a version that contradicts is undone, without an answer of its own and without a failed prediction', async () => {
  // GIVEN
  callers.versions.clear();
  callers.start();

  // WHEN
  const release = await releases.approve(await releases.register({ CONTRADICT: 'yes' }));
  await callers.stop();

  // THEN
  expect(release).toMatchObject({
    outcome: 'ReleaseUndone',
    detail: expect.stringMatching(
      /100 % were answered otherwise, more than 5 %; .*; version 2 serves, as before$/,
    ) as string,
  });
  expect(callers.failures).toEqual([]);
  expect(callers.versions).toEqual(new Set(['2']));
  expect(await shadows()).toEqual([]);
  expect(await releases.serving()).toBe('InService 2');
}, 240_000);

test('a rollback of what serves does not wait for a shadow', async () => {
  // GIVEN
  const arn = await releases.register();
  await releases.sagemaker.send(
    new UpdateModelPackageCommand({ ModelPackageArn: arn, ModelApprovalStatus: 'Approved' }),
  );
  while ((await shadows()).length < 2) await pause(100);
  callers.start();

  // WHEN
  const first = await releases.ask({
    action: 'rollback',
    version: '1',
    from: '2',
    requestedBy: 'alarm:drift',
    reason: 'drifted',
  });
  const ends = [first, await releases.nextEnd()];
  await callers.stop();
  const shadowed = ends.find(({ name }) => name.startsWith('approval-'));
  const rollback = ends.find(end => end !== shadowed);

  // THEN
  expect(shadowed).toMatchObject({
    outcome: 'ReleaseUndone',
    detail: expect.stringMatching(
      /^version 4 only shadowed, and gave way to the rollback to version 1 that 'alarm:drift' asked for/,
    ) as string,
  });
  expect(rollback).toMatchObject({ outcome: 'succeeded' });
  expect(callers.failures).toEqual([]);
  expect(await releases.serving()).toBe('InService 1');
  expect(await shadows()).toEqual([]);
}, 240_000);
