import type { ServingSettings } from '../../../lambda/shared/contracts';
import { TargetBusyError, TargetRefusedError } from '../../../lambda/release-step/errors';
import { deploymentName, parseDeploymentName } from '../../../lambda/release-step/sagemaker-names';
import { deploymentConfig } from '../../../lambda/release-step/sagemaker-deployment-config';
import { SageMakerTarget } from '../../../lambda/release-step/sagemaker-target';
import type { ShiftPolicy } from '../../../lambda/release-step/serving-target';
import { fakeClient, serviceError, type Responder } from '../support/fake-client';
import { SETTINGS } from './support/world';
import { containing } from '../../support/matching';

const VERSION = {
  model: 'rain',
  version: '2',
  arn: 'arn:package/2',
  approval: 'Approved' as const,
  image: 'mlops/model-server@sha256:abc',
  artifactUri: 's3://artifacts/rain/model.tar.gz',
  environment: { THRESHOLD: '0.5' },
};
const TAGS = [{ Key: 'mlops:model', Value: 'rain' }];
const POLICY: ShiftPolicy = { ...SETTINGS.shift, alarmNames: ['errors'] };
const AUTO_SCALING = {
  minCapacity: 2,
  maxCapacity: 6,
  metric: 'InvocationsPerInstance' as const,
  targetValue: 600,
  scaleInCooldownSeconds: 300,
  scaleOutCooldownSeconds: 60,
};
const DEPLOYMENT = { id: 'mlops-local-rain-v2-0123abcd', version: '2' };

function missing(what: string): Responder {
  return () => {
    throw serviceError('ValidationException', `Could not find ${what} "arn".`);
  };
}

function target(
  responders: Partial<Record<string, Responder>>,
  runtime: Partial<Record<string, Responder>> = {},
  settings: Partial<ServingSettings> = {},
) {
  const sagemaker = fakeClient(responders);
  const invoked = fakeClient(runtime);
  const scaled: string[] = [];
  const scaling = {
    register: (...given: unknown[]) => Promise.resolve(void scaled.push(`register ${given.slice(0, 2).join(' ')}`)),
    deregister: (...given: unknown[]) => Promise.resolve(void scaled.push(`deregister ${given.join(' ')}`)),
  };
  return {
    target: new SageMakerTarget(
      { sagemaker: sagemaker.client, runtime: invoked.client, scaling },
      { ...SETTINGS, ...settings },
      TAGS,
    ),
    sent: sagemaker.sent,
    sentOf: (name: string) => sagemaker.sent.filter(command => command.name === name).map(({ input }) => input),
    invoked: invoked.sent,
    scaled,
  };
}

/** An endpoint that serves one variant, as SageMaker describes it. */
const LIVE = {
  DescribeEndpoint: () => ({
    EndpointStatus: 'InService',
    EndpointConfigName: 'mlops-local-rain-v1-0123abcd',
    ProductionVariants: [{ VariantName: 'AllTraffic', CurrentWeight: 1, CurrentInstanceCount: 3 }],
  }),
  DescribeEndpointConfig: ({ EndpointConfigName: name }: Record<string, unknown>) => ({
    ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: name, InstanceType: 'ml.m5.large' }],
  }),
  UpdateEndpoint: () => ({}),
};

describe('prepare', () => {
  const fresh = {
    DescribeModel: missing('model'),
    CreateModel: () => ({}),
    DescribeEndpointConfig: missing('endpoint configuration'),
    CreateEndpointConfig: () => ({}),
  };

  test('puts the containers into the network and the disks under the key of the settings', async () => {
    const vpc = { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'] };
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:000000000000:key/k';
    const { target: sagemaker, sentOf } = target(fresh, {}, { vpc, kmsKeyArn });

    await sagemaker.prepare(VERSION);

    expect(sentOf('CreateModel')).toEqual([
      expect.objectContaining({ VpcConfig: { Subnets: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] } }),
    ]);
    expect(sentOf('CreateEndpointConfig')).toEqual([expect.objectContaining({ KmsKeyId: kmsKeyArn })]);
  });

  test('is another deployment in another network or under another key, and the same as ever without', async () => {
    const idWith = async (settings: Partial<ServingSettings>): Promise<string> =>
      (await target(fresh, {}, settings).target.prepare(VERSION)).id;
    const vpc = { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] };
    const ids = await Promise.all([
      idWith({}),
      idWith({ vpc }),
      idWith({ vpc: { ...vpc, subnetIds: ['subnet-2'] } }),
      idWith({ kmsKeyArn: 'arn:aws:kms:eu-west-1:000000000000:key/k' }),
    ]);

    expect(new Set(ids).size).toBe(ids.length);
    // what serves already keeps its name when the platform is deployed anew
    expect(await idWith({ vpc: undefined, kmsKeyArn: undefined })).toBe(ids[0]);
  });

  test('creates the model and the endpoint config under one name', async () => {
    const { target: sagemaker, sent } = target(fresh);
    const deployment = await sagemaker.prepare(VERSION);
    expect(deployment.id).toMatch(/^mlops-local-rain-v2-[0-9a-f]{8}$/);
    expect(sent.map(command => command.name)).toEqual([
      'DescribeModel',
      'CreateModel',
      'DescribeEndpointConfig',
      'CreateEndpointConfig',
    ]);
    expect(sent[1]?.input).toEqual({
      ModelName: deployment.id,
      ExecutionRoleArn: SETTINGS.roleArn,
      Tags: TAGS,
      PrimaryContainer: {
        Image: VERSION.image,
        ModelDataUrl: VERSION.artifactUri,
        Environment: { THRESHOLD: '0.5', MODEL_NAME: 'rain', MODEL_VERSION: '2', INFERENCE_LOG_STREAM: 'stream' },
      },
    });
    expect(sent[3]?.input).toEqual({
      EndpointConfigName: deployment.id,
      Tags: TAGS,
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          ModelName: deployment.id,
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 1,
          InitialVariantWeight: 1,
        },
      ],
    });
  });

  test('makes another model for another network, since a model cannot move', async () => {
    const vpc = { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] };
    const { target: outside } = target(fresh);
    const { target: inside, sentOf } = target(fresh, {}, { vpc });

    expect((await inside.prepare(VERSION)).id).not.toBe((await outside.prepare(VERSION)).id);
    expect(sentOf('CreateModel')).toMatchObject([{ VpcConfig: { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] } }]);
  });

  test('creates nothing twice', async () => {
    const { target: sagemaker, sent } = target({ DescribeModel: () => ({}), DescribeEndpointConfig: () => ({}) });
    await sagemaker.prepare(VERSION);
    expect(sent).toHaveLength(2);
  });

  test('does not mind what was created between the look and the act', async () => {
    const exists = () => {
      throw serviceError('ValidationException', 'Cannot create already existing model "arn".');
    };
    const { target: sagemaker } = target({ ...fresh, CreateModel: exists, CreateEndpointConfig: exists });
    await expect(sagemaker.prepare(VERSION)).resolves.toMatchObject({ version: '2' });
  });

  test.each(['ValidationException', 'ResourceLimitExceeded'])('is refused for good on %s', async name => {
    const { target: sagemaker } = target({
      ...fresh,
      CreateEndpointConfig: () => {
        throw serviceError(name, 'no such instance type');
      },
    });
    await expect(sagemaker.prepare(VERSION)).rejects.toThrow(TargetRefusedError);
    await expect(sagemaker.prepare(VERSION)).rejects.toThrow(/SageMaker refused to create endpoint config .*: no such/);
  });

  test('passes on a fault, to be tried again', async () => {
    const { target: sagemaker } = target({
      ...fresh,
      CreateModel: () => {
        throw serviceError('ThrottlingException');
      },
    });
    await expect(sagemaker.prepare(VERSION)).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('shift', () => {
  test('creates the endpoint for the first version', async () => {
    const { target: sagemaker, sentOf } = target({
      DescribeEndpoint: missing('endpoint'),
      DescribeEndpointConfig: () => ({}),
      CreateEndpoint: () => ({}),
    });
    await sagemaker.shift(DEPLOYMENT, POLICY);
    expect(sentOf('CreateEndpoint')).toEqual([
      { EndpointName: 'mlops-local-rain', EndpointConfigName: DEPLOYMENT.id, Tags: TAGS },
    ]);
  });

  test('updates it with an explicit policy afterwards, never with the last one', async () => {
    const { target: sagemaker, sentOf } = target(LIVE);
    await sagemaker.shift(DEPLOYMENT, POLICY);
    expect(sentOf('UpdateEndpoint')).toEqual([
      {
        EndpointName: 'mlops-local-rain',
        EndpointConfigName: DEPLOYMENT.id,
        RetainAllVariantProperties: false,
        RetainDeploymentConfig: false,
        DeploymentConfig: deploymentConfig(POLICY),
      },
    ]);
  });

  test('keeps the instances of what scales by itself, and nothing else of the variant', async () => {
    const { target: sagemaker, sentOf, scaled } = target(LIVE, {}, { autoScaling: AUTO_SCALING });
    await sagemaker.shift(DEPLOYMENT, POLICY);
    expect(sentOf('UpdateEndpoint')).toMatchObject([
      {
        RetainAllVariantProperties: true,
        ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }],
      },
    ]);
    expect(scaled).toEqual([]);
  });

  test.each([
    ['is taken off again where the reconciler registered it between the two', 1],
    ['is refused where that is not the reason', 2],
  ])('what scales and gets another instance type %s', async (_, refusals) => {
    let left = refusals;
    const UpdateEndpoint = () => {
      if (left-- > 0) throw serviceError('ValidationException', 'variants with auto scaling cannot change their type');
      return {};
    };
    const changed = { autoScaling: AUTO_SCALING, instanceType: 'ml.c5.large' };
    const { target: sagemaker, scaled, sentOf } = target({ ...LIVE, UpdateEndpoint }, {}, changed);
    const outcome = await sagemaker.shift(DEPLOYMENT, POLICY).catch((error: unknown) => error);
    expect(outcome instanceof TargetRefusedError).toBe(refusals === 2);
    expect(sentOf('UpdateEndpoint')).toHaveLength(2);
    expect(scaled).toEqual(['deregister mlops-local-rain AllTraffic', 'deregister mlops-local-rain AllTraffic']);
  });

  test('takes the variant off before an update that changes its instance type, which would be refused', async () => {
    const { target: sagemaker, scaled } = target(LIVE, {}, { autoScaling: AUTO_SCALING, instanceType: 'ml.c5.large' });
    await sagemaker.shift(DEPLOYMENT, POLICY);
    expect(scaled).toEqual(['deregister mlops-local-rain AllTraffic']);
  });

  test('waits while an update is in progress', async () => {
    const { target: sagemaker } = target({
      ...LIVE,
      UpdateEndpoint: () => {
        throw serviceError('ValidationException', 'Cannot update in-progress endpoint "arn".');
      },
    });
    await expect(sagemaker.shift(DEPLOYMENT, POLICY)).rejects.toThrow(TargetBusyError);
  });
});

describe('tend', () => {
  const SINCE = { activatedAt: '2026-11-24T00:00:00.000Z', now: new Date('2026-11-24T00:10:00.000Z') };

  test('registers what is to scale by itself, by the name of the variant that serves', async () => {
    const { target: sagemaker, scaled } = target(LIVE, {}, { autoScaling: AUTO_SCALING });
    await sagemaker.tend(SINCE);
    expect(scaled).toEqual(['register mlops-local-rain AllTraffic']);
  });

  test('takes off what is not to scale any more', async () => {
    const { target: sagemaker, scaled } = target(LIVE);
    await sagemaker.tend(SINCE);
    expect(scaled).toEqual(['deregister mlops-local-rain AllTraffic']);
  });

  test.each([
    ['moves', () => ({ EndpointStatus: 'Updating', EndpointConfigName: DEPLOYMENT.id })],
    ['is not there', missing('endpoint')],
    ['serves what no release made', () => ({ ...LIVE.DescribeEndpoint(), EndpointConfigName: 'by-hand' })],
  ])('leaves alone what %s', async (_, DescribeEndpoint) => {
    const { target: sagemaker, scaled } = target({ ...LIVE, DescribeEndpoint }, {}, { autoScaling: AUTO_SCALING });
    await sagemaker.tend(SINCE);
    expect(scaled).toEqual([]);
  });
});

describe('retire', () => {
  const deletions = { DeleteEndpointConfig: () => ({}), DeleteModel: () => ({}) };

  test('deletes config and model of what is not in use', async () => {
    const { target: sagemaker, sentOf } = target({ ...LIVE, ...deletions });
    await sagemaker.retire(DEPLOYMENT);
    expect(sentOf('DeleteEndpointConfig')).toEqual([{ EndpointConfigName: DEPLOYMENT.id }]);
    expect(sentOf('DeleteModel')).toEqual([{ ModelName: DEPLOYMENT.id }]);
  });

  test.each([
    ['serves', { EndpointConfigName: DEPLOYMENT.id }],
    ['is about to', { PendingDeploymentSummary: { EndpointConfigName: DEPLOYMENT.id } }],
  ])('leaves what %s', async (_, live) => {
    const { target: sagemaker, sentOf } = target({
      ...LIVE,
      ...deletions,
      DescribeEndpoint: () => ({ ...LIVE.DescribeEndpoint(), ...live }),
    });
    await sagemaker.retire(DEPLOYMENT);
    expect(sentOf('DeleteEndpointConfig')).toEqual([]);
    expect(sentOf('DeleteModel')).toEqual([]);
  });
});

test('withdraw takes the variant off before the endpoint goes', async () => {
  const { target: sagemaker, scaled, sentOf } = target({ DeleteEndpoint: () => ({}) });
  await sagemaker.withdraw();
  expect(scaled).toEqual(['deregister mlops-local-rain AllTraffic']);
  expect(sentOf('DeleteEndpoint')).toEqual([{ EndpointName: 'mlops-local-rain' }]);
});

describe('deploymentConfig', () => {
  test('of a canary', () => {
    expect(deploymentConfig(POLICY)).toEqual({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: 'CANARY',
          WaitIntervalInSeconds: 300,
          CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 },
        },
        TerminationWaitInSeconds: 0,
        MaximumExecutionTimeoutInSeconds: 3600,
      },
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] },
    });
  });

  test('of linear steps', () => {
    const config = deploymentConfig({ ...POLICY, type: 'LINEAR', stepPercent: 25 });
    expect(config.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration).toEqual({
      Type: 'LINEAR',
      WaitIntervalInSeconds: 300,
      LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 25 },
    });
  });

  test('of all at once, without alarms', () => {
    const config = deploymentConfig({ ...POLICY, type: 'ALL_AT_ONCE', alarmNames: [] });
    expect(config.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration).toEqual({
      Type: 'ALL_AT_ONCE',
      WaitIntervalInSeconds: 300,
    });
    expect(config.AutoRollbackConfiguration).toBeUndefined();
  });
});

describe('current', () => {
  test.each([
    ['InService', { state: 'serving', deployment: DEPLOYMENT }],
    ['Creating', { state: 'moving', towards: DEPLOYMENT }],
    ['SystemUpdating', { state: 'moving', deployment: DEPLOYMENT }],
    ['RollingBack', { state: 'moving', deployment: DEPLOYMENT }],
    ['Deleting', { state: 'moving' }],
    ['Failed', { state: 'broken', deployment: DEPLOYMENT }],
    ['OutOfService', { state: 'broken', deployment: DEPLOYMENT }],
    // two fleets serve: neither is it broken nor does it serve one version
    ['UpdateRollbackFailed', { state: 'serving' }],
  ])('%s', async (EndpointStatus, expected) => {
    const { target: sagemaker } = target({
      DescribeEndpoint: () => ({ EndpointStatus, EndpointConfigName: DEPLOYMENT.id }),
    });
    expect(await sagemaker.current()).toEqual(expected);
  });

  test('Updating tells where it goes', async () => {
    const { target: sagemaker } = target({
      DescribeEndpoint: () => ({
        EndpointStatus: 'Updating',
        EndpointConfigName: 'mlops-local-rain-v1-0123abcd',
        PendingDeploymentSummary: { EndpointConfigName: DEPLOYMENT.id },
      }),
    });
    expect(await sagemaker.current()).toEqual({
      state: 'moving',
      deployment: { id: 'mlops-local-rain-v1-0123abcd', version: '1' },
      towards: DEPLOYMENT,
    });
  });

  test('Updating without another config is a change of capacity: it serves, and cannot be moved', async () => {
    const { target: sagemaker } = target({
      DescribeEndpoint: () => ({ EndpointStatus: 'Updating', EndpointConfigName: DEPLOYMENT.id }),
    });
    expect(await sagemaker.current()).toEqual({ state: 'serving', deployment: DEPLOYMENT, busy: true });
  });

  test('requests split between two variants by hand are no version of ours', async () => {
    const { target: sagemaker } = target({
      DescribeEndpoint: () => ({
        EndpointStatus: 'InService',
        EndpointConfigName: DEPLOYMENT.id,
        ProductionVariants: ['AllTraffic', 'Standby'].map(VariantName => ({ VariantName, CurrentWeight: 1 })),
      }),
      DescribeEndpointConfig: () => ({
        ProductionVariants: ['AllTraffic', 'Standby'].map(VariantName => ({ VariantName, ModelName: DEPLOYMENT.id })),
      }),
    });
    expect(await sagemaker.current()).toMatchObject({ deployment: { id: DEPLOYMENT.id, version: 'unknown' } });
  });

  test('nothing there', async () => {
    expect(await target({ DescribeEndpoint: missing('endpoint') }).target.current()).toEqual({ state: 'absent' });
  });

  test('moved by hand to a config that no release made', async () => {
    const { target: sagemaker } = target({
      DescribeEndpoint: () => ({ EndpointStatus: 'InService', EndpointConfigName: 'by-hand' }),
    });
    expect(await sagemaker.current()).toMatchObject({ deployment: { id: 'by-hand', version: 'unknown' } });
  });
});

describe('verify', () => {
  const answering = (answer: unknown) =>
    target({}, { InvokeEndpoint: () => ({ Body: new TextEncoder().encode(JSON.stringify(answer)) }) });
  const probe = { id: 'mlops-probe-rain-1', instance: { temp: 1 } };

  test('asks for one prediction, under an id that the log shows', async () => {
    const { target: sagemaker, invoked } = answering({ predictions: [{ prediction: 1, score: 0.8 }], version: '2' });
    expect(await sagemaker.verify(DEPLOYMENT, probe)).toEqual({
      verified: true,
      detail: 'version 2 answered a prediction with 1',
    });
    expect(invoked[0]?.input).toMatchObject({
      EndpointName: 'mlops-local-rain',
      InferenceId: 'mlops-probe-rain-1',
      Body: '{"instances":[{"temp":1}]}',
    });
  });

  test.each([
    [{ predictions: [{ prediction: 1 }], version: '1' }, 'version 1 answered a prediction, not version 2'],
    [{ predictions: [], version: '2' }, "'predictions'"],
    [{ predictions: [{ prediction: 1 }] }, "'version'"],
    ['text', 'does not have the agreed shape'],
  ])('is not satisfied with %j', async (answer, detail) => {
    const verification = await answering(answer).target.verify(DEPLOYMENT, probe);
    expect(verification).toEqual({ verified: false, detail: containing(detail) });
  });

  test('is not satisfied with an error of the model', async () => {
    const fails = () => {
      throw serviceError('ModelError', 'Received server error (500) from primary');
    };
    expect(await target({}, { InvokeEndpoint: fails }).target.verify(DEPLOYMENT, probe)).toEqual({
      verified: false,
      detail: 'a prediction failed: Received server error (500) from primary',
    });
  });

  test('passes on a fault, to be tried again', async () => {
    const fails = () => {
      throw serviceError('ServiceUnavailable');
    };
    await expect(target({}, { InvokeEndpoint: fails }).target.verify(DEPLOYMENT, probe)).rejects.toMatchObject({
      name: 'ServiceUnavailable',
    });
  });
});

describe('names', () => {
  test('are the same for the same makings, in any order', () => {
    expect(deploymentName('mlops-local-rain', '2', { a: 1, b: 2 })).toBe(
      deploymentName('mlops-local-rain', '2', { b: 2, a: 1 }),
    );
    expect(deploymentName('mlops-local-rain', '2', { a: 1 })).not.toBe(
      deploymentName('mlops-local-rain', '2', { a: 2 }),
    );
  });

  test('are told from those of a model whose name begins alike', () => {
    expect(parseDeploymentName('mlops-local-rain', 'mlops-local-rain-v2-v1-0123abcd')).toBeUndefined();
    expect(parseDeploymentName('mlops-local-rain', 'mlops-local-rain-v12-0123abcd')).toEqual({
      id: 'mlops-local-rain-v12-0123abcd',
      version: '12',
    });
  });
});
