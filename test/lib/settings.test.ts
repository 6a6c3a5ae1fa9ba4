import { mkdtempSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { monitoringSettings, reactionSettings, servingSettings, trainingSettings } from '../../lambda/shared/contracts';
import { readableTemplate } from '../support/readable-template';
import { type SynthesisedStack, synthesise } from '../support/platform';
import { parse, stringify } from 'yaml';

const MODEL = {
  name: 'rain',
  schema: { features: [{ name: 'temperature', type: 'double', min: -6, max: 6 }], label: 'rain' },
  training: { code: '.', hyperparameters: { depth: 3, rate: '0.08' }, seed: 7 },
};
/** Every setting of a model that an environment can give, each with a value that is no default. */
const SETTINGS = {
  training: {
    instanceType: 'ml.m5.xlarge',
    instanceCount: 2,
    volumeSizeInGb: 31,
    maxRuntimeMinutes: 61,
    holdoutShare: 0.3,
    schedule: 'rate(9 days)',
    maxRows: 4001,
    gate: { minAuc: 0.81, minImprovement: 0.01 },
    guard: {
      minIntervalMinutes: 62,
      maxRunsPerDay: 5,
      minNewRowsOnNewData: 3001,
      minNewRowsOnRetrain: 1001,
      maxLostChallengers: 3,
    },
  },
  serving: {
    instanceType: 'ml.m5.2xlarge',
    instanceCount: 4,
    shift: { type: 'CANARY', stepPercent: 30, waitMinutes: 7, terminationWaitMinutes: 2, maxExecutionMinutes: 90 },
    autoScaling: {
      minCapacity: 4,
      maxCapacity: 9,
      metric: 'ConcurrentRequestsPerInstance',
      targetValue: 6.5,
      scaleInCooldownSeconds: 301,
      scaleOutCooldownSeconds: 61,
    },
    warmStandbyHours: 1.5,
    guardrail: { maxLatencyMilliseconds: 1234, maxServerErrorRate: 0.06, maxModelErrorRate: 0.26 },
  },
  monitoring: {
    periodMinutes: 30,
    windowPeriods: 2,
    evaluationWindows: 5,
    alarmingWindows: 4,
    graceMinutes: 8,
    minSamples: 201,
    minLabels: 101,
    labelHorizonDays: 5,
    falseDiscoveryRate: 0.02,
    minExcess: 0.03,
    maxQualityDrop: 0.04,
    minDriftedFeatureShare: 0.4,
    scheduled: false,
  },
  reaction: { rollbackWindowHours: 71, cooldownHours: 5, retrain: false },
};

/** What excludes the standby: a model has the one or the other. */
const SHADOWED = {
  ...SETTINGS,
  serving: {
    ...SETTINGS.serving,
    warmStandbyHours: undefined,
    shadow: {
      durationMinutes: 33,
      minRequests: 501,
      maxDisagreement: 0.06,
      maxScoreDifference: 0.2,
      maxErrorRate: 0.02,
      maxLatencyMilliseconds: 777,
    },
  },
};

/** Every setting of the data lake, likewise. */
const DATA = {
  removalPolicy: 'destroy',
  deleteData: true,
  snapshotRetentionDays: 11,
  inferenceLogRetentionDays: 12,
  queryScanLimitGiB: 13,
  bufferingSeconds: 140,
};

/** Every other setting, likewise. */
const ENVIRONMENT = {
  account: '111122223333',
  region: 'eu-west-3',
  terminationProtection: true,
  tags: { team: 'weather' },
  notifications: {
    emails: ['on-call@example.com'],
    slack: [{ workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' }],
    teams: [
      {
        tenantId: '11111111-2222-4333-8444-555555555555',
        teamId: '66666666-7777-4888-9999-aaaaaaaaaaaa',
        channelId: '19%3aabc%40thread.tacv2',
      },
    ],
  },
  images: { trainer: 'team/trainer:3', modelServer: 'team/server:4' },
  releases: { pollSeconds: 17, reconcileMinutes: 23 },
};

function stacks(settings: object, data: object = {}): SynthesisedStack[] {
  const root = mkdtempSync(join(tmpdir(), 'settings-'));
  mkdirSync(join(root, 'environments'));
  writeFileSync(join(root, 'model.yaml'), stringify(MODEL));
  writeFileSync(join(root, 'train.py'), '');
  const environment = {
    ...ENVIRONMENT,
    data,
    models: { rain: { definition: 'model.yaml', ...settings } },
  };
  writeFileSync(join(root, 'environments', 'dev.yaml'), stringify(environment));
  return synthesise({ root, environmentNames: ['dev'] }).get('dev') ?? [];
}

function stackOf(made: readonly SynthesisedStack[], id: string): SynthesisedStack {
  const stack = made.find(candidate => candidate.id === id);
  if (stack === undefined) {
    throw new Error(`no stack '${id}' in the stage`);
  }
  return stack;
}

function propertiesOf(stack: SynthesisedStack, type: string): Record<string, unknown>[] {
  return Object.values(stack.resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
}

/** Names of the settings in a JSON schema, as paths; those of every variant of a union. */
function settingsIn(schema: JsonSchema, path = ''): string[] {
  const variants = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const inner = variants.flatMap(({ properties }) => Object.entries(properties ?? {}));
  return inner.length === 0
    ? [path]
    : inner.flatMap(([name, of]) => settingsIn(of, path === '' ? name : `${path}.${name}`));
}

interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema;
  readonly anyOf?: JsonSchema[];
  readonly oneOf?: JsonSchema[];
}

function pathsIn(value: unknown, path = ''): string[] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, of]) => pathsIn(of, path === '' ? name : `${path}.${name}`))
    : [path];
}

/** A part of the settings as the functions read it, references left as text. */
function written<T extends z.ZodType>(stack: SynthesisedStack, part: string, schema: T): z.infer<T> {
  const { Resources } = parse(readableTemplate(stack.template)) as {
    Resources: Record<string, { Properties: { Name?: string; Value?: unknown } }>;
  };
  const parameter = Object.values(Resources).find(({ Properties }) => Properties.Name === `/mlops/dev/rain/${part}`);
  return schema.parse(parameter?.Properties.Value);
}

describe('every setting of a file reaches the functions', () => {
  const made = stacks(SETTINGS, DATA);
  const stack = stackOf(made, 'Model-rain');

  test('and each of them has a value here', () => {
    const { properties } = JSON.parse(
      readFileSync(join(__dirname, '..', '..', 'environments', 'schema.json'), 'utf8'),
    ) as { properties: Record<string, JsonSchema> };
    const ofModels = settingsIn(properties.models.additionalProperties as JsonSchema);

    expect(new Set([...pathsIn(SETTINGS), ...pathsIn(SHADOWED)])).toEqual(
      new Set(ofModels.filter(name => name !== 'definition')),
    );
    expect(new Set(pathsIn(DATA))).toEqual(new Set(settingsIn(properties.data)));
    expect(new Set([...Object.keys(ENVIRONMENT), 'data', 'models'])).toEqual(new Set(Object.keys(properties)));
  });

  test('of the environment as a whole', () => {
    const platform = stackOf(made, 'Platform');

    expect(made.map(({ terminationProtection }) => terminationProtection)).toEqual([true, true, true]);
    expect(propertiesOf(platform, 'AWS::SNS::Subscription')).toContainEqual(
      expect.objectContaining({ Protocol: 'email', Endpoint: 'on-call@example.com' }),
    );
    expect(propertiesOf(platform, 'AWS::Chatbot::SlackChannelConfiguration')).toMatchObject([
      { SlackWorkspaceId: 'T0123ABCD', SlackChannelId: 'C0123ABCD' },
    ]);
    expect(propertiesOf(platform, 'AWS::Chatbot::MicrosoftTeamsChannelConfiguration')).toMatchObject([
      {
        TeamsTenantId: '11111111-2222-4333-8444-555555555555',
        TeamId: '66666666-7777-4888-9999-aaaaaaaaaaaa',
        TeamsChannelId: '19%3aabc%40thread.tacv2',
      },
    ]);
    expect(propertiesOf(platform, 'AWS::SNS::Topic')).toContainEqual(
      expect.objectContaining({ Tags: expect.arrayContaining([{ Key: 'team', Value: 'weather' }]) as unknown[] }),
    );
    expect(propertiesOf(platform, 'AWS::Lambda::Function').map(({ Environment }) => Environment)).toContainEqual({
      Variables: expect.objectContaining({ POLL_SECONDS: '17' }) as object,
    });
    expect(written(stack, 'training', trainingSettings).image).toMatch(
      /^111122223333\.dkr\.ecr\.eu-west-3\..*\/team\/trainer:3$/,
    );
  });

  test('of training', () => {
    expect(written(stack, 'training', trainingSettings)).toMatchObject({
      schema: { features: [{ name: 'temperature', type: 'double', min: -6, max: 6 }], label: 'rain' },
      image: expect.stringMatching(/\/team\/trainer:3$/),
      inferenceImage: expect.stringMatching(/\/team\/server:4$/),
      instanceType: 'ml.m5.xlarge',
      instanceCount: 2,
      volumeSizeInGb: 31,
      maxRuntimeSeconds: 61 * 60,
      hyperparameters: { depth: '3', rate: '0.08' },
      seed: 7,
      holdoutShare: 0.3,
      maxRows: 4001,
      gate: { minAuc: 0.81, minImprovement: 0.01 },
      guard: {
        minIntervalSeconds: 62 * 60,
        maxRunsPerDay: 5,
        minNewRowsOnNewData: 3001,
        minNewRowsOnRetrain: 1001,
        maxLostChallengers: 3,
      },
    });
  });

  test('of serving', () => {
    expect(written(stack, 'serving', servingSettings)).toMatchObject({
      endpointName: 'mlops-dev-rain',
      instanceType: 'ml.m5.2xlarge',
      instanceCount: 4,
      autoScaling: {
        minCapacity: 4,
        maxCapacity: 9,
        metric: 'ConcurrentRequestsPerInstance',
        targetValue: 6.5,
        scaleInCooldownSeconds: 301,
        scaleOutCooldownSeconds: 61,
      },
      warmStandbySeconds: 90 * 60,
      shift: {
        type: 'CANARY',
        stepPercent: 30,
        waitSeconds: 7 * 60,
        terminationWaitSeconds: 2 * 60,
        maxExecutionSeconds: 90 * 60,
      },
    });
  });

  test('of a shadow, and of how long its log is on its way', () => {
    const shadowed = stackOf(stacks(SHADOWED), 'Model-rain');

    expect(written(shadowed, 'serving', servingSettings).shadow).toEqual({
      durationSeconds: 33 * 60,
      logDelaySeconds: 8 * 60,
      minRequests: 501,
      maxDisagreement: 0.06,
      maxScoreDifference: 0.2,
      maxErrorRate: 0.02,
      maxLatencyMilliseconds: 777,
      database: expect.stringContaining('RefLakeDatabase') as string,
      inferenceLogTable: expect.stringContaining('InferenceLogTable') as string,
      workgroup: expect.stringContaining('RefLakeWorkgroup') as string,
    });
  });

  test('of monitoring', () => {
    expect(written(stack, 'monitoring', monitoringSettings)).toMatchObject({
      periodSeconds: 30 * 60,
      windowPeriods: 2,
      graceSeconds: 8 * 60,
      minSamples: 201,
      minLabels: 101,
      labelHorizonDays: 5,
      q: 0.02,
      minExcess: 0.03,
      database: expect.stringContaining('RefLakeDatabase') as string,
      inferenceLogTable: expect.stringContaining('InferenceLogTable') as string,
      labelsTable: expect.stringContaining('InferenceLogLabelsTable') as string,
    });
  });

  test('of the alarms', () => {
    const alarms = propertiesOf(stack, 'AWS::CloudWatch::Alarm');
    const alarm = (metric: string) => alarms.find(({ MetricName }) => MetricName === metric);

    expect(alarm('PredictionPsiExcess')).toMatchObject({ Threshold: 0.03, EvaluationPeriods: 5, DatapointsToAlarm: 4 });
    expect(alarm('QualityDelta')).toMatchObject({ Threshold: 0.04 });
    expect(alarm('DriftedFeatureShare')).toMatchObject({ Threshold: 0.4 });
    expect(alarm('ModelLatency')).toMatchObject({ Threshold: 1_234_000 });
    expect(alarm('Invocation5XXErrors')).toMatchObject({ Threshold: 0.06 });
    expect(alarm('InvocationModelErrors')).toMatchObject({ Threshold: 0.26 });
  });

  test('of the schedules', () => {
    const schedules = propertiesOf(stack, 'AWS::Scheduler::Schedule').map(
      ({ ScheduleExpression, State }) => `${String(ScheduleExpression)} ${String(State)}`,
    );

    expect(schedules.sort()).toEqual(['rate(30 minutes) DISABLED', 'rate(9 days) ENABLED']);
  });

  test('of the data lake', () => {
    const lake = stackOf(made, 'Data');
    const text = JSON.stringify(propertiesOf(lake, 'AWS::S3::Bucket'));

    expect(propertiesOf(lake, 'Custom::EmptyLake')).toHaveLength(1);
    expect(text).toContain('"Days":11,"Mode":"GOVERNANCE"');
    expect(text).toContain('"ExpirationInDays":12');
    expect(propertiesOf(lake, 'AWS::Athena::WorkGroup')).toMatchObject([
      { WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 13 * 1024 ** 3 } },
    ]);
    expect(JSON.stringify(propertiesOf(stack, 'AWS::KinesisFirehose::DeliveryStream'))).toContain(
      '"IntervalInSeconds":140',
    );
  });

  test('of the reaction', () => {
    expect(written(stack, 'reaction', reactionSettings)).toMatchObject({
      rollbackWindowSeconds: 71 * 3600,
      cooldownSeconds: 5 * 3600,
      retrain: false,
    });
  });
});

test('what a file leaves out is complete all the same', () => {
  const stack = stackOf(
    stacks({ training: { instanceType: 'ml.m5.large' }, serving: { instanceType: 'ml.m5.large' } }),
    'Model-rain',
  );

  expect(() => {
    written(stack, 'training', trainingSettings);
    written(stack, 'serving', servingSettings);
    written(stack, 'monitoring', monitoringSettings);
    written(stack, 'reaction', reactionSettings);
  }).not.toThrow();
});
