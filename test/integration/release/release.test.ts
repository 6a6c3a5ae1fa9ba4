import {
  DeleteEndpointCommand,
  DescribeModelPackageCommand,
  ListEndpointConfigsCommand,
  ListModelPackagesCommand,
  ListModelsCommand,
} from '@aws-sdk/client-sagemaker';
import { eventually } from '../local-cloud/stack';
import { RAIN, ReleaseCloud } from './release-cloud';

let releases: ReleaseCloud;

beforeAll(async () => {
  releases = await ReleaseCloud.start();
}, 180_000);

afterAll(() => releases.stop());

/** Waits until something holds. */
const comesTrue = (holds: () => Promise<boolean>): Promise<true> =>
  eventually(async () => ((await holds()) ? true : undefined));

test('an approval makes the first version serve', async () => {
  expect(await releases.approve(await releases.register())).toMatchObject({
    outcome: 'succeeded',
    detail: 'version 1 serves; version 1 answered a prediction with 1',
  });
  expect(await releases.serving()).toBe('InService 1');
  expect(await releases.ledger.state('rain')).toMatchObject({ current: '1', healthy: ['1'], generation: 1 });
}, 120_000);

test('an alarm rolls the next one back, which stays out when it is approved again', async () => {
  // GIVEN
  const second = await releases.register();
  await releases.approve(second);
  expect(await releases.serving()).toBe('InService 2');

  // WHEN
  const back = await releases.ask({
    action: 'rollback',
    version: '1',
    from: '2',
    requestedBy: 'alarm:drift',
    reason: 'drifted',
  });

  // THEN
  expect(back).toMatchObject({ outcome: 'succeeded', version: '1' });
  expect(await releases.serving()).toBe('InService 1');
  expect(await releases.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: second }))).toMatchObject({
    ModelApprovalStatus: 'Rejected',
    ApprovalDescription: 'rolled back by alarm:drift: drifted',
  });
  expect(await releases.approve(second)).toMatchObject({ outcome: 'refused', version: '2' });
  expect(await releases.serving()).toBe('InService 1');
}, 120_000);

test('a version that does not answer as itself is undone', async () => {
  expect(await releases.approve(await releases.register({ LIE: '7' }))).toMatchObject({
    status: 'FAILED',
    outcome: 'ReleaseUndone',
    detail: 'version 7 answered a prediction, not version 3; version 1 serves, as before',
  });
  expect(await releases.serving()).toBe('InService 1');
}, 120_000);

test('while a person holds the model an approval releases nothing, and a person’s own word does', async () => {
  // GIVEN
  const held = await releases.ask({ action: 'hold', model: 'rain', requestedBy: 'ann', reason: 'audit' });
  expect(held).toMatchObject({ outcome: 'succeeded', action: 'hold' });

  // WHEN / THEN
  expect(await releases.approve(await releases.register())).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining("'rain' is held until") as string,
  });
  expect(await releases.ask({ version: '4' })).toMatchObject({ outcome: 'succeeded', version: '4' });
  expect(await releases.ask({ action: 'resume' })).toMatchObject({ outcome: 'succeeded', action: 'resume' });
  expect((await releases.ledger.holdings('rain')).map(({ action }) => action)).toEqual(['hold', 'resume']);
}, 120_000);

test('a rollback whose execution is killed is finished by the reconciler, before what was asked for since', async () => {
  // GIVEN
  const since = (await releases.cloud.clock.now()).toISOString();
  const executionArn = await releases.begin({ action: 'rollback', version: '1', from: '4' }, 'killed');
  await comesTrue(async () => (await releases.ledger.state('rain')).lockOwner === executionArn);
  await releases.kill(executionArn);
  await releases.setApproved(await releases.register());

  // WHEN time passes, the lock expires, and the schedule comes with it
  await releases.cloud.clock.advance(2 * 3600);

  // THEN
  expect(await releases.nextEnd()).toMatchObject({ outcome: 'succeeded', version: '5' });
  expect(await releases.serving()).toBe('InService 5');
  expect(await releases.ledger.state('rain')).toMatchObject({ current: '5', healthy: ['5', '1'] });
  expect((await releases.ledger.version('rain', '4'))?.status).toBe('quarantined');
  const records = (await releases.ledger.releases('rain')).filter(({ endedAt }) => endedAt > since);
  expect(records.sort((one, other) => one.endedAt.localeCompare(other.endedAt))).toMatchObject([
    { id: 'killed', outcome: 'failed' },
    { action: 'rollback', requestedBy: 'ann', outcome: 'succeeded', evidence: { finishes: 'killed' } },
    { action: 'release', version: '5', from: '1', outcome: 'succeeded' },
  ]);
}, 120_000);

test('what serves although no release made it is told, and not moved', async () => {
  // GIVEN the endpoint is deleted by hand
  await releases.sagemaker.send(new DeleteEndpointCommand({ EndpointName: RAIN }));

  // WHEN
  await releases.cloud.clock.advance(600);

  // THEN
  const { generation } = await releases.ledger.state('rain');
  await comesTrue(async () => (await releases.ledger.drift('rain', generation, 'nothing')) !== undefined);
  await expect(releases.serving()).rejects.toThrow('Could not find endpoint');
  expect(await releases.ask({ version: '5' })).toMatchObject({ outcome: 'succeeded', version: '5' });
}, 120_000);

test('a version serves in the image that it was registered with, whatever its tag means by now', async () => {
  // GIVEN
  const registered = await releases.pushImage('first');
  const arn = await releases.register({}, 'rain', registered);
  await releases.pushImage('second');

  // WHEN / THEN
  await releases.setApproved(arn);
  await comesTrue(async () => (await releases.ledger.state('rain')).current === '6');
  // it is recorded before it ends, and the next question would be answered by its end
  await releases.allEnd();
  expect(await releases.servingImage()).toContain(`stub@${registered}`);

  // AND not at all once that image is gone
  await releases.deleteImage(registered);
  expect(await releases.ask({ version: '6' })).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining(`@${registered}, is gone`) as string,
  });
}, 120_000);

test('nothing that a release made is left when the model goes, and all that was registered and recorded is', async () => {
  // WHEN
  await releases.destroy('Model');

  // THEN
  await expect(releases.serving()).rejects.toThrow('Could not find endpoint');
  const { EndpointConfigs: configs } = await releases.sagemaker.send(
    new ListEndpointConfigsCommand({ NameContains: RAIN }),
  );
  const { Models: models } = await releases.sagemaker.send(new ListModelsCommand({ NameContains: RAIN }));
  expect([configs, models]).toEqual([[], []]);
  const { ModelPackageSummaryList: registered } = await releases.sagemaker.send(
    new ListModelPackagesCommand({ ModelPackageGroupName: RAIN }),
  );
  expect(registered).toHaveLength(6);
  const outcomes = (await releases.ledger.releases('rain')).map(({ version, outcome }) => `${version} ${outcome}`);
  expect(outcomes.sort()).toEqual([
    '1 failed',
    '1 succeeded',
    '1 succeeded',
    '1 succeeded',
    '2 refused',
    '2 succeeded',
    '3 undone',
    '4 refused',
    '4 succeeded',
    '5 succeeded',
    '5 succeeded',
    '6 refused',
    '6 succeeded',
  ]);
}, 120_000);
