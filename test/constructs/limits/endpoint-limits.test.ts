import { CfnResource, type Stack } from 'aws-cdk-lib';
import { border, refusals, type Spoil, resource } from './refusals';

const KEY = 'arn:aws:kms:eu-west-1:000000000000:key/k';
const INSTANCE = { VariantName: 'v', ModelName: 'm', InstanceType: 'ml.m5.large' };
const SERVERLESS = { VariantName: 's', ModelName: 'm', ServerlessConfig: { MaxConcurrency: 1, MemorySizeInMB: 2048 } };

function config(properties: Record<string, unknown>, ...variants: Record<string, unknown>[]): Spoil {
  return resource('AWS::SageMaker::EndpointConfig', { ...properties, ProductionVariants: variants });
}

function endpoint(deployment: Record<string, unknown>, ...variants: Record<string, unknown>[]): Spoil {
  return stack => {
    const made = new CfnResource(stack, 'Config', {
      type: 'AWS::SageMaker::EndpointConfig',
      properties: { ProductionVariants: variants.length === 0 ? [INSTANCE] : variants },
    });
    resource('AWS::SageMaker::Endpoint', {
      EndpointConfigName: made.getAtt('EndpointConfigName'),
      DeploymentConfig: deployment,
    })(stack);
  };
}

function blueGreen(routing: Record<string, unknown>, policy: Record<string, unknown> = {}): Record<string, unknown> {
  return { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: routing, ...policy } };
}

test('refuses a key for the local disks of an instance', () => {
  border(
    'endpoint-key',
    "'KmsKeyId' is given with 'ml.g5.xlarge', whose local disks are encrypted by themselves and take no key, must be left out; or use a type without local disks, such as 'ml.m5.large'",
    config({ KmsKeyId: KEY }, { ...INSTANCE, InstanceType: 'ml.g5.xlarge' }),
    config({ KmsKeyId: KEY }, INSTANCE),
  );
  expect(Object.keys(refusals(config({ KmsKeyId: KEY }, { ...INSTANCE, InstanceType: 'ml.c6gd.large' })))).toEqual([
    'endpoint-key',
  ]);
});

test('refuses a key for a serverless endpoint', () => {
  border(
    'endpoint-key',
    "'KmsKeyId' is given with 'ServerlessConfig', which has no disk of its own, must be left out",
    config({ KmsKeyId: KEY }, SERVERLESS),
    config({}, SERVERLESS),
  );
});

test('refuses data capture of a serverless endpoint', () => {
  border(
    'serverless-endpoint',
    "'DataCaptureConfig' is given with 'ServerlessConfig', which captures nothing, must be left out: let the model server log, as that of 'InferenceLog' does; or serve on instances",
    config({ DataCaptureConfig: { EnableCapture: true } }, SERVERLESS),
    config({ DataCaptureConfig: { EnableCapture: true } }, INSTANCE),
  );
});

test('refuses a serverless endpoint in a network', () => {
  const message =
    "'VpcConfig' is given with 'ServerlessConfig', which is in no network of yours, must be left out; or serve on instances";
  const ofModel =
    (variant: Record<string, unknown>): Spoil =>
    (stack: Stack) => {
      const model = new CfnResource(stack, 'Model', { type: 'AWS::SageMaker::Model', properties: { VpcConfig: {} } });
      config({}, { ...variant, ModelName: model.getAtt('ModelName') })(stack);
    };
  border('serverless-endpoint', message, config({ VpcConfig: {} }, SERVERLESS), config({ VpcConfig: {} }, INSTANCE));
  border('serverless-endpoint', message, ofModel(SERVERLESS), ofModel(INSTANCE));
});

describe('an image of another account', () => {
  const OWN = '111122223333';
  const OTHER = '444455556666.dkr.ecr.eu-west-1.amazonaws.com/models/server:1';
  const serving =
    (image: unknown, variant: Record<string, unknown> = SERVERLESS): Spoil =>
    (stack: Stack) => {
      const model = new CfnResource(stack, 'Model', {
        type: 'AWS::SageMaker::Model',
        properties: { PrimaryContainer: { Image: image } },
      });
      config({}, { ...variant, ModelName: model.getAtt('ModelName') })(stack);
    };

  test('is refused for a serverless endpoint', () => {
    expect(refusals(serving(OTHER), OWN)).toEqual({
      'serverless-image': `Stack/It: 'Image' is '${OTHER}' with 'ServerlessConfig', must be in a repository of account ${OWN}, in which the endpoint is: copy it there; or serve on instances`,
    });
  });

  test.each([
    ['of its own account', serving(OTHER.replace('444455556666', OWN)), OWN],
    ['of AWS', serving('763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312'), OWN],
    ['of an algorithm of AWS', serving('438346466558.dkr.ecr.eu-west-1.amazonaws.com/kmeans:1'), OWN],
    ['of whatever account the stack will be in', serving(OTHER), undefined],
    ['that is not known yet', serving({ 'Fn::Sub': '${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/x:1' }), OWN],
    ['on instances', serving(OTHER, INSTANCE), OWN],
  ])('is none, and taken: %s', (_, spoil, account) => {
    expect(refusals(spoil, account)).toEqual({});
  });
});

test('refuses another variant or a shadow beside a serverless one', () => {
  const message =
    "'ProductionVariants' has a 'ServerlessConfig' beside another variant, must have one variant and no shadow; or serve on instances";
  border('serverless-endpoint', message, config({}, SERVERLESS, INSTANCE), config({}, INSTANCE, INSTANCE));
  border(
    'serverless-endpoint',
    message,
    config({ ShadowProductionVariants: [INSTANCE] }, SERVERLESS),
    config({ ShadowProductionVariants: [INSTANCE] }, INSTANCE),
  );
});

test('refuses managed scaling of a variant that has a model of its own', () => {
  const { ModelName, ...ofComponents } = INSTANCE;
  border(
    'endpoint-scaling',
    "'ManagedInstanceScaling' is given with 'ModelName', must be on a variant of inference components alone; register the variant with Application Auto Scaling instead",
    config({}, { ...ofComponents, ModelName, ManagedInstanceScaling: { Status: 'ENABLED' } }),
    config({}, { ...ofComponents, ManagedInstanceScaling: { Status: 'ENABLED' } }),
  );
});

test('refuses guardrails where SageMaker has none', () => {
  border(
    'endpoint-guardrails',
    "'DeploymentConfig' is given with 'ml.inf1.xlarge', whose endpoints SageMaker updates all at once while no alarm watches, must be left out; or use another type, such as 'ml.inf2.xlarge'",
    endpoint(blueGreen({ Type: 'ALL_AT_ONCE' }), { ...INSTANCE, InstanceType: 'ml.inf1.xlarge' }),
    endpoint(blueGreen({ Type: 'ALL_AT_ONCE' }), { ...INSTANCE, InstanceType: 'ml.inf2.xlarge' }),
  );
});

test('refuses a rolling update of several variants or of a serverless one', () => {
  const message =
    "'RollingUpdatePolicy' is given with several variants or a serverless one, must be with one variant on instances; use 'BlueGreenUpdatePolicy'";
  const rolling = { RollingUpdatePolicy: { WaitIntervalInSeconds: 60 } };
  border('endpoint-guardrails', message, endpoint(rolling, INSTANCE, INSTANCE), endpoint(rolling, INSTANCE));
  border('endpoint-guardrails', message, endpoint(rolling, SERVERLESS), endpoint(rolling, INSTANCE));
});

test('refuses a canary of more than half of the capacity', () => {
  const canary = (Value: number) => blueGreen({ Type: 'CANARY', CanarySize: { Type: 'CAPACITY_PERCENT', Value } });
  border(
    'endpoint-guardrails',
    "'CanarySize' is 51 % of the capacity, must be at most 50; use 'ALL_AT_ONCE' to move more",
    endpoint(canary(51)),
    endpoint(canary(50)),
  );
});

test('refuses no alarm to roll back by, and more than ten', () => {
  const alarms = (count: number) => ({
    ...blueGreen({ Type: 'ALL_AT_ONCE' }),
    AutoRollbackConfiguration: { Alarms: Array.from({ length: count }, (_, index) => ({ AlarmName: `a${index}` })) },
  });
  border(
    'endpoint-guardrails',
    "'AutoRollbackConfiguration' has 11 alarms, must have from 1 to 10: put more into one composite alarm",
    endpoint(alarms(11)),
    endpoint(alarms(10)),
  );
  expect(Object.keys(refusals(endpoint(alarms(0))))).toEqual(['endpoint-guardrails']);
});

test('refuses a time limit that the waits alone use up', () => {
  const limited = (limit: number) =>
    blueGreen(
      { Type: 'CANARY', WaitIntervalInSeconds: 300, CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 } },
      { TerminationWaitInSeconds: 120, MaximumExecutionTimeoutInSeconds: limit },
    );
  border(
    'endpoint-guardrails',
    "'MaximumExecutionTimeoutInSeconds' is 720, must be more than all waits of the policy, which are 720 seconds",
    endpoint(limited(720)),
    endpoint(limited(721)),
  );
  const linear = (limit: number) =>
    blueGreen(
      { Type: 'LINEAR', WaitIntervalInSeconds: 300, LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 30 } },
      { MaximumExecutionTimeoutInSeconds: limit },
    );
  expect(Object.keys(refusals(endpoint(linear(1200))))).toEqual(['endpoint-guardrails']);
  expect(refusals(endpoint(linear(1201)))).toEqual({});
});
