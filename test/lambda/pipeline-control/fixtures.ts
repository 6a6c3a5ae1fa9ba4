import type { CreateModelPackageCommandInput } from '@aws-sdk/client-sagemaker';
import { sha256 } from '../../../lambda/shared/canonical-json';
import {
  trainingSettings,
  type Baseline,
  type Evaluation,
  type PipelineInput,
  type TrainingSettings,
} from '../../../lambda/shared/contracts';
import type { StoredImage } from '../../../lambda/shared/ecr-images';
import type { Notification } from '../../../lambda/shared/notify';
import type { LandedBatch } from '../../../lambda/shared/pipeline/ready-manifest';
import type { ValidationReport } from '../../../lambda/shared/pipeline/validation-report';
import type { Surroundings } from '../../../lambda/pipeline-control/claim-step';
import type { Ports, RegisteredVersion, RunChange } from '../../../lambda/pipeline-control/ports';
import {
  INITIAL_STATE,
  type ExecutionRecord,
  type PipelineState,
  type RunRecord,
} from '../../../lambda/pipeline-control/records';
import type { StepContext } from '../../../lambda/pipeline-control/step-context';

export const NOW = new Date('2026-11-24T12:00:00.000Z');
export const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:pipeline:first';
export const OTHER_EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:pipeline:second';
export const TRAINER_DIGEST = `sha256:${'1'.repeat(64)}`;
export const SERVER_DIGEST = `sha256:${'2'.repeat(64)}`;
export const SNAPSHOT = 'd'.repeat(64);
export const SURROUNDINGS: Surroundings = {
  environmentName: 'test',
  buckets: { snapshots: 'snapshots', artifacts: 'artifacts' },
};

export const SETTINGS: TrainingSettings = trainingSettings.parse({
  schema: { features: [{ name: 'pressure', type: 'double' }], label: 'rain' },
  code: { uri: 's3://assets/code.zip', digest: 'c'.repeat(64) },
  image: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/trainer@${TRAINER_DIGEST}`,
  inferenceImage: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/model-server@${SERVER_DIGEST}`,
  instanceType: 'ml.m5.large',
  instanceCount: 1,
  volumeSizeInGb: 30,
  maxRuntimeSeconds: 3600,
  hyperparameters: { trees: '150' },
  seed: 42,
  roleArn: 'arn:aws:iam::111122223333:role/mlops/test/rain',
  modelPackageGroupName: 'mlops-test-rain',
  holdoutShare: 0.25,
  maxRows: 4000,
  gate: { minAuc: 0.8, minImprovement: 0.01 },
  guard: {
    minIntervalSeconds: 3600,
    maxRunsPerDay: 3,
    minNewRowsOnNewData: 100,
    minNewRowsOnRetrain: 10,
    maxLostChallengers: 2,
  },
  kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k',
});

export const BASELINE: Baseline = {
  edgesId: 'e',
  rows: 10,
  features: { pressure: { edges: [1], counts: [5, 5, 0] } },
  prediction: { edges: [0.5], counts: [5, 5, 0] },
  quality: { auc: 0.85, rows: 10 },
  schema: SETTINGS.schema,
};

export function evaluationOf(auc: number, champion?: number): Evaluation {
  const quality = (value: number) => ({ auc: value, accuracy: 0.8, logLoss: 0.4 });
  return {
    rows: 1000,
    challenger: quality(auc),
    ...(champion === undefined ? {} : { champion: quality(champion) }),
  };
}

export function inputOf(
  kind: PipelineInput['trigger']['kind'] = 'manual',
  change: Partial<PipelineInput> = {},
): PipelineInput {
  return { model: 'rain', trigger: { kind, id: 't', requestedBy: 'ada', reason: 'why not' }, ...change };
}

export function contextOf(change: Partial<StepContext> = {}): StepContext {
  return { input: inputOf(), execution: EXECUTION, settings: SETTINGS, ...change };
}

/** Everything outside, in memory. */
export class World implements Ports {
  time = NOW;
  state: PipelineState = INITIAL_STATE;
  readonly runRecords = new Map<string, RunRecord>();
  readonly executions = new Map<string, ExecutionRecord>();
  readonly files = new Map<string, string>();
  readonly versions: (RegisteredVersion & { madeAt: Date })[] = [];
  /** Digests by tag and by digest. */
  readonly images = new Map<string, string>([
    [SETTINGS.image, TRAINER_DIGEST],
    [SETTINGS.inferenceImage, SERVER_DIGEST],
  ]);
  readonly created: CreateModelPackageCommandInput[] = [];
  readonly told: Notification[] = [];
  readonly landed: { batch: LandedBatch; ready: string; report?: ValidationReport }[] = [];
  readonly runningExecutions = new Set([EXECUTION]);
  currentChampion: string | undefined;
  deployed = SETTINGS;
  settingsProblem: string | undefined;
  /** Runs before a commit, as another writer would between our read and our write. */
  beforeCommit: (() => void) | undefined;

  now(): Date {
    return this.time;
  }

  settings(): Promise<TrainingSettings | { problem: string }> {
    return Promise.resolve(this.settingsProblem === undefined ? this.deployed : { problem: this.settingsProblem });
  }

  image(uri: string): Promise<StoredImage> {
    const digest = this.images.get(uri);
    return Promise.resolve(digest === undefined ? { state: 'gone' } : { state: 'found', digest });
  }

  readonly runs = {
    state: () => Promise.resolve(this.state),
    run: (_model: string, runId: string) => Promise.resolve(this.runRecords.get(runId)),
    commit: (_model: string, change: RunChange) => {
      const interfere = this.beforeCommit;
      this.beforeCommit = undefined;
      interfere?.();
      if (change.seen !== this.state.generation) return Promise.resolve(false);
      this.state = change.state;
      this.runRecords.set(change.run.runId, change.run);
      if (change.execution !== undefined) this.executions.set(change.execution.name, change.execution);
      return Promise.resolve(true);
    },
    execution: (_model: string, name: string) => Promise.resolve(this.executions.get(name)),
    recordExecution: (_model: string, record: ExecutionRecord) => {
      this.executions.set(record.name, record);
      return Promise.resolve();
    },
  };

  readonly batches = {
    list: () => Promise.resolve(this.landed.map(({ batch }) => batch)),
    readyText: (_model: string, batchId: string) => Promise.resolve(this.batch(batchId)?.ready ?? ''),
    report: (_model: string, batchId: string) => Promise.resolve(this.batch(batchId)?.report),
  };

  readonly registry = {
    version: (_group: string, version: string) =>
      Promise.resolve(this.versions.find(({ modelPackageArn }) => modelPackageArn.endsWith(`/${version}`))),
    madeSince: (_group: string, since: Date) => Promise.resolve(this.versions.filter(({ madeAt }) => madeAt >= since)),
    create: (request: CreateModelPackageCommandInput) => {
      this.created.push(request);
      return Promise.resolve(this.addVersion({ properties: request.CustomerMetadataProperties ?? {} }));
    },
  };

  readonly objects = {
    text: (uri: string) => Promise.resolve(this.files.get(uri)),
    digest: (uri: string) => {
      const text = this.files.get(uri);
      return Promise.resolve(text === undefined ? undefined : { sha256: sha256(text), etag: `etag of ${text}` });
    },
    write: (uri: string, text: string) => {
      this.files.set(uri, text);
      return Promise.resolve();
    },
  };

  champion(): Promise<string | undefined> {
    return Promise.resolve(this.currentChampion);
  }

  running(execution: string): Promise<boolean> {
    return Promise.resolve(this.runningExecutions.has(execution));
  }

  tell(notification: Notification): Promise<void> {
    this.told.push(notification);
    return Promise.resolve();
  }

  addVersion({ properties, modelDataUri }: { properties: Record<string, string>; modelDataUri?: string }): string {
    const version = this.versions.length + 1;
    const modelPackageArn = `arn:aws:sagemaker:eu-west-1:111122223333:model-package/mlops-test-rain/${version}`;
    this.versions.push({
      modelPackageArn,
      properties,
      madeAt: this.time,
      ...(modelDataUri === undefined ? {} : { modelDataUri }),
    });
    return modelPackageArn;
  }

  land(batchId: string, rows: number, second: number): void {
    this.landed.push({
      batch: { batchId, readyAt: new Date(NOW.getTime() + second * 1000).toISOString(), declaration: batchId },
      ready: JSON.stringify({ files: [{ key: 'a.csv', rows, sha256: 'a'.repeat(64) }], rows }),
    });
  }

  private batch(batchId: string) {
    return this.landed.find(({ batch }) => batch.batchId === batchId);
  }
}
