import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSchemaTree, modelSchemaTree, type SchemaNode } from '../../../lib/config/json-schema';

/** What an editor tells of a key that may be left out: what holds then, and that it is what the constructs document. */

interface Leaf {
  readonly path: string;
  readonly told: string | undefined;
}

/** The keys that may be left out and have no keys of their own, or names for plain values; one of several kinds is there once for each. */
function leaves(node: SchemaNode, path = ''): Leaf[] {
  return [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(kind => [
    ...Object.entries(kind.properties ?? {}).flatMap(([key, of]) => {
      const below = path === '' ? key : `${path}.${key}`;
      const own = hasKeys(of) || (kind.required ?? []).includes(key) ? [] : [{ path: below, told: defaultOf(of) }];
      return [...own, ...leaves(of, below)];
    }),
    ...(kind.additionalProperties ? leaves(kind.additionalProperties, `${path}.*`) : []),
    ...(kind.items === undefined ? [] : leaves(kind.items, `${path}[]`)),
  ]);
}

function hasKeys({ properties, additionalProperties, anyOf = [], oneOf = [] }: SchemaNode): boolean {
  return properties !== undefined || [additionalProperties || [], anyOf, oneOf].flat().some(hasKeys);
}

function defaultOf({ description = '', default: value }: SchemaNode): string | undefined {
  if (value !== undefined && typeof value !== 'object') return String(value);
  return /\b[Dd]efault: (.+?)[.)]?(?=;|$)/.exec(description)?.[1];
}

const LEAVES = leaves(environmentSchemaTree());

test('each key that may be left out tells what holds then', () => {
  expect(LEAVES.length).toBeGreaterThan(100);
  expect(
    [...LEAVES, ...leaves(modelSchemaTree())].filter(({ told }) => told === undefined).map(({ path }) => path),
  ).toEqual([]);
});

/** What the documentation of a construct's property says is its default, in seconds or MiB where it has a unit. */
function documented(file: string, type: string, property: string): string {
  const source = readFileSync(join(__dirname, '..', '..', '..', 'constructs', `${file}.ts`), 'utf8');
  const body = source.slice(source.search(new RegExp(`(interface|class) ${type}\\b`)));
  const before = body.slice(0, body.search(new RegExp(`readonly ${property}\\?:`)));
  const text = /@default (?:- )?([^\n]+)\n(?:(?!@default)[^])*$/.exec(before)?.[1] ?? '';
  const [, unit = '', amount = ''] = /^(?:Duration|Size)\.(\w+)\(([\d.]+)\)$/.exec(text) ?? [];
  return unit === '' ? text : String(Number(amount) * (UNITS[unit] ?? Number.NaN));
}

const UNITS: Readonly<Record<string, number>> = {
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
  mebibytes: 1,
  gibibytes: 1024,
};
const MILLISECOND = 1 / 1000;
const { minutes: MINUTE = 0, hours: HOUR = 0, days: DAY = 0, gibibytes: GIB = 0 } = UNITS;

const MONITOR = ['monitoring/model-monitor-props', 'ModelMonitorProps'] as const;
const TRAINING = ['training/training-pipeline-props', 'TrainingPipelineProps'] as const;
const GATE = ['training/training-limits', 'TrainingGate'] as const;
const GUARD = ['training/training-limits', 'TrainingGuard'] as const;
const REACTION = ['monitoring/rollback-reaction', 'RollbackReactionProps'] as const;
const RELEASE = ['release/release-controller-props', 'ReleaseControllerProps'] as const;
const SERVICE = ['serving/model-service-props', 'ModelServiceProps'] as const;
const PODS = ['serving/kubernetes/kubernetes-model-service-props', 'KubernetesModelServiceProps'] as const;
const SCALING = ['serving/auto-scaling', 'ServiceScaling'] as const;
const SHADOW = ['serving/shadow-policy', 'ShadowPolicy'] as const;
const BATCH = ['serving/kubernetes/batch-inference', 'BatchInference'] as const;
const AUTO_MODE = ['serving/kubernetes/cluster-capacity', 'AutoModeOptions'] as const;
const GROUPS = ['serving/kubernetes/cluster-capacity', 'ManagedNodeGroupOptions'] as const;
const CLUSTER = ['serving/kubernetes/serving-cluster-props', 'ServingClusterProps'] as const;

/** Key of the file, where its default is documented, and the unit of the key where the construct has a type for it. */
const SAME: readonly [string, readonly [string, string], string, number?][] = [
  ['data.bufferingSeconds', ['data/inference-log', 'InferenceLogProps'], 'bufferingInterval', 1],
  ['releases.pollSeconds', RELEASE, 'pollInterval', 1],
  ['releases.reconcileMinutes', RELEASE, 'reconcileInterval', MINUTE],
  ['cluster.capacity.maxCpus', AUTO_MODE, 'maxCpus'],
  ['cluster.capacity.maxSpotCpus', AUTO_MODE, 'maxSpotCpus'],
  ['cluster.capacity.maxGpus', AUTO_MODE, 'maxGpus'],
  ['cluster.capacity.maxSpotGpus', AUTO_MODE, 'maxSpotGpus'],
  ['cluster.capacity.diskSizeGiB', AUTO_MODE, 'diskSize', GIB],
  ['cluster.capacity.instanceTypes', GROUPS, 'instanceTypes'],
  ['cluster.capacity.minNodes', GROUPS, 'minNodes'],
  ['cluster.capacity.maxNodes', GROUPS, 'maxNodes'],
  ['cluster.capacity.maxSpotNodes', GROUPS, 'maxSpotNodes'],
  ['cluster.capacity.gpuInstanceTypes', GROUPS, 'gpuInstanceTypes'],
  ['cluster.capacity.maxGpuNodes', GROUPS, 'maxGpuNodes'],
  ['cluster.capacity.maxSpotGpuNodes', GROUPS, 'maxSpotGpuNodes'],
  ['cluster.gateway', CLUSTER, 'gateway'],
  ['cluster.keda', CLUSTER, 'keda'],
  ['governance.trailReads', ['governance/audit-trail', 'AuditTrailProps'], 'logReads'],
  ['governance.configRecorder', ['governance/compliance-rules', 'ComplianceRulesProps'], 'createRecorder'],
  ['models.*.training.instanceCount', TRAINING, 'instanceCount'],
  ['models.*.training.volumeSizeInGb', TRAINING, 'volumeSize', GIB],
  ['models.*.training.networkIsolation', TRAINING, 'networkIsolation'],
  ['models.*.training.holdoutShare', TRAINING, 'holdoutShare'],
  ['models.*.training.maxRows', TRAINING, 'maxRows'],
  ['models.*.training.gate.minAuc', GATE, 'minAuc'],
  ['models.*.training.gate.minImprovement', GATE, 'minImprovement'],
  ['models.*.training.guard.minIntervalMinutes', GUARD, 'minInterval', MINUTE],
  ['models.*.training.guard.maxRunsPerDay', GUARD, 'maxRunsPerDay'],
  ['models.*.training.guard.minNewRowsOnNewData', GUARD, 'minNewRowsOnNewData'],
  ['models.*.training.guard.minNewRowsOnRetrain', GUARD, 'minNewRowsOnRetrain'],
  ['models.*.training.guard.maxLostChallengers', GUARD, 'maxLostChallengers'],
  ['models.*.serving.guardrail.maxLatencyMilliseconds', SERVICE, 'maxLatency', MILLISECOND],
  ['models.*.serving.guardrail.maxLatencyMilliseconds', PODS, 'maxLatency', MILLISECOND],
  ['models.*.serving.guardrail.maxServerErrorRate', SERVICE, 'maxServerErrorRate'],
  ['models.*.serving.guardrail.maxServerErrorRate', PODS, 'maxServerErrorRate'],
  ['models.*.serving.guardrail.maxModelErrorRate', SERVICE, 'maxModelErrorRate'],
  ['models.*.serving.guardrail.maxModelErrorRate', PODS, 'maxModelErrorRate'],
  ['models.*.serving.autoScaling.scaleInCooldownSeconds', SCALING, 'scaleInCooldown', 1],
  ['models.*.serving.autoScaling.scaleOutCooldownSeconds', SCALING, 'scaleOutCooldown', 1],
  [
    'models.*.serving.shift.terminationWaitMinutes',
    ['serving/shift-policy', 'ShiftOptions'],
    'terminationWait',
    MINUTE,
  ],
  ['models.*.serving.shift.stepPercent', ['serving/shift-policy', 'LinearOptions'], 'percent'],
  ['models.*.serving.shift.waitMinutes', ['serving/shift-policy', 'LinearOptions'], 'interval', MINUTE],
  ['models.*.serving.shadow.minRequests', SHADOW, 'minRequests'],
  ['models.*.serving.shadow.maxDisagreement', SHADOW, 'maxDisagreement'],
  ['models.*.serving.shadow.maxScoreDifference', SHADOW, 'maxScoreDifference'],
  ['models.*.serving.shadow.maxErrorRate', SHADOW, 'maxErrorRate'],
  ['models.*.serving.cpu', PODS, 'cpu'],
  ['models.*.serving.memoryMiB', PODS, 'memory', 1],
  ['models.*.serving.gpus', PODS, 'gpus'],
  ['models.*.serving.spot', PODS, 'spot'],
  ['models.*.serving.modelSizeMiB', PODS, 'modelSize', 1],
  ['models.*.serving.modelLoadSeconds', PODS, 'modelLoadTime', 1],
  ['models.*.serving.batch.parallelism', BATCH, 'parallelism'],
  ['models.*.serving.batch.timeoutMinutes', BATCH, 'timeout', MINUTE],
  ['models.*.monitoring.periodMinutes', MONITOR, 'period', MINUTE],
  ['models.*.monitoring.graceMinutes', MONITOR, 'grace', MINUTE],
  ['models.*.monitoring.labelHorizonDays', MONITOR, 'labelHorizon', DAY],
  ...[
    'windowPeriods',
    'evaluationWindows',
    'alarmingWindows',
    'minSamples',
    'minLabels',
    'falseDiscoveryRate',
    'minExcess',
    'maxQualityDrop',
    'minDriftedFeatureShare',
    'scheduled',
  ].map((key): [string, readonly [string, string], string] => [`models.*.monitoring.${key}`, MONITOR, key]),
  ['models.*.reaction.rollbackWindowHours', REACTION, 'rollbackWindow', HOUR],
  ['models.*.reaction.cooldownHours', REACTION, 'cooldown', HOUR],
];

test.each(SAME.map(([path, [file, type], property, unit]) => ({ path, file, type, property, unit })))(
  "what '$path' tells is what $type documents of '$property'",
  ({ path, file, type, property, unit }) => {
    const told = LEAVES.filter(leaf => leaf.path === path).map(leaf => leaf.told ?? '');
    const inItsUnit = told.map(text => (unit === undefined ? text : String(Number(text) * unit)));

    expect(new Set(inItsUnit)).toEqual(new Set([documented(file, type, property)]));
  },
);
