/**
 * The shapes on which the parts of the platform agree. One file defines each; the constructs write them, the Lambda
 * functions read them, and a test parses what the constructs synthesise with the schemas below.
 */
import { z } from 'zod';

// ---------------------------------------------------------------------------------------------------------- schema

/** A feature or label of a model: its column name, its type, and the range outside which a row is quarantined. */
export const columnSchema = z.strictObject({
  /** Column name in the CSV header, in the request, and in the inference log: letters, digits and underscores. */
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  type: z.enum(['double', 'bigint', 'string']),
  /** Smallest and largest value allowed, inclusive; numbers only. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Values allowed; strings only. */
  values: z.array(z.string()).optional(),
  /** Whether an empty field is allowed. Default: false. */
  nullable: z.boolean().default(false),
});
export type Column = z.infer<typeof columnSchema>;

/** `schema.json` beside a dataset snapshot. The label is 0 or 1. */
export const modelSchema = z.strictObject({
  features: z.array(columnSchema).min(1),
  label: z.string().regex(/^[a-z][a-z0-9_]*$/),
});
export type ModelSchema = z.infer<typeof modelSchema>;

// -------------------------------------------------------------------------------------------------------- settings
// Each per-model construct writes one SSM parameter `/mlops/<environment>/<model>/<part>`; the shared machinery reads
// it by name, so that adding a model adds no function and no state machine.

/** Interfaces of SageMaker's containers in a VPC. */
const containerNetwork = z.strictObject({
  subnetIds: z.array(z.string()).min(1),
  securityGroupIds: z.array(z.string()).min(1),
});
export type ContainerNetwork = z.infer<typeof containerNetwork>;

/** `card` of a model's file, as the constructs check it. */
const cardSettings = z.strictObject({
  owner: z.string().optional(),
  purpose: z.string().optional(),
  intendedUses: z.string().optional(),
  limits: z.string().optional(),
  riskRating: z.enum(['High', 'Medium', 'Low', 'Unknown']).optional(),
  riskExplanation: z.string().optional(),
  dataSource: z.string().optional(),
});

/** `/mlops/<environment>/<model>/training`, written by `TrainingPipeline`. */
export const trainingSettings = z.strictObject({
  schema: modelSchema,
  /** Default training code: a CDK zip asset of a folder with `train.py`. */
  code: z.strictObject({ uri: z.string(), digest: z.string() }),
  /** Training image. With a tag, each run begins with what the tag means then; the run itself knows the digest alone. */
  image: z.string(),
  /** Image in which the trained version will serve; it is part of the version, not of the service. */
  inferenceImage: z.string(),
  instanceType: z.string(),
  instanceCount: z.number().int().positive(),
  volumeSizeInGb: z.number().int().positive(),
  maxRuntimeSeconds: z.number().int().positive(),
  hyperparameters: z.record(z.string(), z.string()),
  seed: z.number().int(),
  roleArn: z.string(),
  modelPackageGroupName: z.string(),
  /** Share of valid rows kept out of training, 0 to 1. */
  holdoutShare: z.number().gt(0).lt(1),
  /** A snapshot takes the newest whole batches until this many rows; at least one batch. */
  maxRows: z.number().int().positive(),
  gate: z.strictObject({
    /** Smallest area under the ROC curve on held-out rows. */
    minAuc: z.number(),
    /** How much better than the champion's AUC, on the same held-out rows, the challenger must be. */
    minImprovement: z.number(),
  }),
  guard: z.strictObject({
    minIntervalSeconds: z.number().int().nonnegative(),
    maxRunsPerDay: z.number().int().positive(),
    /** Rows in batches that no run has used yet. */
    minNewRowsOnNewData: z.number().int().nonnegative(),
    minNewRowsOnRetrain: z.number().int().nonnegative(),
    maxLostChallengers: z.number().int().positive(),
  }),
  /** What else than a person and a reaction starts a training; absent: new data does, a merge does not. */
  triggers: z.strictObject({ newData: z.boolean(), merge: z.boolean() }).optional(),
  /** What people say about the model, for the card of each version. */
  card: cardSettings.optional(),
  /** By which column a person's rows are found, and which features may hold personal data; absent: nobody's are. */
  personalData: z.strictObject({ subject: z.string(), fields: z.array(z.string()) }).optional(),
  /** KMS key of the training volume and output; empty for the service's own key. */
  kmsKeyArn: z.string(),
  /** Where the jobs' containers are; absent: in no network of ours. */
  vpc: containerNetwork.optional(),
  /** Whether the jobs' containers reach nothing at all; absent: they do. */
  networkIsolation: z.boolean().optional(),
});
export type TrainingSettings = z.infer<typeof trainingSettings>;

/** Days of a week as a person writes them, as `Date` counts them. */
export const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;

/** Hours in which a model is up, each by the clocks of its zone. */
const awakeHours = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1),
  /** `HH:MM`; `to` is later on the same day, `24:00` at the latest. */
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/),
  /** Name in the IANA database. */
  timeZone: z.string(),
});
export type AwakeHours = z.infer<typeof awakeHours>;

/** That a model may sleep, and when it does by itself; without hours only on a person's word. */
const idleSettings = z.strictObject({ awake: awakeHours.optional() });
export type IdleSettings = z.infer<typeof idleSettings>;

/** `/mlops/<environment>/<model>/serving`, written by `ModelService`. */
export const servingSettings = z.strictObject({
  target: z.enum(['sagemaker']),
  modelPackageGroupName: z.string(),
  endpointName: z.string(),
  roleArn: z.string(),
  /** Where the containers are; absent: in no network of ours. */
  vpc: containerNetwork.optional(),
  instanceType: z.string(),
  instanceCount: z.number().int().positive(),
  /** Key of the instances' disks; absent: the service's own. */
  kmsKeyArn: z.string().optional(),
  /** How the number of instances follows the load; absent: it stays. */
  autoScaling: z
    .strictObject({
      minCapacity: z.number().int().positive(),
      maxCapacity: z.number().int().positive(),
      /** What is held at `targetValue`, by instance: requests in a minute, or requests at a time. */
      metric: z.enum(['InvocationsPerInstance', 'ConcurrentRequestsPerInstance']),
      targetValue: z.number().positive(),
      scaleInCooldownSeconds: z.number().int().nonnegative(),
      scaleOutCooldownSeconds: z.number().int().nonnegative(),
    })
    .optional(),
  /** How long the previous version stays able to serve after a release, without a start of instances; absent: not. */
  warmStandbySeconds: z.number().int().positive().optional(),
  /** How long a new version only gets copies of the requests, and what lets it go on from there; absent: it does not. */
  shadow: z
    .strictObject({
      durationSeconds: z.number().int().positive(),
      /** How long a row of the inference log may be on its way. */
      logDelaySeconds: z.number().int().nonnegative(),
      /** Requests that both versions must have answered. */
      minRequests: z.number().int().positive(),
      /** Share of the compared requests whose prediction may differ. */
      maxDisagreement: z.number().min(0).max(1),
      /** How far the scores may lie apart, on average over the compared requests; absent: as far as they like. */
      maxScoreDifference: z.number().nonnegative().optional(),
      /** By how much the share of requests that the new version fails may exceed that of the one that serves. */
      maxErrorRate: z.number().min(0).max(1),
      /** In which the new version must answer 99 of 100 requests. */
      maxLatencyMilliseconds: z.number().int().positive(),
      database: z.string(),
      inferenceLogTable: z.string(),
      workgroup: z.string(),
    })
    .optional(),
  inferenceLogStreamName: z.string(),
  /** How traffic moves to a new version. */
  shift: z.strictObject({
    type: z.enum(['ALL_AT_ONCE', 'CANARY', 'LINEAR']),
    /** Percent of capacity: the canary, at most 50, or one linear step, 10 to 50. */
    stepPercent: z.number().int(),
    /** Seconds between steps, and seconds the new fleet bakes. */
    waitSeconds: z.number().int().nonnegative(),
    terminationWaitSeconds: z.number().int().nonnegative(),
    maxExecutionSeconds: z.number().int().positive(),
  }),
  /** Alarms that undo an update while it bakes. */
  guardrailAlarmNames: z.array(z.string()),
  /** Absent: it never sleeps. */
  idle: idleSettings.optional(),
});
export type ServingSettings = z.infer<typeof servingSettings>;
export type ShadowSettings = NonNullable<ServingSettings['shadow']>;

/** A JSON array of manifests with placeholders, in a bucket. */
export const manifestTemplate = z.strictObject({
  bucket: z.string(),
  key: z.string(),
  /** SHA-256 of the object's bytes. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * `/mlops/<environment>/<model>/serving`, written by `KubernetesModelService`: the same parameter for the other target.
 *
 * The template is a JSON array of manifests, one of each kind, made at synth by `model-chart.ts`. In any text of it
 * stand `${mlops:version}`, `${mlops:name}`, `${mlops:image}`, `${mlops:artifact-uri}`, `${mlops:artifact-digest}`
 * (`sha256:<hex>`, or `etag:<entity tag>` of a version that was registered without one) and `${mlops:model-image}` (the
 * version's own `MODEL_IMAGE`; only with image volumes). The entry named `${mlops:environment}` in a container's `env` is
 * replaced by the version's environment and, over it, `environment` below, without the names that the container has
 * already. A filled template with a `${mlops:` left is refused.
 */
export const eksServingSettings = z.strictObject({
  target: z.literal('eks'),
  modelPackageGroupName: z.string(),
  cluster: z.strictObject({
    name: z.string(),
    endpoint: z.string().min(1),
    /** Base64 of the PEM certificate with which the API server's is checked. */
    certificateAuthorityData: z.string().min(1),
  }),
  namespace: z.string(),
  template: manifestTemplate,
  /** A Job that predicts files, in the template's language and with `${mlops:batch-input-uri}` and `…-output-uri`. */
  batch: z.strictObject({ template: manifestTemplate, inputUri: z.string(), outputUri: z.string() }).optional(),
  /** Variables of the model server that are known at deployment only. */
  environment: z.record(z.string(), z.string()),
  /** Where a version answers inside the cluster. */
  port: z.number().int().positive(),
  traffic: z.discriminatedUnion('type', [
    /** A Service of this name whose selector is flipped to the label `mlops/deployment`. */
    z.strictObject({ type: z.literal('selector'), serviceName: z.string() }),
    /** An HTTPRoute of this name at this Gateway, with the versions' Services and their weights. */
    z.strictObject({
      type: z.literal('gateway'),
      routeName: z.string(),
      gatewayName: z.string(),
      gatewayNamespace: z.string(),
      pathPrefix: z.string(),
      /** Name by which callers ask, where environments share a Gateway; absent: any. */
      hostname: z.string().optional(),
      /** Address of the Gateway by which a release proves that a version answers; absent: it asks the version's pods. */
      url: z.url().optional(),
    }),
  ]),
  /** Pods of a version that must be ready before traffic moves to it; the autoscaler never goes below. */
  minReplicas: z.number().int().positive(),
  /** How long the pods of a version may take until they are ready: image, node, artifact and load. */
  readyTimeoutSeconds: z.number().int().positive(),
  shift: servingSettings.shape.shift,
  guardrailAlarmNames: z.array(z.string()),
  /** Absent: it never sleeps. */
  idle: idleSettings.optional(),
});
export type EksServingSettings = z.infer<typeof eksServingSettings>;

/** What the parameter `serving` may hold. */
export const anyServingSettings = z.discriminatedUnion('target', [servingSettings, eksServingSettings]);
export type AnyServingSettings = z.infer<typeof anyServingSettings>;

/** `/mlops/<environment>/<model>/monitoring`, written by `ModelMonitor`. */
export const monitoringSettings = z.strictObject({
  schema: modelSchema,
  /** Length of a period in seconds; a period starts at a multiple of it since the epoch. */
  periodSeconds: z.number().int().positive(),
  /** How many periods make one judged window; windows do not overlap. */
  windowPeriods: z.number().int().positive(),
  /** Seconds after a period's end before it is counted. */
  graceSeconds: z.number().int().nonnegative(),
  minSamples: z.number().int().positive(),
  minLabels: z.number().int().positive(),
  /** Days back in which a label that arrives still counts. */
  labelHorizonDays: z.number().int().positive(),
  /** False-discovery rate of the drift rule over all features. */
  q: z.number().gt(0).lt(1),
  /** Effect size under which a significant difference is no drift. */
  minExcess: z.number().nonnegative(),
  database: z.string(),
  inferenceLogTable: z.string(),
  labelsTable: z.string(),
  workgroup: z.string(),
});
export type MonitoringSettings = z.infer<typeof monitoringSettings>;

/** `/mlops/<environment>/<model>/reaction`, written by `RollbackReaction`. */
export const reactionSettings = z.strictObject({
  /** Names of the alarms of this model by what they say. */
  alarms: z.strictObject({
    predictionDrift: z.string(),
    quality: z.string(),
    inputDrift: z.string(),
    heartbeat: z.string(),
    samples: z.string(),
  }),
  rollbackWindowSeconds: z.number().int().positive(),
  cooldownSeconds: z.number().int().nonnegative(),
  retrain: z.boolean(),
});
export type ReactionSettings = z.infer<typeof reactionSettings>;

// -------------------------------------------------------------------------------------------------------- baseline

/** Bin edges of a number (n edges make n+1 bins, value < edge goes left), or the categories of a string. */
export const binsSchema = z.strictObject({
  /** Ascending; bin i holds edges[i-1] <= x < edges[i]. */
  edges: z.array(z.number()).optional(),
  /** Every other value falls in the bin `other`, which comes after these. */
  categories: z.array(z.string()).optional(),
  /** Reference counts by bin; the last one is missing values. */
  counts: z.array(z.number().int().nonnegative()),
});
export type Bins = z.infer<typeof binsSchema>;

/** `baseline.json` in each model package (`DriftCheckBaselines.ModelDataQuality.Statistics`, with its digest). */
export const baselineSchema = z.strictObject({
  /** SHA-256 over the edges and categories: counts with another id are never added to these. */
  edgesId: z.string(),
  rows: z.number().int().positive(),
  features: z.record(z.string(), binsSchema),
  /** Of the score on held-out rows. */
  prediction: binsSchema,
  quality: z.strictObject({ auc: z.number(), rows: z.number().int().positive() }),
  schema: modelSchema,
});
export type Baseline = z.infer<typeof baselineSchema>;

/** `evaluation.json`, written by the evaluation job. */
export const evaluationSchema = z.strictObject({
  rows: z.number().int().positive(),
  challenger: z.strictObject({ auc: z.number(), accuracy: z.number(), logLoss: z.number() }),
  champion: z.strictObject({ auc: z.number(), accuracy: z.number(), logLoss: z.number() }).optional(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

// -------------------------------------------------------------------------------------------------------------- run

/** What a run is made from; the SHA-256 of its canonical JSON is the run id, so the same inputs never train twice. */
export const runInputs = z.strictObject({
  model: z.string(),
  codeDigest: z.string(),
  snapshotDigest: z.string(),
  image: z.string(),
  hyperparameters: z.record(z.string(), z.string()),
  seed: z.number().int(),
  instanceType: z.string(),
  instanceCount: z.number().int(),
});
export type RunInputs = z.infer<typeof runInputs>;

/** `run.json`: the inputs and, beside the hash, what is only recorded. */
export const runSchema = z.strictObject({
  runId: z.string(),
  inputs: runInputs,
  recorded: z.strictObject({
    codeUri: z.string(),
    commit: z.string().optional(),
    snapshotUri: z.string(),
    execution: z.string(),
    trigger: z.string(),
    startedAt: z.string(),
  }),
});
export type Run = z.infer<typeof runSchema>;

// ------------------------------------------------------------------------------------------------------- executions

/**
 * Why a pipeline starts. A person's start (`manual`), and that of a commit that people merged (`merge`), skip the interval
 * and the row count, never the daily cap.
 */
export const pipelineTrigger = z.strictObject({
  kind: z.enum(['new-data', 'retrain', 'schedule', 'manual', 'merge']),
  id: z.string(),
  requestedBy: z.string(),
  reason: z.string(),
  /** Commit of the deployed code, by the word of who starts; only recorded. */
  commit: z.string().optional(),
});

/** Input of the training pipeline's state machine. */
export const pipelineInput = z.strictObject({
  model: z.string(),
  trigger: pipelineTrigger,
  /** Training code in the artifacts bucket instead of the deployed default: a zip or tar.gz with `train.py`. */
  code: z.strictObject({ uri: z.string(), digest: z.string(), commit: z.string().optional() }).optional(),
  hyperparameters: z.record(z.string(), z.string()).optional(),
});
export type PipelineInput = z.infer<typeof pipelineInput>;

/** Output of a pipeline execution that succeeded: what it came to, which may well be a refusal, and why. */
export const pipelineOutput = z.strictObject({
  /**
   * `registered`: a new version waits for approval. `exists`: these inputs were trained before. `in-progress`: another
   * execution trains them now. `skipped`: the guard refused. `not-better`: the gate refused.
   */
  outcome: z.enum(['registered', 'exists', 'in-progress', 'skipped', 'not-better']),
  model: z.string(),
  reason: z.string(),
  runId: z.string().optional(),
  snapshotDigest: z.string().optional(),
  /** Version of the model package, by `registered` and `exists`. */
  version: z.string().optional(),
  modelPackageArn: z.string().optional(),
  /** Area under the ROC curve on held-out rows. */
  auc: z.number().optional(),
  champion: z.strictObject({ version: z.string(), auc: z.number() }).optional(),
  /** ARN of the other execution, by `in-progress`. */
  execution: z.string().optional(),
});
export type PipelineOutput = z.infer<typeof pipelineOutput>;

/** Who asks the release machine for something, and why: each request leaves a record with both. */
const asked = {
  model: z.string(),
  requestedBy: z.string(),
  reason: z.string(),
};

/** Asks for something about one version of a model. */
export const versionRequest = z.strictObject({
  action: z.enum(['release', 'rollback', 'lift-quarantine']),
  ...asked,
  /** Model package version as a number in a string, e.g. `'2'`. A rollback's is the version to return to. */
  version: z.string(),
  /** Rollback only: the version that is to leave. */
  from: z.string().optional(),
  /** The numbers that were seen: alarm, metric values, times. With `approvedAt`, it is the event of an approval that asks. */
  evidence: z.record(z.string(), z.unknown()).optional(),
  /** Release only: a person's word that the version does not shadow first, e.g. since it mends what is broken. */
  withoutShadow: z.boolean().optional(),
});
export type VersionRequest = z.infer<typeof versionRequest>;

/** Stops releases by approvals and rollbacks by alarms for a while; a person's own go on. */
export const holdRequest = z.strictObject({
  action: z.literal('hold'),
  ...asked,
  /** ISO 8601; a day from now by default, at most seven days from now. */
  until: z.iso.datetime({ offset: true }).optional(),
});
export type HoldRequest = z.infer<typeof holdRequest>;

/** Ends a hold before its time. */
export const resumeRequest = z.strictObject({ action: z.literal('resume'), ...asked });
export type ResumeRequest = z.infer<typeof resumeRequest>;

/** Finishes or undoes what an execution that died left; the reconciler asks for it. */
export const reconcileRequest = z.strictObject({ action: z.literal('reconcile'), ...asked });
export type ReconcileRequest = z.infer<typeof reconcileRequest>;

/**
 * `sleep` takes down what serves, so that it costs nothing, and `wake` brings exactly that version back: nothing is
 * released, and the ledger names the same version all the time.
 */
export const idleRequest = z.strictObject({
  action: z.enum(['sleep', 'wake']),
  ...asked,
  /** Hours only: when they were seen to want it; what comes of it counts as done then, however long it takes. */
  evidence: z.strictObject({ decidedAt: z.iso.datetime() }).optional(),
});
export type IdleRequest = z.infer<typeof idleRequest>;

/** Input of the release state machine: the only way in which anything changes what serves, or holds it. */
export const releaseInput = z.discriminatedUnion('action', [
  versionRequest,
  holdRequest,
  resumeRequest,
  reconcileRequest,
  idleRequest,
]);
export type ReleaseInput = z.infer<typeof releaseInput>;

/** Input of the monitoring state machine: one period of one model. */
export const monitorInput = z.strictObject({
  model: z.string(),
  /** Start of the period, ISO 8601 UTC; a multiple of the period's length. */
  periodStart: z.string().optional(),
  /** Without `periodStart`: the newest period that had closed, grace included, at this time (else: now). */
  scheduledTime: z.string().optional(),
});
export type MonitorInput = z.infer<typeof monitorInput>;

// ---------------------------------------------------------------------------------------------------- inference log

/** The request id of a prediction by which a release proves that a version answers starts so; nobody's traffic. */
export const PROBE_ID_PREFIX = 'mlops-probe-';

// ---------------------------------------------------------------------------------------------------------- metrics

export const METRIC_NAMESPACE = 'MLOps/Model';
export const METRIC_NAMES = [
  'PredictionPsiExcess',
  'DriftedFeatureShare',
  'QualityDelta',
  'SampleCount',
  'MonitorHeartbeat',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/** Of the release machinery, for people alone; by `Environment`, since one alarm watches all models. */
export const RELEASE_METRIC_NAMESPACE = 'MLOps/Release';
export const RELEASE_METRIC_NAMES = [
  'DriftedModels',
  'ReconcilerHeartbeat',
  'SweepHeartbeat',
  'CollectorHeartbeat',
] as const;
export type ReleaseMetricName = (typeof RELEASE_METRIC_NAMES)[number];
/**
 * In the same namespace, by `Model` and `Environment`, at each look: the version that the ledger says serves, and the
 * instances that run, which only SageMaker tells.
 */
export const SERVING_METRIC_NAMES = ['ServingVersion', 'ServingInstances'] as const;
export type ServingMetricName = (typeof SERVING_METRIC_NAMES)[number];

/** What became of a model's trainings, for people alone; by `Model` and `Environment`. */
export const TRAINING_METRIC_NAMESPACE = 'MLOps/Training';
export const TRAINING_METRIC_NAMES = [
  'TrainingsRegistered',
  'TrainingsLost',
  'TrainingsSkipped',
  'TrainingsFailed',
  'ChallengerAuc',
  'ChampionAuc',
] as const;
export type TrainingMetricName = (typeof TRAINING_METRIC_NAMES)[number];
