import fc from 'fast-check';
import {
  type CheckedDeploymentConfig,
  DEFAULT_PLAN,
  planDeployment,
} from '../../../../local-cloud/sagemaker/hosting/deployment-policy';

function config(
  routing: NonNullable<CheckedDeploymentConfig['BlueGreenUpdatePolicy']>['TrafficRoutingConfiguration'],
): CheckedDeploymentConfig {
  return { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: routing } };
}

test('traffic moves at once and without baking when nothing is said', () => {
  expect(planDeployment(undefined, 1)).toEqual(DEFAULT_PLAN);
});

test('a canary is one step before everything', () => {
  const plan = planDeployment(
    {
      ...config({ Type: 'CANARY', WaitIntervalInSeconds: 60, CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 } }),
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] },
    },
    4,
  );
  expect(plan).toEqual({ steps: [0.25, 1], waitSeconds: 60, terminationWaitSeconds: 0, alarmNames: ['errors'] });
});

test('linear steps rise to all of the traffic, none larger than asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 50 }), Value => {
      const { steps } = planDeployment(
        config({ Type: 'LINEAR', WaitIntervalInSeconds: 1, LinearStepSize: { Type: 'CAPACITY_PERCENT', Value } }),
        1,
      );
      const sizes = steps.map((step, i) => step - (steps[i - 1] ?? 0));
      expect(steps.at(-1)).toBe(1);
      sizes.forEach(size => {
        expect(size).toBeGreaterThan(0);
        expect(size).toBeLessThanOrEqual(Value / 100 + 1e-9);
      });
    }),
  );
});

test.each([
  [
    'a canary of more than half',
    { Type: 'CANARY', WaitIntervalInSeconds: 1, CanarySize: { Type: 'CAPACITY_PERCENT', Value: 60 } },
    /CanarySize must be at most 50%.*got 60%/,
  ],
  [
    'a canary of the only instance',
    { Type: 'CANARY', WaitIntervalInSeconds: 1, CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 } },
    /got 100%/,
  ],
  [
    'linear steps that are too small',
    { Type: 'LINEAR', WaitIntervalInSeconds: 1, LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 5 } },
    /LinearStepSize must be 10-50%.*got 5%/,
  ],
  [
    'linear steps without size',
    { Type: 'LINEAR', WaitIntervalInSeconds: 1 },
    /LinearStepSize must be given when the traffic routing type is LINEAR/,
  ],
] as const)('fails for %s', (_what, routing, message) => {
  expect(() => planDeployment(config(routing as Parameters<typeof config>[0]), 1)).toThrow(message);
});
