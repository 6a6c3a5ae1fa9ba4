import type { Duration, Size } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IDataLake } from '../data/data-lake';
import type { ModelSchema } from '../data/model-schema';
import type { PersonalData } from '../data/personal-data';
import type { ContainerPlacement } from '../network/container-placement';
import type { IModelRegistry } from '../registry/model-registry';
import type { ModelCard } from './model-card';
import type { ModelImage } from './model-image';
import type { IPipelineController } from './pipeline-controller';
import type { TrainingGate, TrainingGuard } from './training-limits';

/** Settings of a model's training. */
export interface TrainingPipelineProps extends ContainerPlacement {
  /** Environment in which the model is trained. */
  readonly environmentName: string;

  /** Model that is trained; batches of it land under `<modelName>/` of the raw zone. */
  readonly modelName: string;

  /** What it reads and what it predicts; a row that does not fit is quarantined. */
  readonly schema: ModelSchema;

  /** Lake from which it is trained. */
  readonly dataLake: IDataLake;

  /** Where its versions are registered. */
  readonly registry: IModelRegistry;

  /** Folder of the training code, with `train.py` in it. */
  readonly codePath: string;

  /** Image that trains and evaluates. */
  readonly image: ModelImage;

  /** Image in which the trained versions will serve; it becomes part of each version. */
  readonly inferenceImage: ModelImage;

  /** Instance type of the jobs, such as `ml.m5.large`. */
  readonly instanceType: string;

  /**
   * Machinery that trains the models of the environment.
   *
   * @default - one of this model's own, for which `notificationTopic` and `ledgerTable` are needed
   */
  readonly controller?: IPipelineController;

  /**
   * Where people are told, for a controller of this model's own.
   *
   * @default - the controller has one
   */
  readonly notificationTopic?: ITopic;

  /**
   * The release ledger, for a controller of this model's own.
   *
   * @default - the controller has one
   */
  readonly ledgerTable?: ITable;

  /**
   * Where the model's data tell of persons, so that a person's rows can be erased.
   *
   * @default - its rows are of nobody
   */
  readonly personalData?: PersonalData;

  /**
   * Number of instances of a training job.
   *
   * @default 1
   */
  readonly instanceCount?: number;

  /**
   * Disk of each instance.
   *
   * @default Size.gibibytes(30)
   */
  readonly volumeSize?: Size;

  /**
   * Time after which a job is stopped.
   *
   * @default Duration.hours(1)
   */
  readonly maxRuntime?: Duration;

  /**
   * Whether the jobs' containers reach no network at all: SageMaker itself brings the data and takes the model away, so
   * code that is trained with cannot send them elsewhere.
   *
   * @default true
   */
  readonly networkIsolation?: boolean;

  /**
   * What `train.py` gets as arguments.
   *
   * @default - none but `seed`
   */
  readonly hyperparameters?: { [name: string]: string };

  /**
   * Seed of whatever is random in training; the hyperparameter `seed`.
   *
   * @default 1
   */
  readonly seed?: number;

  /**
   * Share of valid rows that is kept out of training, more than 0 and less than 1. A row's content decides, so a row
   * once held out is held out always.
   *
   * @default 0.2
   */
  readonly holdoutShare?: number;

  /**
   * Rows of a snapshot: the newest whole batches as long as they fit, at least one.
   *
   * @default 1000000
   */
  readonly maxRows?: number;

  /**
   * What a challenger must reach to be registered.
   *
   * @default - an AUC of at least 0.5, and not below the champion's
   */
  readonly gate?: TrainingGate;

  /**
   * What keeps a training from starting.
   *
   * @default - the defaults of `TrainingGuard`
   */
  readonly guard?: TrainingGuard;

  /**
   * What people say about the model, for the model card of each version.
   *
   * @default - the cards say only what the run did
   */
  readonly card?: ModelCard;

  /**
   * Whether a batch that has landed starts a training.
   *
   * @default true
   */
  readonly trainOnNewData?: boolean;

  /**
   * Whether the merge of a commit starts a training, asked for by the team's CI with `mlops train --commit`.
   *
   * @default false
   */
  readonly trainOnMerge?: boolean;

  /**
   * When to train besides on new data and on drift.
   *
   * @default - never
   */
  readonly schedule?: ScheduleExpression;
}
