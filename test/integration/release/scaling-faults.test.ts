import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  ApplicationAutoScalingClient,
} from '@aws-sdk/client-application-auto-scaling';
import { join } from 'node:path';
import type { LocalFault } from '../../../local-cloud/start';
import { clientOf, eventually } from '../local-cloud/stack';
import { Callers } from './callers';
import { EFFECTS } from './effects';
import { RAIN, ReleaseCloud, type Ended } from './release-cloud';

const APP = join(__dirname, 'capacity-app.ts');
const VARIANT = `endpoint/${RAIN}/variant/AllTraffic`;

/** What a release of a service that scales by itself asks of Application Auto Scaling, where the instance type is a new one. */
const CALLS = [
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:DeregisterScalableTarget',
  'application-autoscaling:RegisterScalableTarget',
  'application-autoscaling:DescribeScalingPolicies',
  'application-autoscaling:PutScalingPolicy',
];

const INSTANCE_TYPES = ['ml.m5.large', 'ml.c5.large'];

let releases: ReleaseCloud;
let scaling: ApplicationAutoScalingClient;
let callers: Callers;
let versions = 0;
let deploys = 0;

beforeAll(async () => {
  releases = await ReleaseCloud.start(APP);
  scaling = new ApplicationAutoScalingClient(clientOf(releases.cloud));
  callers = new Callers(releases.cloud);
  await release();
  callers.start();
}, 240_000);

afterAll(async () => {
  await callers.stop();
  await releases.stop();
});

/** Registers the next version and approves it. */
async function release(): Promise<Ended> {
  versions += 1;
  return releases.approve(await releases.register());
}

/** Deploys the service with another instance type than it has. */
async function changeInstanceType(): Promise<void> {
  deploys += 1;
  await releases.deploy(`${APP} ${INSTANCE_TYPES[deploys % INSTANCE_TYPES.length] ?? ''}`, 'Model');
}

/** Waits for the standby, which gets its size when the release has ended. */
async function servesInPeace(version: number | string | undefined): Promise<void> {
  await eventually(async () => ((await releases.serving()) === `InService ${version ?? ''}` ? true : undefined));
}

/** The limits and the policies of the variant that serves. */
async function scales(): Promise<string[]> {
  const namespace = {
    ServiceNamespace: 'sagemaker',
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
  const { ScalableTargets: targets = [] } = await scaling.send(
    new DescribeScalableTargetsCommand({ ...namespace, ResourceIds: [VARIANT] }),
  );
  const { ScalingPolicies: policies = [] } = await scaling.send(
    new DescribeScalingPoliciesCommand({ ...namespace, ResourceId: VARIANT }),
  );
  return [
    ...targets.map(({ MinCapacity: low, MaxCapacity: high }) => `${low ?? ''} to ${high ?? ''}`),
    ...policies.map(
      ({ TargetTrackingScalingPolicyConfiguration: policy }) =>
        `${policy?.PredefinedMetricSpecification?.PredefinedMetricType ?? ''} at ${policy?.TargetValue ?? ''}`,
    ),
  ];
}

const AS_DECLARED = ['1 to 4', 'SageMakerVariantInvocationsPerInstance at 600'];

const always = (call: string): LocalFault => ({
  effect: 'error',
  action: `application-autoscaling:${call}`,
  times: 'always',
});

test.each(Object.entries(EFFECTS))(
  'a release that takes the scaling off and puts it on again ends well, although at each call %s',
  async (_, effect) => {
    // GIVEN
    await changeInstanceType();

    // WHEN
    const ended = await releases.under(
      CALLS.map(action => ({ ...effect, action }) as LocalFault),
      release,
    );

    // THEN
    expect(ended).toMatchObject({ outcome: 'succeeded', version: String(versions) });
    await servesInPeace(versions);
    expect(await scales()).toEqual(AS_DECLARED);
    const letters = (await releases.letters()).filter(({ subject }) => subject.includes(`version ${versions} serves`));
    expect(letters).toHaveLength(1);
    expect(letters[0]?.text).not.toContain('Not tidied up');
  },
  120_000,
);

test('a scaling that cannot be taken off stops the release before it moves anything, and the letter says why', async () => {
  // GIVEN
  const { current } = await releases.ledger.state('rain');
  await changeInstanceType();

  // WHEN
  const ended = await releases.under([always('DeregisterScalableTarget')], release);

  // THEN
  expect(ended).toMatchObject({ status: 'FAILED', outcome: 'ReleaseUndone' });
  expect(ended.detail).toContain(`version ${current ?? ''} serves, as before`);
  await servesInPeace(current);
  expect(await scales()).toEqual(AS_DECLARED);
  expect((await releases.letters()).map(({ subject }) => subject)).toContainEqual(
    expect.stringContaining(`release of version ${versions} failed and was undone`),
  );
}, 120_000);

test.each(['RegisterScalableTarget', 'PutScalingPolicy'])(
  'a version whose scaling cannot be put on (%s) serves, the letter says so, and the reconciler puts it on later',
  async call => {
    // GIVEN the instance type differs from the one that serves
    if (call === 'PutScalingPolicy') await changeInstanceType();

    // WHEN
    const ended = await releases.under([always(call)], release);

    // THEN
    expect(ended).toMatchObject({ outcome: 'succeeded', version: String(versions) });
    await servesInPeace(versions);
    const letter = (await releases.letters()).find(({ subject }) => subject.includes(`version ${versions} serves`));
    expect(letter?.text).toContain('Not tidied up');
    expect(await scales()).not.toEqual(AS_DECLARED);

    // WHEN
    await releases.cloud.clock.advance(600);

    // THEN
    await eventually(async () => ((await scales()).length === AS_DECLARED.length ? true : undefined));
    expect(await scales()).toEqual(AS_DECLARED);
  },
  120_000,
);

test('no prediction failed all the while', () => {
  expect(callers.failures).toEqual([]);
  expect(callers.answered).toBeGreaterThan(100);
});
