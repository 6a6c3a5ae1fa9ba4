import { App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DataLake } from '../../../constructs/data/data-lake';
import { InferenceLog } from '../../../constructs/data/inference-log';
import { ModelRegistry } from '../../../constructs/registry/model-registry';
import { ReleaseController } from '../../../constructs/release/release-controller';
import { type AwakeHours, Weekday } from '../../../constructs/serving/idle-policy';
import { ModelService } from '../../../constructs/serving/model-service';
import type { ModelServiceProps } from '../../../constructs/serving/model-service-props';
import { ShiftPolicy } from '../../../constructs/serving/shift-policy';
import { servingSettings, type ServingSettings } from '../../../lambda/shared/contracts';
import { inlineRights } from '../../support/inline-rights';

const ENV = { account: '000000000000', region: 'eu-west-1' };

const imports = new Stack(new App(), 'Imports', { env: ENV });
const lakeBucket = Bucket.fromBucketName(imports, 'LakeBucket', 'lake');
const LAKE = DataLake.fromDataLakeAttributes(imports, 'Lake', {
  encryptionKey: Key.fromKeyArn(imports, 'Key', `arn:aws:kms:${ENV.region}:${ENV.account}:key/k`),
  rawBucket: lakeBucket,
  curatedBucket: lakeBucket,
  snapshotBucket: lakeBucket,
  artifactBucket: lakeBucket,
  monitoringBucket: lakeBucket,
  databaseName: 'lake',
  workgroupName: 'queries',
});
const LOG = InferenceLog.fromInferenceLogAttributes(imports, 'Log', {
  streamName: 'rain-log',
  tableName: 'rain_inference_log',
  labelsTableName: 'rain_labels',
});
const SHADOWED = { shadow: { dataLake: LAKE, duration: Duration.hours(1) }, inferenceLog: LOG };

function service(props: Partial<ModelServiceProps> = {}) {
  const app = new App();
  const platform = new Stack(app, 'Platform', { env: ENV });
  const artifactBucket = Bucket.fromBucketName(platform, 'Artifacts', 'artifacts');
  const releaseController = new ReleaseController(platform, 'Releases', {
    environmentName: 'local',
    artifactBucket,
    shadowDataLake: props.shadow?.dataLake,
  });
  const stack = new Stack(app, 'Model', { env: ENV });
  const model = new ModelService(stack, 'Service', {
    environmentName: 'local',
    modelName: 'rain',
    registry: new ModelRegistry(stack, 'Registry', { environmentName: 'local', modelName: 'rain' }),
    artifactBucket,
    releaseController,
    instanceType: 'ml.m5.large',
    ...props,
  });
  return { app, stack, model, template: () => Template.fromStack(stack) };
}

/** The settings that the template writes, with references as their names. */
function settings(template: Template): ServingSettings {
  const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter'));
  const text = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const [intrinsic, argument] = Object.entries(value as Record<string, unknown>)[0] ?? ['', ''];
    return intrinsic === 'Fn::Join'
      ? (argument as [string, unknown[]])[1].map(text).join('')
      : [argument].flat().join('.');
  };
  return servingSettings.parse(JSON.parse(text((parameter as { Properties: { Value: unknown } }).Properties.Value)));
}

function actions(template: Template): string[] {
  return inlineRights(template).flatMap(({ Action }) => [Action].flat());
}

describe('the template', () => {
  test('names no version: it has no model, no endpoint config and no endpoint', () => {
    const template = service().template();
    for (const type of ['Model', 'EndpointConfig', 'Endpoint']) template.resourceCountIs(`AWS::SageMaker::${type}`, 0);
  });

  test('adds no function and no state machine to a model', () => {
    const template = service().template();
    template.resourceCountIs('AWS::Lambda::Function', 0);
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
    // each would take of the 20 KB that a function's policy has
    template.resourceCountIs('AWS::Lambda::Permission', 0);
  });

  test('has logical ids that do not change', () => {
    expect(
      Object.keys(service().template().toJSON().Resources as object)
        .filter(id => id.startsWith('Service'))
        // the CDK's hash, and its own name for the permission
        .map(id => id.slice(0, -8).replace(/(AllowEventRule).*/, '$1'))
        .sort(),
    ).toEqual([
      'ServiceCleanup',
      'ServiceGuardrailLatency',
      'ServiceGuardrailModelErrors',
      'ServiceGuardrailServerErrors',
      'ServiceRole',
      'ServiceSettings',
    ]);
  });
});

describe('the settings', () => {
  test('are found by name and have the agreed shape', () => {
    const template = service().template();
    template.hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/mlops/local/rain/serving',
      Tier: 'Intelligent-Tiering',
    });
    expect(settings(template)).toMatchObject({
      target: 'sagemaker',
      endpointName: 'mlops-local-rain',
      instanceType: 'ml.m5.large',
      instanceCount: 1,
      inferenceLogStreamName: '',
      shift: { type: 'ALL_AT_ONCE', waitSeconds: 300, terminationWaitSeconds: 0, maxExecutionSeconds: 2100 },
    });
  });

  test('say how traffic moves', () => {
    const shift = ShiftPolicy.canary({ percent: 34, terminationWait: Duration.minutes(10) });
    expect(settings(service({ shift, instanceCount: 3 }).template())).toMatchObject({
      instanceCount: 3,
      shift: {
        type: 'CANARY',
        stepPercent: 34,
        waitSeconds: 300,
        terminationWaitSeconds: 600,
        maxExecutionSeconds: 3000,
      },
    });
  });

  test('name the three guardrail alarms', () => {
    expect(settings(service().template()).guardrailAlarmNames).toHaveLength(3);
  });
});

describe('capacity', () => {
  test('stays as it is, with no standby, when nothing is said', () => {
    expect(settings(service().template())).toMatchObject({ instanceCount: 1 });
    expect(settings(service().template())).not.toHaveProperty('autoScaling');
    expect(settings(service().template())).not.toHaveProperty('warmStandbySeconds');
  });

  test.each<[Partial<ModelServiceProps>, Partial<ServingSettings>]>([
    [
      { instanceCount: 2, autoScaling: { maxCapacity: 6, targetInvocationsPerInstance: 600 } },
      {
        autoScaling: {
          minCapacity: 2,
          maxCapacity: 6,
          metric: 'InvocationsPerInstance',
          targetValue: 600,
          scaleInCooldownSeconds: 300,
          scaleOutCooldownSeconds: 300,
        },
      },
    ],
    [
      {
        autoScaling: {
          minCapacity: 1,
          maxCapacity: 6,
          targetConcurrentRequestsPerInstance: 4,
          scaleInCooldown: Duration.seconds(0),
          scaleOutCooldown: Duration.seconds(30),
        },
      },
      {
        autoScaling: {
          minCapacity: 1,
          maxCapacity: 6,
          metric: 'ConcurrentRequestsPerInstance',
          targetValue: 4,
          scaleInCooldownSeconds: 0,
          scaleOutCooldownSeconds: 30,
        },
      },
    ],
    [{ warmStandby: Duration.hours(72) }, { warmStandbySeconds: 72 * 3600 }],
    [{ idle: {} }, { idle: {} }],
    [
      { idle: { awake: { from: '07:00', to: '20:00', timeZone: TimeZone.EUROPE_BERLIN } } },
      {
        idle: {
          awake: {
            days: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
            from: '07:00',
            to: '20:00',
            timeZone: 'Europe/Berlin',
          },
        },
      },
    ],
    [
      { shadow: { dataLake: LAKE, duration: Duration.hours(1) }, inferenceLog: LOG, maxLatency: Duration.millis(300) },
      {
        shadow: {
          durationSeconds: 3600,
          logDelaySeconds: 900,
          minRequests: 500,
          maxDisagreement: 0.05,
          maxErrorRate: 0.01,
          maxLatencyMilliseconds: 300,
          database: 'lake',
          inferenceLogTable: 'rain_inference_log',
          workgroup: 'queries',
        },
      },
    ],
    [
      {
        shadow: {
          dataLake: LAKE,
          duration: Duration.minutes(1),
          logDelay: Duration.minutes(0),
          minRequests: 1,
          maxDisagreement: 0,
          maxScoreDifference: 0,
          maxErrorRate: 0,
          maxLatency: Duration.millis(5),
        },
        inferenceLog: LOG,
      },
      {
        shadow: {
          durationSeconds: 60,
          logDelaySeconds: 0,
          minRequests: 1,
          maxDisagreement: 0,
          maxScoreDifference: 0,
          maxErrorRate: 0,
          maxLatencyMilliseconds: 5,
          database: 'lake',
          inferenceLogTable: 'rain_inference_log',
          workgroup: 'queries',
        },
      },
    ],
  ])('%j is told to the release controller', (props, expected) => {
    expect(settings(service(props).template())).toMatchObject(expected);
  });
});

describe('the role of the containers', () => {
  test('has the path within which roles may be passed', () => {
    service()
      .template()
      .hasResourceProperties('AWS::IAM::Role', {
        Path: '/mlops/local/',
        AssumeRolePolicyDocument: {
          Statement: [Match.objectLike({ Principal: { Service: 'sagemaker.amazonaws.com' } })],
        },
      });
  });

  test("reads this model's artifacts only", () => {
    service()
      .template()
      .hasResourceProperties('AWS::IAM::Role', {
        Policies: [
          {
            PolicyDocument: {
              Statement: Match.arrayWith([
                Match.objectLike({
                  Action: 's3:GetObject',
                  Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::artifacts/rain/*']] },
                }),
                Match.objectLike({
                  Action: 's3:ListBucket',
                  Condition: { StringLike: { 's3:prefix': 'rain/*' } },
                }),
              ]),
            },
          },
        ],
      });
  });

  test("puts metrics in SageMaker's namespace only: in ours it could speak for a neighbour", () => {
    service()
      .template()
      .hasResourceProperties('AWS::IAM::Role', {
        Policies: [
          {
            PolicyDocument: {
              Statement: Match.arrayWith([
                Match.objectLike({
                  Action: 'cloudwatch:PutMetricData',
                  Condition: { StringEquals: { 'cloudwatch:namespace': ['/aws/sagemaker/Endpoints'] } },
                }),
              ]),
            },
          },
        ],
      });
  });

  test('pulls from the named repositories only, where they are named', () => {
    const { stack } = service();
    const repository = Repository.fromRepositoryName(stack, 'Repository', 'model-server');
    const template = service({ imageRepositories: [repository] }).template();
    expect(JSON.stringify(template.toJSON())).not.toContain(':repository/*');
  });

  test('writes to no stream without an inference log', () => {
    expect(actions(service().template()).filter(action => action.startsWith('firehose:'))).toEqual([]);
  });

  test('sees the guardrail alarms, which SageMaker looks at in its name', () => {
    expect(actions(service().template())).toContain('cloudwatch:DescribeAlarms');
  });

  test('may change nothing of SageMaker', () => {
    expect(actions(service().template()).filter(action => action.startsWith('sagemaker:'))).toEqual([]);
  });
});

describe('the guardrail', () => {
  test('takes no traffic for no evidence', () => {
    const template = service().template();
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')) as {
      Properties: { TreatMissingData: string };
    }[];
    expect(alarms.map(alarm => alarm.Properties.TreatMissingData)).toEqual(Array(3).fill('notBreaching'));
  });

  test('measures latency in the unit of SageMaker, microseconds', () => {
    service({ maxLatency: Duration.millis(250) })
      .template()
      .hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: 'ModelLatency',
        ExtendedStatistic: 'p99',
        Threshold: 250_000,
        Dimensions: [
          { Name: 'EndpointName', Value: 'mlops-local-rain' },
          { Name: 'VariantName', Value: 'AllTraffic' },
        ],
      });
  });

  test.each([
    ['Invocation5XXErrors', { maxServerErrorRate: 0 }, 0],
    ['InvocationModelErrors', { maxModelErrorRate: 0 }, 0],
    ['Invocation5XXErrors', {}, 0.05],
    ['InvocationModelErrors', {}, 0.25],
  ])('%s with %j has the threshold %d', (MetricName, props, Threshold) => {
    service(props).template().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName,
      Threshold,
      Statistic: 'Average',
      DatapointsToAlarm: 2,
      EvaluationPeriods: 3,
    });
  });
});

describe('the cleanup', () => {
  test('deletes by the name of the endpoint, while the containers still have their role', () => {
    const template = service().template();
    template.hasResource('Custom::ServingCleanup', {
      Properties: { EndpointName: 'mlops-local-rain', ServiceTimeout: '900' },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ServiceRole')]),
    });
  });

  test('begins when the settings are gone, without which no release begins', () => {
    service()
      .template()
      .hasResource('AWS::SSM::Parameter', {
        DependsOn: [Match.stringLikeRegexp('^ServiceCleanup')],
      });
  });
});

describe('the guardrail', () => {
  const warned = (seconds: number): unknown[] =>
    Annotations.fromStack(
      service({ shift: ShiftPolicy.allAtOnce({ bakeTime: Duration.seconds(seconds) }) }).stack,
    ).findWarning('*', Match.stringLikeRegexp('too short for the guardrail alarms'));

  test('warns of a bake that its alarms cannot use, but takes none at its word', () => {
    expect(warned(120)).toHaveLength(1);
    expect([...warned(0), ...warned(180)]).toEqual([]);
  });
});

describe('without a controller', () => {
  test('it makes its own', () => {
    const template = service({ releaseController: undefined }).template();
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  });

  test('its own hears of approvals of this model alone', () => {
    service({ releaseController: undefined })
      .template()
      .hasResourceProperties('AWS::Events::Rule', {
        EventPattern: { detail: { ModelPackageGroupName: ['mlops-local-rain'] } },
      });
  });
});

describe('grants, metrics, imports', () => {
  test('an imported service grants as the one it stands for', () => {
    const { stack, model } = service();
    const imported = ModelService.fromModelServiceAttributes(stack, 'Imported', {
      environmentName: 'local',
      modelName: 'rain',
    });
    imported.grantInvoke(new Role(stack, 'Client', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    expect(imported.endpointName).toBe(model.endpointName);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'sagemaker:InvokeEndpoint',
            Effect: 'Allow',
            Resource: {
              'Fn::Join': [
                '',
                ['arn:', { Ref: 'AWS::Partition' }, ':sagemaker:eu-west-1:000000000000:endpoint/mlops-local-rain'],
              ],
            },
          },
        ],
      },
    });
  });

  test('metrics are those of the endpoint', () => {
    const { model } = service();
    expect(model.metricInvocations({ period: Duration.hours(1) })).toMatchObject({
      namespace: 'AWS/SageMaker',
      metricName: 'Invocations',
      statistic: 'Sum',
      period: Duration.hours(1),
    });
  });
});

describe('fails', () => {
  test('with a step of less than one instance', () => {
    expect(() => service({ shift: ShiftPolicy.canary({ percent: 25 }), instanceCount: 3 })).toThrow(
      "'instanceCount' is 3, but a step of 25 % of it is less than one instance, must be at least 4",
    );
  });

  test('with a step of less than one instance where the load has left the fewest', () => {
    const autoScaling = { minCapacity: 2, maxCapacity: 8, targetInvocationsPerInstance: 600 };
    expect(() => service({ shift: ShiftPolicy.canary({ percent: 25 }), instanceCount: 4, autoScaling })).toThrow(
      "'autoScaling.minCapacity' is 2, but a step of 25 % of it is less than one instance, must be at least 4",
    );
  });

  const SCALING = { maxCapacity: 4, targetInvocationsPerInstance: 600 };
  test.each<[string, Partial<ModelServiceProps>, string]>([
    [
      'scaling of a burstable type',
      { instanceType: 'ml.t2.medium', autoScaling: SCALING },
      "'autoScaling' is given with 'instanceType' 'ml.t2.medium', must be none of the burstable types",
    ],
    [
      'a single zone in production',
      { environmentName: 'prod', autoScaling: SCALING },
      "'autoScaling.minCapacity' is 1 in 'prod', must be at least 2",
    ],
    [
      'more instances at first than ever after',
      { instanceCount: 5, autoScaling: { ...SCALING, minCapacity: 1 } },
      "'instanceCount' is 5, must be from 'autoScaling.minCapacity' (1) to 'autoScaling.maxCapacity' (4)",
    ],
    ['no target', { autoScaling: { maxCapacity: 4 } }, "'autoScaling' has no target, must have one"],
    [
      'two targets',
      { autoScaling: { ...SCALING, targetConcurrentRequestsPerInstance: 4 } },
      "'autoScaling' has two targets, must have one",
    ],
    [
      'a target of nothing',
      { autoScaling: { maxCapacity: 4, targetInvocationsPerInstance: 0 } },
      "the target of 'autoScaling' is 0, must be more than 0",
    ],
    [
      'no instances',
      { autoScaling: { ...SCALING, minCapacity: 0 } },
      "'autoScaling.minCapacity' is 0, must be a whole number of at least 1",
    ],
    [
      'a shadow and a standby',
      { ...SHADOWED, warmStandby: Duration.hours(1) },
      "'shadow' is given with 'warmStandby', must be without it, since SageMaker takes one production variant beside a shadow",
    ],
    [
      'a shadow without a log',
      { ...SHADOWED, inferenceLog: undefined },
      "'shadow' is given without 'inferenceLog', must be with it",
    ],
    [
      'a shadow too short to be one',
      { shadow: { dataLake: LAKE, duration: Duration.seconds(59) }, inferenceLog: LOG },
      "'shadow.duration' is 59 seconds, must be from 1 minute to 1 day",
    ],
    [
      'a shadow that holds the lock for days',
      { shadow: { dataLake: LAKE, duration: Duration.hours(25) }, inferenceLog: LOG },
      "'shadow.duration' is 1 day 1 hour, must be from 1 minute to 1 day",
    ],
    [
      'a log that is on its way for hours',
      { shadow: { ...SHADOWED.shadow, logDelay: Duration.hours(2) }, inferenceLog: LOG },
      "'shadow.logDelay' is 2 hours, must be from 0 seconds to 1 hour",
    ],
    [
      'a shadow that may agree by chance',
      { shadow: { ...SHADOWED.shadow, minRequests: 0 }, inferenceLog: LOG },
      "'shadow.minRequests' is 0, must be a whole number of at least 1",
    ],
    [
      'a shadow that may differ more than always',
      { shadow: { ...SHADOWED.shadow, maxDisagreement: 1.1 }, inferenceLog: LOG },
      "'shadow.maxDisagreement' is 1.1, must be from 0 to 1",
    ],
    [
      'a shadow that must answer at once',
      { shadow: { ...SHADOWED.shadow, maxLatency: Duration.millis(0) }, inferenceLog: LOG },
      "'shadow.maxLatency' is 0 ms, must be more than 0, or no version ever serves",
    ],
    [
      'a standby of no time',
      { warmStandby: Duration.seconds(0) },
      "'warmStandby' is 0 seconds, must be at least a minute",
    ],
  ])('with %s', (_, props, message) => {
    expect(() => service(props)).toThrow(message);
  });

  test('with an instance type that is not for hosting', () => {
    expect(() => service({ instanceType: 'ml.t3.medium' })).toThrow(
      "'instanceType' is 'ml.t3.medium', which SageMaker has for training and processing but not for hosting, must be one for hosting, such as 'ml.m5.large'",
    );
  });

  test('with a guardrail where SageMaker has none', () => {
    const instanceType = 'ml.inf1.xlarge';
    expect(() => service({ instanceType })).toThrow(
      "'shift' is ALL_AT_ONCE with a wait of 5 minutes on 'ml.inf1.xlarge', whose endpoints SageMaker updates all at once while no alarm watches, must say so: 'ShiftPolicy.allAtOnce({ bakeTime: Duration.seconds(0) })'; or use another type, such as 'ml.inf2.xlarge'",
    );
    expect(() => service({ instanceType, instanceCount: 4, shift: ShiftPolicy.canary({ percent: 25 }) })).toThrow(
      "'shift' is CANARY with a wait of 5 minutes on 'ml.inf1.xlarge'",
    );
    const shift = ShiftPolicy.allAtOnce({ bakeTime: Duration.seconds(0) });
    expect(() => service({ instanceType, shift })).not.toThrow();
  });

  test('with a shadow that its release controller may not compare', () => {
    const { stack } = service();
    const artifactBucket = Bucket.fromBucketName(stack, 'Artifacts', 'artifacts');
    const releaseController = new ReleaseController(stack, 'Mute', { environmentName: 'local', artifactBucket });
    expect(() => service({ ...SHADOWED, releaseController })).toThrow(
      "'shadow' is given with a 'releaseController' that may not compare, must be with one that may; give the controller the lake as its 'shadowDataLake'",
    );
  });

  test('with a registry whose versions the shared functions would not find', () => {
    const { stack } = service();
    const registry = ModelRegistry.fromModelPackageGroupName(stack, 'Foreign', 'models-of-another-team');
    expect(() => service({ registry })).toThrow(
      "'registry' is the model package group 'models-of-another-team', must be 'mlops-local-rain'",
    );
  });

  test('with a latency that no model keeps', () => {
    expect(() => service({ maxLatency: Duration.seconds(0) })).toThrow("'maxLatency' is 0 ms, must be more than 0");
  });

  test('with everything that is wrong at once', () => {
    expect(() =>
      service({ modelName: 'Rain', instanceType: 'm5.large', instanceCount: 0, maxServerErrorRate: 2 }),
    ).toThrow(
      /^Model\/Service: 'modelName' is 'Rain', .*'instanceType' is 'm5\.large', must be a SageMaker instance type.*'instanceCount' is 0.*'maxServerErrorRate' is 2, must be from 0 to 1$/,
    );
  });
});

describe('hours', () => {
  const HOURS = { from: '07:00', to: '20:00', timeZone: TimeZone.EUROPE_BERLIN };

  test.each<[Partial<AwakeHours>, string]>([
    [{ from: '7:00' }, "'idle.awake.from' is '7:00', must be a time of day from '00:00' to '23:59'"],
    [{ to: '25:00' }, "'idle.awake.to' is '25:00', must be a time of the same day after 'from'"],
    [{ to: '06:59' }, "'idle.awake.to' is '06:59', must be a time of the same day after 'from', which is '07:00'"],
    [{ days: [] }, "'idle.awake.days' is [], must name at least one day"],
    [{ days: [Weekday.MONDAY, Weekday.MONDAY] }, "'idle.awake.days' is [MON, MON]"],
    [{ timeZone: TimeZone.of('Berlin') }, "'idle.awake.timeZone' is 'Berlin', must be the name of a zone"],
    [{ days: Object.values(Weekday), from: '00:00', to: '24:00' }, "'idle.awake' is all the week"],
  ])('%j fail with the fix', (wrong, message) => {
    expect(() => service({ idle: { awake: { ...HOURS, ...wrong } } })).toThrow(message);
  });
});
