import type { CreateModelPackageCommandInput } from '@aws-sdk/client-sagemaker';
import type { StoredImage } from '../shared/ecr-images';
import type { Notification } from '../shared/notify';
import type { TrainingSettings } from '../shared/contracts';
import type { LandedBatch } from '../shared/pipeline/ready-manifest';
import type { ValidationReport } from '../shared/pipeline/validation-report';
import type { ExecutionRecord, PipelineState, RunRecord } from './records';

/** One write: a run, the model's state and the execution's record change together or not at all. */
export interface RunChange {
  /** Generation of the state that the writer saw. */
  seen: number;
  state: PipelineState;
  run: RunRecord;
  execution?: ExecutionRecord;
}

/** Remembers runs and executions. */
export interface RunStore {
  /** State of a model; generation 0 if it was never trained. */
  state(model: string): Promise<PipelineState>;
  run(model: string, runId: string): Promise<RunRecord | undefined>;
  /** Refuses, by `false`, a writer who did not see the newest state. */
  commit(model: string, change: RunChange): Promise<boolean>;
  execution(model: string, name: string): Promise<ExecutionRecord | undefined>;
  recordExecution(model: string, record: ExecutionRecord): Promise<void>;
}

/** What lies in the raw zone, and what validation said of it. */
export interface Batches {
  list(model: string): Promise<LandedBatch[]>;
  readyText(model: string, batchId: string): Promise<string>;
  report(model: string, batchId: string): Promise<ValidationReport | undefined>;
}

/** What the pipeline needs to know of a registered version. */
export interface RegisteredVersion {
  modelPackageArn: string;
  modelDataUri?: string;
  properties: Record<string, string>;
}

/** Versions of models. */
export interface Registry {
  /** A version by its number; nothing if it was deleted. */
  version(group: string, version: string): Promise<RegisteredVersion | undefined>;
  /** Versions made at or after a time. */
  madeSince(group: string, since: Date): Promise<RegisteredVersion[]>;
  /** Makes a version and returns its ARN. */
  create(request: CreateModelPackageCommandInput): Promise<string>;
}

/** What an object's bytes are, by two names of them. */
export interface ObjectDigest {
  /** In hex. */
  sha256: string;
  /** S3's own, which a look at the object's head tells too; without quotes. */
  etag?: string;
}

/** Objects in S3, by URI. */
export interface Objects {
  /** Nothing if there is no such object. */
  text(uri: string): Promise<string | undefined>;
  /** What its bytes are; nothing if there is no such object. */
  digest(uri: string): Promise<ObjectDigest | undefined>;
  write(uri: string, text: string): Promise<void>;
}

/** Everything outside that the steps need. */
export interface Ports {
  now(): Date;
  /** Settings of a model, or why there are none. */
  settings(model: string): Promise<TrainingSettings | { problem: string }>;
  runs: RunStore;
  batches: Batches;
  registry: Registry;
  objects: Objects;
  /** What the image's registry says of it. */
  image(uri: string): Promise<StoredImage>;
  /** Version that serves now. */
  champion(model: string): Promise<string | undefined>;
  /** Whether an execution is still running. */
  running(execution: string): Promise<boolean>;
  tell(notification: Notification): Promise<void>;
}
