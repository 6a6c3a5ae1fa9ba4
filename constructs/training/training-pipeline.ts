import { Duration, Size, Stack } from 'aws-cdk-lib';
import { type IRole, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { ContextAttribute, Schedule, type ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { ContainerNetwork, requireNetwork } from '../private/container-network';
import { InlineRole } from '../private/inline-role';
import { requireInstanceType, warnOfUnknownInstanceType } from '../private/instance-types';
import {
  requireEnvironmentName,
  requireGroupName,
  requireModelName,
  requireModelSchema,
  requirePersonalData,
} from '../private/name-rules';
import { requireSchedule } from '../private/schedule-rules';
import { SettingsParameter } from '../private/settings-parameter';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import { requireCard } from './card-rules';
import { requireHyperparameters } from './hyperparameter-rules';
import { JobRole } from './job-role';
import { requireFittingVolume } from './local-disks';
import { type IPipelineController, PipelineController } from './pipeline-controller';
import type { TrainingPipelineProps } from './training-pipeline-props';

const DEFAULT_INSTANCE_COUNT = 1;
const DEFAULT_NETWORK_ISOLATION = true;
const DEFAULT_TRAIN_ON_NEW_DATA = true;
const DEFAULT_TRAIN_ON_MERGE = false;
const DEFAULT_VOLUME_SIZE = Size.gibibytes(30);
const DEFAULT_MAX_RUNTIME = Duration.hours(1);
const DEFAULT_SEED = 1;
const DEFAULT_HOLDOUT_SHARE = 0.2;
const DEFAULT_MAX_ROWS = 1_000_000;
const DEFAULT_MIN_AUC = 0.5;
const DEFAULT_MIN_IMPROVEMENT = 0;
const DEFAULT_MIN_INTERVAL = Duration.hours(6);
const DEFAULT_MAX_RUNS_PER_DAY = 4;
const DEFAULT_MIN_NEW_ROWS_ON_NEW_DATA = 1000;
const DEFAULT_MIN_NEW_ROWS_ON_RETRAIN = 1;
const DEFAULT_MAX_LOST_CHALLENGERS = 2;

/** SageMaker's own default quota. */
const MAX_RUNTIME = Duration.days(5);
/** SageMaker's limits. */
const MAX_INSTANCE_COUNT = 100;
const MAX_VOLUME_SIZE = Size.gibibytes(16384);
/** What Python leaves beside code: it would change the code's digest without changing the code. */
const NOT_CODE = ['__pycache__', '*.pyc', '.pytest_cache', '.venv'];

/**
 * How one model is trained: settings, a role for its jobs, its code. The machinery is the controller's, which all models
 * of an environment share.
 */
export class TrainingPipeline extends Construct {
  /** Machinery that trains the model. */
  public readonly controller: IPipelineController;

  /** Role that the model's training and evaluation jobs run as. */
  public readonly jobRole: IRole;

  /** The training code. */
  public readonly code: Asset;

  constructor(scope: Construct, id: string, props: TrainingPipelineProps) {
    super(scope, id);
    this.validate(props);
    const { dataLake, environmentName, modelName } = props;

    this.controller = props.controller ?? this.ownController(props);
    this.code = new Asset(this, 'Code', { path: props.codePath, exclude: NOT_CODE });
    this.jobRole = new JobRole(this, 'JobRole', {
      environmentName,
      modelName,
      dataLake,
      image: props.image,
      code: this.code,
    });
    const network = this.network(props);
    const settings = new SettingsParameter(this, 'Settings', {
      environmentName,
      modelName,
      part: 'training',
      description: `How ${modelName} is trained in ${environmentName}`,
      settings: this.settings(props, network),
    });
    // with the parameter the model can be trained: whatever a training needs comes before
    settings.node.addDependency(this.jobRole, props.registry, ...(network === undefined ? [] : [network]));
    if (props.schedule !== undefined) {
      this.trainOnSchedule(props.schedule, modelName);
    }
  }

  /** `trainingSettings` of `lambda/shared/contracts.ts`. */
  private settings(props: TrainingPipelineProps, network?: ContainerNetwork): Record<string, unknown> {
    const { gate, guard, personalData } = props;
    return {
      schema: props.schema,
      code: { uri: this.code.s3ObjectUrl, digest: this.code.assetHash },
      image: props.image.uri,
      inferenceImage: props.inferenceImage.uri,
      instanceType: props.instanceType,
      instanceCount: props.instanceCount ?? DEFAULT_INSTANCE_COUNT,
      volumeSizeInGb: (props.volumeSize ?? DEFAULT_VOLUME_SIZE).toGibibytes(),
      maxRuntimeSeconds: (props.maxRuntime ?? DEFAULT_MAX_RUNTIME).toSeconds(),
      hyperparameters: props.hyperparameters ?? {},
      seed: props.seed ?? DEFAULT_SEED,
      roleArn: this.jobRole.roleArn,
      modelPackageGroupName: props.registry.modelPackageGroupName,
      holdoutShare: props.holdoutShare ?? DEFAULT_HOLDOUT_SHARE,
      maxRows: props.maxRows ?? DEFAULT_MAX_ROWS,
      gate: {
        minAuc: gate?.minAuc ?? DEFAULT_MIN_AUC,
        minImprovement: gate?.minImprovement ?? DEFAULT_MIN_IMPROVEMENT,
      },
      guard: {
        minIntervalSeconds: (guard?.minInterval ?? DEFAULT_MIN_INTERVAL).toSeconds(),
        maxRunsPerDay: guard?.maxRunsPerDay ?? DEFAULT_MAX_RUNS_PER_DAY,
        minNewRowsOnNewData: guard?.minNewRowsOnNewData ?? DEFAULT_MIN_NEW_ROWS_ON_NEW_DATA,
        minNewRowsOnRetrain: guard?.minNewRowsOnRetrain ?? DEFAULT_MIN_NEW_ROWS_ON_RETRAIN,
        maxLostChallengers: guard?.maxLostChallengers ?? DEFAULT_MAX_LOST_CHALLENGERS,
      },
      triggers: {
        newData: props.trainOnNewData ?? DEFAULT_TRAIN_ON_NEW_DATA,
        merge: props.trainOnMerge ?? DEFAULT_TRAIN_ON_MERGE,
      },
      ...(props.card === undefined ? {} : { card: props.card }),
      // what was accepted is between the file and the synth: an erasure needs the names alone
      ...(personalData === undefined
        ? {}
        : { personalData: { fields: personalData.fields ?? [], subject: personalData.subject } }),
      kmsKeyArn: props.dataLake.encryptionKey.keyArn,
      ...(network === undefined ? {} : { vpc: network.settings }),
      networkIsolation: props.networkIsolation ?? DEFAULT_NETWORK_ISOLATION,
    };
  }

  private network(props: TrainingPipelineProps): ContainerNetwork | undefined {
    if (props.vpc === undefined) return undefined;
    return new ContainerNetwork(this, 'Network', {
      vpc: props.vpc,
      placement: props,
      description: `Training and evaluation jobs of ${props.modelName} in ${props.environmentName}`,
      role: this.jobRole,
      talkToEachOther: (props.instanceCount ?? DEFAULT_INSTANCE_COUNT) > 1,
    });
  }

  private ownController(props: TrainingPipelineProps): IPipelineController {
    const { environmentName, modelName, dataLake, notificationTopic, ledgerTable } = props;
    if (notificationTopic === undefined || ledgerTable === undefined) {
      throw new Error(`${this.node.path}: 'controller' is missing`);
    }
    return new PipelineController(this, 'Controller', {
      environmentName,
      modelName,
      dataLake,
      notificationTopic,
      ledgerTable,
    });
  }

  private trainOnSchedule(schedule: ScheduleExpression, modelName: string): void {
    const role = new InlineRole(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    explainWildcards(role, {
      wildcard: ':*',
      actions: ['lambda:InvokeFunction'],
      reason: 'versions and aliases of this one function',
    });
    new Schedule(this, 'Schedule', {
      schedule,
      description: `Trains ${modelName}`,
      target: new LambdaInvoke(this.controller.triggerFunction, {
        role,
        input: ScheduleTargetInput.fromObject({
          source: 'mlops.schedule',
          model: modelName,
          // the same for each delivery, so that one schedule makes one start
          time: ContextAttribute.scheduledTime,
        }),
      }),
    });
  }

  private validate(props: TrainingPipelineProps): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireModelName(problems, props.modelName);
    requireModelSchema(problems, props.schema);
    requirePersonalData(problems, props.schema, props.personalData);
    requireGroupName(problems, props.registry.modelPackageGroupName, props.environmentName, props.modelName);
    problems.require(
      props.controller !== undefined || (props.notificationTopic !== undefined && props.ledgerTable !== undefined),
      `'controller' is missing, give one, or both 'notificationTopic' and 'ledgerTable' for one of this model's own`,
    );
    requireInstanceType(
      problems,
      props.instanceType,
      ['training', 'processing'],
      ', since what was trained is evaluated on the same type',
    );
    requireNetwork(problems, props);
    problems.requireRange('instanceCount', props.instanceCount, 1, MAX_INSTANCE_COUNT);
    problems.requireRange('volumeSize', props.volumeSize?.toGibibytes(), 1, MAX_VOLUME_SIZE.toGibibytes());
    requireFittingVolume(problems, props.instanceType, props.volumeSize);
    problems.requireRange('maxRuntime', props.maxRuntime?.toSeconds(), 1, MAX_RUNTIME.toSeconds());
    problems.requireRange('maxRows', props.maxRows, 1, Number.MAX_SAFE_INTEGER);
    const share = props.holdoutShare;
    problems.require(
      share === undefined || (share > 0 && share < 1),
      `'holdoutShare' is ${share}, must be more than 0 and less than 1`,
    );
    requireHyperparameters(problems, props.hyperparameters ?? {});
    requireSchedule(problems, 'schedule', props.schedule);
    problems.requireRange('gate.minAuc', props.gate?.minAuc, 0, 1);
    problems.requireRange('gate.minImprovement', props.gate?.minImprovement, -1, 1);
    problems.requireRange('guard.maxRunsPerDay', props.guard?.maxRunsPerDay, 1, 1000);
    problems.requireRange('guard.minNewRowsOnNewData', props.guard?.minNewRowsOnNewData, 0, Number.MAX_SAFE_INTEGER);
    problems.requireRange('guard.minNewRowsOnRetrain', props.guard?.minNewRowsOnRetrain, 0, Number.MAX_SAFE_INTEGER);
    problems.requireRange('guard.maxLostChallengers', props.guard?.maxLostChallengers, 1, 1000);
    requireCard(problems, props.card);
    problems.throwIfAny();
    warnOfUnknownInstanceType(this, props.instanceType);
  }
}
