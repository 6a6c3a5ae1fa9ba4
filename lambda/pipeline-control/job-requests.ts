import type {
  CreateProcessingJobRequest,
  CreateTrainingJobRequest,
  ProcessingInput,
  Tag,
} from '@aws-sdk/client-sagemaker';
import { hasLocalDisks } from '../../constructs/private/instance-disks';
import { RUN_TAG } from '../../constructs/private/tag-keys';
import type { TrainingSettings } from '../shared/contracts';
import { costTags } from '../shared/cost-tags';
import { vpcConfig } from '../shared/vpc-config';
import { runUri, snapshotUri, type Buckets } from './places';
import type { PlannedRun } from './run-inputs';

/** SageMaker's limit on the name of a job. */
const MAX_JOB_NAME = 63;
/** Digits of the run id in a job's name; the longest names of environment and model leave room for fewer. */
const RUN_ID_DIGITS = 16;
const MIN_RUN_ID_DIGITS = 8;

/** Where the evaluation finds and leaves its files, by the contract of `images/trainer`. */
const PROCESSING_INPUT = '/opt/ml/processing/input';
const PROCESSING_OUTPUT = '/opt/ml/processing/output';

/** What the jobs of one attempt are made from. */
export interface JobPlan {
  environmentName: string;
  buckets: Buckets;
  settings: TrainingSettings;
  planned: PlannedRun;
  attempt: number;
  /** `model.tar.gz` of the version that serves; nothing if none does, or if it reads another schema. */
  championModelUri?: string;
}

/** Both requests of one attempt, complete: the state machine passes them on as they are. */
export interface JobRequests {
  jobName: string;
  modelDataUri: string;
  evaluationUri: string;
  trainingJob: CreateTrainingJobRequest;
  processingJob: CreateProcessingJobRequest;
}

/** Name of an attempt's jobs; the attempt keeps a retry from colliding with what failed. */
export function jobName(environmentName: string, model: string, runId: string, attempt: number): string {
  const prefix = `mlops-${environmentName}-${model}-`;
  const suffix = `-${attempt}`;
  const digits = Math.min(RUN_ID_DIGITS, MAX_JOB_NAME - prefix.length - suffix.length);
  if (digits < MIN_RUN_ID_DIGITS) {
    throw new Error(
      `model '${model}' has too long a name for a job's, '${prefix}' leaves ${digits} digits of a run id`,
    );
  }
  return `${prefix}${runId.slice(0, digits)}${suffix}`;
}

/** Makes both requests. Nothing in the state machine's definition belongs to one model. */
export function jobRequests(plan: JobPlan): JobRequests {
  const { environmentName, buckets, settings, planned, attempt } = plan;
  const { inputs, runId } = planned;
  const name = jobName(environmentName, inputs.model, runId, attempt);
  const snapshot = snapshotUri(buckets, inputs.model, inputs.snapshotDigest);
  const run = runUri(buckets, inputs.model, runId);
  const outputKey = settings.kmsKeyArn === '' ? {} : { KmsKeyId: settings.kmsKeyArn };
  const volumeKey =
    settings.kmsKeyArn === '' || hasLocalDisks(settings.instanceType) ? {} : { VolumeKmsKeyId: settings.kmsKeyArn };
  const vpc = vpcConfig(settings.vpc);
  const isolation = settings.networkIsolation === true ? { EnableNetworkIsolation: true } : {};
  const network = { ...vpc, ...isolation };
  const tags: Tag[] = [...costTags(environmentName, inputs.model), { Key: RUN_TAG, Value: runId }];
  const modelDataUri = `${run}/training/${name}/output/model.tar.gz`;
  // by attempt: a job of an attempt that was given up may still write, and must not touch what was judged
  const evaluationUri = `${run}/evaluation/${name}`;

  const channel = (ChannelName: string, S3Uri: string) => ({
    ChannelName,
    DataSource: {
      S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri, S3DataDistributionType: 'FullyReplicated' as const },
    },
  });
  const input = (InputName: string, S3Uri: string): ProcessingInput => ({
    InputName,
    S3Input: {
      S3Uri,
      LocalPath: `${PROCESSING_INPUT}/${InputName}`,
      S3DataType: 'S3Prefix',
      S3InputMode: 'File',
    },
  });

  return {
    jobName: name,
    modelDataUri,
    evaluationUri,
    trainingJob: {
      TrainingJobName: name,
      RoleArn: settings.roleArn,
      AlgorithmSpecification: { TrainingImage: inputs.image, TrainingInputMode: 'File' },
      HyperParameters: { ...inputs.hyperparameters, seed: String(inputs.seed) },
      InputDataConfig: [
        channel('train', `${snapshot}/train.csv`),
        channel('schema', `${snapshot}/schema.json`),
        channel('code', planned.codeUri),
      ],
      OutputDataConfig: { S3OutputPath: `${run}/training`, ...outputKey },
      ResourceConfig: {
        InstanceType: inputs.instanceType as NonNullable<CreateTrainingJobRequest['ResourceConfig']>['InstanceType'],
        InstanceCount: inputs.instanceCount,
        VolumeSizeInGB: settings.volumeSizeInGb,
        ...volumeKey,
      },
      StoppingCondition: { MaxRuntimeInSeconds: settings.maxRuntimeSeconds },
      ...network,
      Tags: tags,
    },
    processingJob: {
      ProcessingJobName: name,
      RoleArn: settings.roleArn,
      AppSpecification: { ImageUri: inputs.image, ContainerEntrypoint: ['evaluate'] },
      ProcessingInputs: [
        input('challenger', modelDataUri),
        input('holdout', `${snapshot}/holdout.csv`),
        input('train', `${snapshot}/train.csv`),
        input('schema', `${snapshot}/schema.json`),
        ...(plan.championModelUri === undefined ? [] : [input('champion', plan.championModelUri)]),
      ],
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: 'evaluation',
            S3Output: { S3Uri: evaluationUri, LocalPath: PROCESSING_OUTPUT, S3UploadMode: 'EndOfJob' },
          },
        ],
        ...outputKey,
      },
      ProcessingResources: {
        ClusterConfig: {
          InstanceType: inputs.instanceType as 'ml.m5.large',
          // one machine reads the held-out rows, however many trained
          InstanceCount: 1,
          VolumeSizeInGB: settings.volumeSizeInGb,
          ...volumeKey,
        },
      },
      StoppingCondition: { MaxRuntimeInSeconds: settings.maxRuntimeSeconds },
      ...(Object.keys(network).length === 0 ? {} : { NetworkConfig: network }),
      Tags: tags,
    },
  };
}
