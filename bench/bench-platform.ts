import { type App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  ColumnType,
  DataLake,
  InferenceLog,
  ModelMonitor,
  ModelRegistry,
  ModelService,
  MonitorController,
  ReactionController,
  ReleaseController,
  RollbackReaction,
  ShiftPolicy,
} from '../constructs';

const ENV = { account: '000000000000', region: 'us-east-1' };
const environmentName = 'local';
const ours = { environmentName, removalPolicy: RemovalPolicy.DESTROY, deleteData: true };
const schema = { features: [{ name: 'temp', type: ColumnType.DOUBLE }], label: 'rain' };

/** How the models of a benchmark differ from those that a user would have by default. */
export interface BenchModelProps {
  /** Monitoring period, and length of the windows that are judged; once an hour and once a day by default. */
  readonly window?: Duration;
  readonly cooldown?: Duration;
  readonly warmStandby?: Duration;
}

/** A platform for models that serve and are watched; its training pipeline does nothing. */
export class BenchPlatform extends Stack {
  readonly dataLake: DataLake;
  readonly releases: ReleaseController;
  readonly monitor: MonitorController;
  readonly reaction: ReactionController;

  constructor(
    readonly app: App,
    props: { readonly lookInterval?: Duration } = {},
  ) {
    super(app, 'Platform', { env: ENV });
    this.dataLake = new DataLake(this, 'Lake', ours);
    this.releases = new ReleaseController(this, 'Releases', {
      ...ours,
      artifactBucket: this.dataLake.artifactBucket,
      encryptionKey: this.dataLake.encryptionKey,
      pollInterval: Duration.seconds(1),
      reconcileInterval: props.lookInterval,
    });
    const { ledgerTable, notificationTopic, stateMachine: releaseStateMachine } = this.releases;
    this.monitor = new MonitorController(this, 'MonitorController', {
      environmentName,
      dataLake: this.dataLake,
      ledgerTable,
      notificationTopic,
    });
    this.reaction = new ReactionController(this, 'ReactionController', {
      environmentName,
      ledgerTable,
      releaseStateMachine,
      pipelineStateMachine: new StateMachine(this, 'Pipeline', {
        definitionBody: DefinitionBody.fromChainable(new Pass(this, 'Nothing')),
      }),
      notificationTopic,
      sweepInterval: props.lookInterval,
    });
    for (const [name, value] of Object.entries({
      ArtifactBucketName: this.dataLake.artifactBucket.bucketName,
      MachineArn: releaseStateMachine.stateMachineArn,
      MonitorMachineArn: this.monitor.stateMachine.stateMachineArn,
      LedgerName: ledgerTable.tableName,
      TopicArn: notificationTopic.topicArn,
    })) {
      new CfnOutput(this, name, { value });
    }
  }
}

/** A model of such a platform, and all that it adds. */
export class BenchModel extends Stack {
  constructor(platform: BenchPlatform, modelName: string, props: BenchModelProps = {}) {
    super(platform.app, `Model-${modelName}`, { env: ENV });
    const named = { environmentName, modelName };
    const { dataLake } = platform;
    const inferenceLog = new InferenceLog(this, 'Log', { ...named, dataLake, schema });
    const short = props.window === undefined ? {} : { ...AT_ONCE, period: props.window };
    const monitor = new ModelMonitor(this, 'Monitor', {
      ...named,
      schema,
      dataLake,
      inferenceLog,
      controller: platform.monitor,
      ...short,
    });
    new RollbackReaction(this, 'Reaction', {
      ...named,
      monitor,
      cooldown: props.cooldown,
      controller: platform.reaction,
    });
    new ModelService(this, 'Service', {
      ...named,
      registry: new ModelRegistry(this, 'Registry', named),
      releaseController: platform.releases,
      artifactBucket: dataLake.artifactBucket,
      instanceType: 'ml.m5.large',
      imageRepositories: [Repository.fromRepositoryName(this, 'Repository', 'stub')],
      shift: ShiftPolicy.allAtOnce({ bakeTime: Duration.seconds(0) }),
      warmStandby: props.warmStandby,
    });
    new CfnOutput(this, 'DriftAlarmName', {
      value: monitor.predictionDriftAlarm.alarmName,
    });
  }
}

/** Each window is an alarm's whole evidence, and nobody but the benchmark counts. */
const AT_ONCE = { windowPeriods: 1, evaluationWindows: 1, alarmingWindows: 1, scheduled: false };
