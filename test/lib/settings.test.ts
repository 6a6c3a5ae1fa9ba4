import { mkdtempSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { environmentJsonSchema } from '../../lib/config/json-schema';
import {
  eksServingSettings,
  monitoringSettings,
  reactionSettings,
  servingSettings,
  trainingSettings,
} from '../../lambda/shared/contracts';
import { readableTemplate } from '../support/readable-template';
import { type SynthesisedStack, synthesise } from '../support/platform';
import { parse, stringify } from 'yaml';

const MODEL = {
  name: 'rain',
  schema: { features: [{ name: 'temperature', type: 'double', min: -6, max: 6 }], label: 'rain' },
  card: { owner: 'weather team', riskRating: 'High' },
  subject: 'station_keeper',
  personal: ['temperature'],
  personalInSnapshots: ['temperature'],
  training: { code: '.', hyperparameters: { depth: 3, rate: '0.08' }, seed: 7 },
};
/** Every setting of a model that an environment can give, each with a value that is no default. */
const SETTINGS = {
  training: {
    instanceType: 'ml.m5.xlarge',
    instanceCount: 2,
    volumeSizeInGb: 31,
    maxRuntimeMinutes: 61,
    networkIsolation: false,
    holdoutShare: 0.3,
    triggers: { newData: false, schedule: 'rate(9 days)', retrain: false, merge: true },
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
  reaction: { rollbackWindowHours: 71, cooldownHours: 5 },
  neverSleeps: true,
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

/** The other serving target; a model has the one or the other. */
const ON_EKS = {
  ...SETTINGS,
  serving: {
    target: 'eks',
    replicas: 3,
    autoScaling: { maxReplicas: 11, targetRequestsInFlight: 7, targetLatencyMilliseconds: 180 },
    cpu: 0.5,
    cpuLimit: 1.5,
    memoryMiB: 768,
    gpus: 1,
    spot: true,
    modelSizeMiB: 300,
    modelLoadSeconds: 77,
    modelDelivery: 'IMAGE_VOLUME',
    clientNamespaces: ['shop'],
    batch: {
      bucket: 'weather-files',
      keyArn: 'arn:aws:kms:eu-west-3:111122223333:key/01234567-89ab-cdef-0123-456789abcdef',
      inputPrefix: 'rain/in/',
      outputPrefix: 'rain/out/',
      parallelism: 6,
      timeoutMinutes: 91,
    },
    shift: SETTINGS.serving.shift,
    guardrail: SETTINGS.serving.guardrail,
  },
};
/** What excludes other targets, and a floor beside the number of pods. */
const SCALED_BY_CPU = {
  ...ON_EKS,
  serving: {
    ...ON_EKS.serving,
    replicas: undefined,
    modelDelivery: 'FETCH',
    autoScaling: { minReplicas: 4, maxReplicas: 11, targetCpuPercent: 55 },
  },
};

/** A cluster that the platform makes, likewise. */
const CLUSTER = {
  source: 'create',
  kubernetesVersion: '1.37',
  capacity: {
    type: 'AUTO_MODE',
    instanceCategories: ['m'],
    maxCpus: 150,
    maxSpotCpus: 33,
    gpuInstanceFamilies: ['g5'],
    maxGpus: 3,
    maxSpotGpus: 2,
    diskSizeGiB: 120,
  },
  gateway: true,
  gatewayHostname: 'models.dev.example',
  callerCidrs: ['10.9.1.0/24'],
  keda: true,
  metricsServer: true,
};
const NODE_GROUPS = {
  ...CLUSTER,
  keda: false,
  metricsServer: false,
  capacity: {
    type: 'MANAGED_NODE_GROUPS',
    instanceTypes: ['m6i.large'],
    minNodes: 1,
    maxNodes: 7,
    maxSpotNodes: 5,
    gpuInstanceTypes: ['g5.xlarge'],
    maxGpuNodes: 4,
    maxSpotGpuNodes: 6,
    diskSizeGiB: 90,
    neverSleeps: true,
  },
};
/** Every setting of the network, likewise; a file has one of them. */
const NETWORK = {
  source: 'create',
  cidr: '10.9.0.0/16',
  maxAzs: 3,
  natGateways: 2,
  interfaceEndpoints: ['sns'],
};
const ZONES = { source: 'create', availabilityZones: ['eu-west-3a', 'eu-west-3c'] };
const IMPORTED_NETWORK = {
  source: 'import',
  vpcId: 'vpc-0123abcd',
  vpcCidr: '10.8.0.0/16',
  availabilityZones: ['eu-west-3a', 'eu-west-3b'],
  privateSubnetIds: ['subnet-0123', 'subnet-4567'],
};
/** A cluster that is there already. */
const IMPORTED = {
  source: 'import',
  clusterName: 'shared',
  clusterEndpoint: 'https://abcd.gr7.eu-west-3.eks.amazonaws.com',
  clusterCertificateAuthorityData: 'LS0tLS1CRUdJTg==',
  clusterSecurityGroupId: 'sg-0123',
  kubernetesVersion: '1.35',
  gpuPool: true,
  spotPool: true,
  metricsServer: true,
  kedaNamespace: 'autoscaling',
  callerCidrs: ['10.8.7.0/24'],
  gateway: {
    name: 'edge',
    namespace: 'edges',
    hostname: 'models.dev.example',
    proxyNamespace: 'proxies',
    url: 'http://edge.example',
  },
};

/** What of an environment is about its cluster, and the network in which it is. */
const MADE = { network: NETWORK, cluster: CLUSTER };
const FOUND = { network: IMPORTED_NETWORK, cluster: IMPORTED };

/** Every setting of the data lake, likewise. */
const DATA = {
  removalPolicy: 'destroy',
  deleteData: true,
  snapshotRetentionDays: 11,
  inferenceLogRetentionDays: 12,
  queryScanLimitGiB: 13,
  bufferingSeconds: 140,
  keyStack: 'data',
};

/** When models sleep, likewise. */
const IDLE = { awake: { days: ['SAT', 'WED'], from: '09:30', to: '24:00', timeZone: 'Asia/Kolkata' } };

/** Every other setting, likewise. */
const ENVIRONMENT = {
  account: '111122223333',
  tier: 'prod',
  region: 'eu-west-3',
  terminationProtection: true,
  logRetentionDays: 545,
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
  dashboards: false,
  governance: {
    trail: true,
    trailReads: false,
    retentionDays: 99,
    objectLock: 'COMPLIANCE',
    legalHoldRoleArns: ['arn:aws:iam::111122223333:role/legal'],
    auditorArns: ['arn:aws:iam::111122223333:role/auditor'],
    configRules: true,
    configRecorder: true,
  },
  budgets: { monthlyUsd: 321, stopTraining: true, models: { rain: 123 } },
};

function stacks(settings: object, data: object = {}, others: object = {}): SynthesisedStack[] {
  const root = mkdtempSync(join(tmpdir(), 'settings-'));
  mkdirSync(join(root, 'environments'));
  writeFileSync(join(root, 'model.yaml'), stringify(MODEL));
  writeFileSync(join(root, 'train.py'), '');
  const environment = {
    ...ENVIRONMENT,
    ...others,
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

/** The path of a list for that of one of its items. */
function withoutIndex(path: string): string {
  return path.replace(/\.\d+$/, '');
}

/** A part of the settings as the functions read it, references left as text. */
function written<T extends z.ZodType>(stack: SynthesisedStack, part: string, schema: T): z.infer<T> {
  // hashes are masked there; the functions take nothing else for one
  const { Resources } = parse(readableTemplate(stack.template).replaceAll('<hash>', 'a'.repeat(64))) as {
    Resources: Record<string, { Properties: { Name?: string; Value?: unknown } }>;
  };
  const parameter = Object.values(Resources).find(({ Properties }) => Properties.Name === `/mlops/dev/rain/${part}`);
  return schema.parse(parameter?.Properties.Value);
}

/** The objects of a version of the model on EKS, as the file in the CDK's bucket has them. */
function versionTemplate(made: readonly SynthesisedStack[]): string {
  return templates(made)[0];
}

/** Both files of the model on EKS: of a version, and of a batch. */
function templates(made: readonly SynthesisedStack[]): string[] {
  const { resources, assetFolder } = stackOf(made, 'Model-rain');
  const settings = Object.values(resources).find(({ Properties }) => Properties.Name === '/mlops/dev/rain/serving');
  const keys = JSON.stringify(settings?.Properties.Value).match(/[0-9a-f]{64}\.json/g) ?? [];
  return keys.map(key => readFileSync(join(assetFolder, `asset.${key}`), 'utf8'));
}

describe('every setting of a file reaches the functions', () => {
  const made = stacks(SETTINGS, DATA);
  const stack = stackOf(made, 'Model-rain');

  test('and each of them has a value here', () => {
    const { properties } = JSON.parse(environmentJsonSchema()) as { properties: Record<string, JsonSchema> };
    const ofModels = settingsIn(properties.models.additionalProperties as JsonSchema);

    const given = [SETTINGS, SHADOWED, ON_EKS, SCALED_BY_CPU].flatMap(settings => pathsIn(settings));
    // an image of its own is looked at where images are
    const elsewhere = (name: string): boolean => name === 'definition' || name.startsWith('training.image');
    expect(new Set(given.map(withoutIndex))).toEqual(new Set(ofModels.filter(name => !elsewhere(name))));
    const clusters = [CLUSTER, NODE_GROUPS, IMPORTED];
    expect(new Set(clusters.flatMap(settings => pathsIn(settings)).map(withoutIndex))).toEqual(
      new Set(settingsIn(properties.cluster)),
    );
    const networks = [NETWORK, ZONES, IMPORTED_NETWORK];
    expect(new Set(networks.flatMap(settings => pathsIn(settings)).map(withoutIndex))).toEqual(
      new Set(settingsIn(properties.network)),
    );
    expect(new Set(pathsIn(DATA))).toEqual(new Set(settingsIn(properties.data)));
    // a promotion needs two environments: `config/promotion.test.ts`
    const ownTests = ['delivery', 'permissionsBoundary', 'promotion'];
    // nothing sleeps in the tier of this file, so another one does
    // what a dashboard shows cannot be said where there is none, as in this file
    const others = ['accountCharges', 'cluster', 'data', 'idle', 'models', 'network', ...ownTests];
    expect(new Set([...Object.keys(ENVIRONMENT), ...others])).toEqual(new Set(Object.keys(properties)));
    expect(new Set(pathsIn(IDLE).map(withoutIndex))).toEqual(new Set(settingsIn(properties.idle)));
  });

  test('with dashboards where it does not say no: in a stack of its own, and one in the stack of each model', () => {
    const shown = (settings: object): string[] =>
      stacks(SETTINGS, {}, settings).flatMap(({ id, resources }) =>
        Object.values(resources)
          .filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')
          .map(({ Properties }) => `${id}: ${String(Properties.DashboardName)}`),
      );

    expect(shown({ dashboards: false })).toEqual([]);
    expect(shown({ dashboards: undefined })).toEqual(['Model-rain: mlops-dev-rain', 'Observability: mlops-dev']);
  });

  test.each([true, false])(
    'with the charges of the account on the dashboard of the environment: %s',
    accountCharges => {
      const bodies = stacks(SETTINGS, {}, { dashboards: true, accountCharges })
        .filter(({ id }) => id === 'Observability')
        .flatMap(({ resources }) => Object.values(resources))
        .map(({ Properties }) => JSON.stringify(Properties.DashboardBody ?? ''));

      expect(bodies.some(body => body.includes('EstimatedCharges'))).toBe(accountCharges);
    },
  );

  test('and without dashboards nothing else changes, so they hold nothing back when they go', () => {
    const others = (dashboards: boolean): string[] =>
      stacks(SETTINGS, {}, { dashboards })
        .filter(({ id }) => id === 'Platform' || id === 'Data')
        .map(({ template }) => {
          const { Outputs, ...rest } = template;
          const exported = Object.entries(Outputs as Record<string, { Export?: object }>).filter(
            ([, { Export }]) => Export !== undefined,
          );
          return readableTemplate({ ...rest, Outputs: Object.fromEntries(exported) });
        });

    expect(others(true)).toEqual(others(false));
  });

  test('of the environment as a whole', () => {
    const platform = stackOf(made, 'Platform');

    expect(made.every(({ terminationProtection }) => terminationProtection)).toBe(true);
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
    const logs = made.flatMap(each => propertiesOf(each, 'AWS::Logs::LogGroup'));
    expect(new Set(logs.map(({ RetentionInDays }) => RetentionInDays))).toEqual(new Set([545]));
    expect(written(stack, 'training', trainingSettings).image).toMatch(
      /^111122223333\.dkr\.ecr\.eu-west-3\..*\/team\/trainer:3$/,
    );
  });

  test('of personal data: what erases persons is there where a model names a subject', () => {
    const { Outputs } = stackOf(made, 'Platform').template as { Outputs: Record<string, unknown> };

    expect(Object.keys(Outputs)).toContain('ErasureFunctionName');
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
      networkIsolation: false,
      hyperparameters: { depth: '3', rate: '0.08' },
      seed: 7,
      card: { owner: 'weather team', riskRating: 'High' },
      personalData: { subject: 'station_keeper', fields: ['temperature'] },
      holdoutShare: 0.3,
      maxRows: 4001,
      triggers: { newData: false, merge: true },
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

  test('of sleep, for each model that is not kept from it', () => {
    const idleOf = (neverSleeps: boolean): unknown => {
      const sleeping = stacks({ ...SETTINGS, neverSleeps }, {}, { tier: 'dev', idle: IDLE });
      return written(stackOf(sleeping, 'Model-rain'), 'serving', servingSettings).idle;
    };

    expect(idleOf(false)).toEqual(IDLE);
    expect(idleOf(true)).toBeUndefined();
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
    expect(propertiesOf(lake, 'AWS::KMS::Key')).toHaveLength(1);
    expect(made.map(({ id }) => id)).not.toContain('Foundation');
    expect(text).toContain('"Days":11,"Mode":"GOVERNANCE"');
    expect(text).toContain('"ExpirationInDays":12');
    expect(propertiesOf(lake, 'AWS::Athena::WorkGroup')).toMatchObject([
      { WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 13 * 1024 ** 3 } },
    ]);
    expect(JSON.stringify(propertiesOf(stack, 'AWS::KinesisFirehose::DeliveryStream'))).toContain(
      '"IntervalInSeconds":140',
    );
  });

  test('of governance', () => {
    const governance = stackOf(made, 'Governance');
    const text = JSON.stringify(governance.template);

    expect(text).toContain('"DefaultRetention":{"Days":99,"Mode":"COMPLIANCE"}');
    expect(text).toContain('"aws:PrincipalArn":["arn:aws:iam::111122223333:role/legal"]');
    expect(JSON.stringify(propertiesOf(governance, 'AWS::IAM::Role'))).toContain(
      '"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/auditor"}',
    );
    expect(text).toContain('"Field":"resources.ARN"');
    expect(propertiesOf(governance, 'AWS::Athena::WorkGroup')).toMatchObject([
      { WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 13 * 1024 ** 3 } },
    ]);
    const [{ AdvancedEventSelectors: selectors }] = propertiesOf(governance, 'AWS::CloudTrail::Trail');
    expect(JSON.stringify((selectors as unknown[])[1])).toContain('"readOnly"');
    expect(propertiesOf(governance, 'AWS::Config::ConfigurationRecorder')).toHaveLength(1);
    expect(propertiesOf(governance, 'AWS::Config::ConfigRule').length).toBeGreaterThan(9);
  });

  test('of budgets', () => {
    const limits = ['Governance', 'Model-rain'].map(id => propertiesOf(stackOf(made, id), 'AWS::Budgets::Budget'));

    expect(limits).toMatchObject([
      [{ Budget: { BudgetLimit: { Amount: 321 } } }],
      [{ Budget: { BudgetLimit: { Amount: 123 } } }],
    ]);
    expect(propertiesOf(stackOf(made, 'Governance'), 'AWS::Budgets::BudgetsAction')).toHaveLength(1);
  });

  test('of the reaction', () => {
    expect(written(stack, 'reaction', reactionSettings)).toMatchObject({
      rollbackWindowSeconds: 71 * 3600,
      cooldownSeconds: 5 * 3600,
      retrain: false,
    });
  });
});

describe('every setting of a model on EKS reaches its template and the functions', () => {
  const made = stacks(ON_EKS, DATA, MADE);
  const stack = stackOf(made, 'Model-rain');

  test('as settings of its releases', () => {
    expect(written(stack, 'serving', eksServingSettings)).toMatchObject({
      target: 'eks',
      namespace: 'mlops-dev-rain',
      minReplicas: 3,
      traffic: { type: 'gateway', gatewayName: 'mlops', hostname: 'models.dev.example' },
      shift: {
        type: 'CANARY',
        stepPercent: 30,
        waitSeconds: 7 * 60,
        terminationWaitSeconds: 2 * 60,
        maxExecutionSeconds: 90 * 60,
      },
    });
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm')).toContainEqual(
      expect.objectContaining({ MetricName: 'ModelLatency', Threshold: 1_234_000 }),
    );
    expect(JSON.stringify(stack.template)).toContain('shop');
    expect(JSON.stringify(stack.template)).toContain('10.9.1.0/24');
  });

  test('as objects of its versions', () => {
    const template = versionTemplate(made);
    expect(template).toContain('"cpu":"500m"');
    expect(template).toContain('"cpu":"1500m"');
    expect(template).toContain('"memory":"768Mi"');
    expect(template).toContain('"nvidia.com/gpu":"1"');
    expect(template).toContain('mlops/spot');
    expect(template).toContain('"maxReplicaCount":11');
    expect(template).toContain('${mlops:model-image}');
    // 77 seconds, looked at each five
    expect(template).toContain('"startupProbe":{"failureThreshold":16,');
    const fetched = versionTemplate(stacks(SCALED_BY_CPU, DATA, MADE));
    // the archive and what is unpacked from it
    expect(fetched).toContain('"sizeLimit":"600Mi"');
    expect(fetched).toContain('"averageUtilization":55');
    expect(fetched).toContain('"minReplicas":4');
  });

  test('as its batches', () => {
    const [, batch] = templates(made);
    expect(batch).toContain('"completions":6,');
    expect(batch).toContain(`"activeDeadlineSeconds":${91 * 60}`);
    expect(written(stack, 'serving', eksServingSettings).batch).toMatchObject({
      inputUri: 's3://weather-files/rain/in/',
      outputUri: 's3://weather-files/rain/out/',
    });
    const rights = JSON.stringify(propertiesOf(stack, 'AWS::IAM::Role'));
    expect(rights).toContain(':s3:::weather-files/rain/in/*');
    expect(rights).toContain('key/01234567-89ab-cdef-0123-456789abcdef');
    expect(JSON.stringify(stackOf(made, 'Platform').template)).toContain('"BatchFunctionName"');
  });

  test('and lets the shared controller into the cluster', () => {
    expect(made.map(({ id }) => id)).toEqual(['Foundation', 'Data', 'Cluster', 'Platform', 'Model-rain', 'Governance']);
    expect(made.every(({ terminationProtection }) => terminationProtection)).toBe(true);
    expect(propertiesOf(stackOf(made, 'Platform'), 'AWS::EKS::AccessEntry')).toHaveLength(4);
  });

  test.each([
    ['made by the platform', MADE],
    ['imported', FOUND],
  ])('whose end withdraws no export that stacks deployed after the cluster still use: %s', (_, others) => {
    const exports = (settings: object) =>
      Object.keys(stackOf(stacks(settings, DATA, others), 'Cluster').template.Outputs as object).sort();

    expect(exports(SETTINGS)).toEqual(exports(ON_EKS));
  });

  test('while a cluster without a model is nobody’s', () => {
    const platform = stackOf(stacks(SETTINGS, DATA, MADE), 'Platform');
    expect(propertiesOf(platform, 'AWS::EKS::AccessEntry')).toEqual([]);
    expect(propertiesOf(platform, 'AWS::Lambda::Function').filter(({ VpcConfig }) => VpcConfig !== undefined)).toEqual(
      [],
    );
  });
});

describe('every setting of a cluster reaches it', () => {
  const clusterOf = (cluster: object, network: object = NETWORK) =>
    stackOf(stacks(SETTINGS, DATA, { network, cluster }), 'Cluster');

  test('with Auto Mode', () => {
    const stack = clusterOf(CLUSTER);
    const manifests = JSON.stringify(propertiesOf(stack, 'Custom::AWSCDK-EKS-KubernetesResource')).replaceAll('\\', '');

    expect(propertiesOf(stack, 'AWS::EKS::Cluster')).toMatchObject([{ Version: '1.37' }]);
    expect(manifests).toContain('"kind":"Gateway"');
    for (const limit of [
      '"cpu":"150"',
      '"cpu":"33"',
      '"nvidia.com/gpu":"3"',
      '"nvidia.com/gpu":"2"',
      '["m"]',
      '["g5"]',
      '"size":"120Gi"',
    ]) {
      expect(manifests).toContain(limit);
    }
    expect(propertiesOf(stack, 'Custom::AWSCDK-EKS-HelmChart').map(({ Chart }) => Chart)).toEqual(
      expect.arrayContaining(['keda', 'metrics-server']),
    );
  });

  test('with managed node groups', () => {
    const stack = clusterOf(NODE_GROUPS);
    const groups = propertiesOf(stack, 'AWS::EKS::Nodegroup').map(({ ScalingConfig, InstanceTypes, DiskSize }) => ({
      ...(ScalingConfig as { MinSize: number; MaxSize: number }),
      InstanceTypes,
      DiskSize,
    }));

    expect(groups.map(({ MaxSize }) => MaxSize).sort()).toEqual([4, 5, 6, 7]);
    expect(groups.map(({ DiskSize }) => DiskSize)).toEqual([90, 90, 90, 90]);
    expect(groups).toContainEqual(expect.objectContaining({ MinSize: 1, MaxSize: 7, InstanceTypes: ['m6i.large'] }));
    expect(groups).toContainEqual(expect.objectContaining({ MaxSize: 4, InstanceTypes: ['g5.xlarge'] }));
    const charts = propertiesOf(stack, 'Custom::AWSCDK-EKS-HelmChart').map(({ Chart }) => Chart);
    expect(charts).not.toContain('keda');
    expect(charts).not.toContain('metrics-server');
    expect(charts).toContain('gateway-helm');
  });

  test.each([
    [true, []],
    [false, ['cron', 'cron', 'cron', 'cron', 'cron']],
  ])('with nodes that never sleep or do: %s', (neverSleeps, expected) => {
    // GIVEN
    const cluster = { ...NODE_GROUPS, capacity: { ...NODE_GROUPS.capacity, neverSleeps } };

    // WHEN
    const stack = stackOf(stacks(SETTINGS, {}, { tier: 'dev', idle: IDLE, network: NETWORK, cluster }), 'Cluster');

    // THEN
    const kinds = propertiesOf(stack, 'AWS::Scheduler::Schedule').map(
      ({ ScheduleExpression }) => String(ScheduleExpression).split('(')[0],
    );
    expect(kinds).toEqual(expected);
  });

  test('in a network that is there', () => {
    const stack = clusterOf(CLUSTER, IMPORTED_NETWORK);

    expect(propertiesOf(stack, 'AWS::EC2::VPC')).toEqual([]);
    expect(propertiesOf(stack, 'AWS::EKS::Cluster')).toMatchObject([
      { ResourcesVpcConfig: { SubnetIds: ['subnet-0123', 'subnet-4567'] } },
    ]);
  });

  test('that is there already: nothing is made but what applies manifests', () => {
    const made = stacks(ON_EKS, DATA, FOUND);
    const settings = written(stackOf(made, 'Model-rain'), 'serving', eksServingSettings);

    expect(propertiesOf(stackOf(made, 'Cluster'), 'AWS::EKS::Cluster')).toEqual([]);
    expect(propertiesOf(stackOf(made, 'Cluster'), 'AWS::EKS::AccessEntry')).toMatchObject([{ ClusterName: 'shared' }]);
    expect(settings.cluster).toEqual({
      name: 'shared',
      endpoint: 'https://abcd.gr7.eu-west-3.eks.amazonaws.com',
      certificateAuthorityData: 'LS0tLS1CRUdJTg==',
    });
    expect(settings.traffic).toMatchObject({
      gatewayName: 'edge',
      gatewayNamespace: 'edges',
      hostname: 'models.dev.example',
      url: 'http://edge.example',
    });
    expect(JSON.stringify(stackOf(made, 'Model-rain').template)).toContain('autoscaling');
    expect(JSON.stringify(stackOf(made, 'Model-rain').template)).toContain('proxies');
    expect(JSON.stringify(stackOf(made, 'Model-rain').template)).toContain('10.8.7.0/24');
    expect(JSON.stringify(propertiesOf(stackOf(made, 'Platform'), 'AWS::EC2::SecurityGroup'))).toContain('10.8.0.0/16');
  });
});

describe('every setting of a network reaches it, and whatever runs in it', () => {
  const made = stacks(SETTINGS, DATA, { network: NETWORK });
  const foundation = stackOf(made, 'Foundation');

  test('one that the platform makes', () => {
    const endpoints = propertiesOf(foundation, 'AWS::EC2::VPCEndpoint');

    expect(propertiesOf(foundation, 'AWS::EC2::VPC')).toMatchObject([{ CidrBlock: '10.9.0.0/16' }]);
    expect(propertiesOf(foundation, 'AWS::EC2::Subnet')).toHaveLength(2 * 3);
    expect(propertiesOf(foundation, 'AWS::EC2::NatGateway')).toHaveLength(2);
    expect(propertiesOf(foundation, 'AWS::EC2::FlowLog')).toHaveLength(1);
    expect(endpoints.map(({ VpcEndpointType }) => VpcEndpointType).sort()).toEqual(['Gateway', 'Gateway', 'Interface']);
    expect(endpoints).toContainEqual(expect.objectContaining({ ServiceName: 'com.amazonaws.eu-west-3.sns' }));
  });

  test('by its zones', () => {
    const stack = stackOf(stacks(SETTINGS, DATA, { network: ZONES }), 'Foundation');

    expect(propertiesOf(stack, 'AWS::EC2::Subnet').map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
      'eu-west-3a',
      'eu-west-3c',
      'eu-west-3a',
      'eu-west-3c',
    ]);
    // the tier is prod: a way out in each zone, and an endpoint for what models use
    expect(propertiesOf(stack, 'AWS::EC2::NatGateway')).toHaveLength(2);
    expect(propertiesOf(stack, 'AWS::EC2::VPCEndpoint')).toContainEqual(
      expect.objectContaining({ ServiceName: 'com.amazonaws.eu-west-3.kinesis-firehose' }),
    );
  });

  test('one without a way out, in which AWS is reached all the same', () => {
    const stack = stackOf(
      stacks(SETTINGS, DATA, { tier: 'dev', network: { source: 'create', natGateways: 0 } }),
      'Foundation',
    );

    expect(propertiesOf(stack, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(propertiesOf(stack, 'AWS::EC2::InternetGateway')).toEqual([]);
    expect(propertiesOf(stack, 'AWS::EC2::VPCEndpoint')).toHaveLength(3);
  });

  test('one that is there', () => {
    const settings = written(
      stackOf(stacks(SETTINGS, DATA, { network: IMPORTED_NETWORK }), 'Model-rain'),
      'training',
      trainingSettings,
    );

    expect(settings.vpc?.subnetIds).toEqual(['subnet-0123', 'subnet-4567']);
  });

  test('jobs and models are in it', () => {
    const model = stackOf(made, 'Model-rain');

    for (const vpc of [
      written(model, 'training', trainingSettings).vpc,
      written(model, 'serving', servingSettings).vpc,
    ]) {
      expect(vpc?.subnetIds).toHaveLength(3);
      expect(vpc?.securityGroupIds).toHaveLength(1);
    }
    expect(propertiesOf(model, 'AWS::EC2::SecurityGroup')).toHaveLength(2);
  });

  test('and in none of ours without one', () => {
    const without = stacks(SETTINGS, DATA, { network: { source: 'none' } });

    expect(without.flatMap(each => propertiesOf(each, 'AWS::EC2::VPC'))).toEqual([]);
    expect(written(stackOf(without, 'Model-rain'), 'training', trainingSettings).vpc).toBeUndefined();
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
