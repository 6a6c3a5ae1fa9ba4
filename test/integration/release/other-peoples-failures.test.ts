import {
  DescribeEndpointConfigCommand,
  DescribeModelPackageCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { join } from 'node:path';
import { eventually } from '../local-cloud/stack';
import { Callers } from './callers';
import { RAIN, ReleaseCloud } from './release-cloud';

let releases: ReleaseCloud;
let callers: Callers;
/** Of the versions by number; none has the number 0. */
const arns = [''];

beforeAll(async () => {
  releases = await ReleaseCloud.start(join(__dirname, 'guarded-app.ts'));
  arns.push(await releases.register());
  await releases.approve(arns[1] ?? '');
  callers = new Callers(releases.cloud);
  callers.start();
}, 240_000);

afterAll(async () => {
  await callers.stop();
  await releases.stop();
});

async function instances(): Promise<number | undefined> {
  return (await releases.endpoint()).ProductionVariants?.[0]?.DesiredInstanceCount;
}

/** Registers the next version and approves it. */
async function release(environment: Record<string, string> = {}) {
  const arn = await releases.register(environment);
  arns.push(arn);
  return releases.approve(arn);
}

test('sagemaker-custom-project-templates#15: a version that nobody approved starts nothing', async () => {
  // GIVEN versions that are registered, edited and rejected, each of which is an event
  const [pending, rejected] = [await releases.register(), await releases.register()];
  arns.push(pending, rejected);
  await releases.sagemaker.send(
    new UpdateModelPackageCommand({ ModelPackageArn: pending, CustomerMetadataProperties: { note: 'looks good' } }),
  );
  await releases.sagemaker.send(
    new UpdateModelPackageCommand({ ModelPackageArn: rejected, ModelApprovalStatus: 'Rejected' }),
  );

  // WHEN one more is approved, whose event comes after theirs
  const ended = await release();

  // THEN
  expect(ended).toMatchObject({ outcome: 'succeeded', detail: expect.stringContaining('version 4 serves') as string });
  expect(await releases.executions()).toHaveLength(2);
}, 60_000);

test('kserve#5335: the percentage that was asked for is the one that is used', async () => {
  const { LastDeploymentConfig: last } = await releases.endpoint();
  expect(last?.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration).toEqual({
    Type: 'CANARY',
    CanarySize: { Type: 'CAPACITY_PERCENT', Value: 50 },
    WaitIntervalInSeconds: 60,
  });
});

test('aws-cdk#23151: a release keeps the instances that the load made it have', async () => {
  // GIVEN
  await releases.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: RAIN,
      DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredInstanceCount: 3 }],
    }),
  );
  await eventually(async () => ((await releases.serving()) === 'InService 4' ? true : undefined));

  // WHEN
  await release();

  // THEN
  expect(await releases.serving()).toBe('InService 5');
  expect(await instances()).toBe(3);
}, 60_000);

test('flagger#616: a version that was promoted long ago goes back at once, without another analysis', async () => {
  // GIVEN
  await releases.cloud.clock.advance(12 * 3600);

  // WHEN
  const ended = await releases.ask({ action: 'rollback', version: '4', from: '5', reason: 'answers look wrong' });

  // THEN
  expect(ended).toMatchObject({ outcome: 'succeeded' });
  expect(await releases.serving()).toBe('InService 4');
  const { LastDeploymentConfig: last } = await releases.endpoint();
  expect(last?.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration?.Type).toBe('ALL_AT_ONCE');
}, 120_000);

test('argo-cd#9570: neither the next deploy nor the next approval brings back what was rolled back', async () => {
  // WHEN the infrastructure is deployed again, and the version is approved again
  await releases.deploy();
  const again = await releases.approve(arns[5] ?? '');

  // THEN it stays out, and a fix goes in by itself
  expect(again).toMatchObject({ outcome: 'refused', detail: expect.stringContaining('quarantined') as string });
  expect(await releases.serving()).toBe('InService 4');
  expect(await release()).toMatchObject({ outcome: 'succeeded' });
  expect(await releases.serving()).toBe('InService 6');
}, 120_000);

test('terraform-provider-aws#48997: an update that SageMaker took back is no success, and nothing in use is deleted', async () => {
  // GIVEN
  const { EndpointConfigName: before = '' } = await releases.endpoint();

  // WHEN a version is released whose container never starts
  const ended = await release({ CRASH: '1' });

  // THEN
  expect(ended).toMatchObject({ status: 'FAILED', outcome: 'ReleaseUndone' });
  expect(ended.detail).toContain('the serving target went back to version 6 by itself');
  expect(await releases.endpoint()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: before });
  await releases.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: before }));
  expect((await releases.ledger.releases('rain')).at(-1)).toMatchObject({ outcome: 'undone', version: '7' });
  expect(await releases.ledger.state('rain')).toMatchObject({ current: '6' });
}, 60_000);

test('sagemaker-custom-project-templates#16: an approved version that an alarm speaks against goes back, and is not approved any more', async () => {
  // GIVEN
  await release();
  expect(await releases.serving()).toBe('InService 8');

  // WHEN
  await releases.ask({ action: 'rollback', version: '6', from: '8', requestedBy: 'alarm:drift', reason: 'it drifts' });

  // THEN
  expect(await releases.serving()).toBe('InService 6');
  expect(await releases.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arns[8] }))).toMatchObject({
    ModelApprovalStatus: 'Rejected',
    ApprovalDescription: 'rolled back by alarm:drift: it drifts',
  });
}, 60_000);

test('flagger#1932: no caller was sent to a version that did not answer', () => {
  // version 7 never did
  expect(callers.failures).toEqual([]);
  expect([...callers.versions].sort()).toEqual(['1', '4', '5', '6', '8']);
});
