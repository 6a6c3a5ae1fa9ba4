/** A platform with one watched model, and a training pipeline that does nothing. */
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
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

const env = { account: '000000000000', region: 'us-east-1' };
const named = { environmentName: 'local', modelName: 'rain' };
const ours = { environmentName: 'local', removalPolicy: RemovalPolicy.DESTROY, deleteData: true };
const stack = new Stack(new App(), 'Platform', { env });

const artifactBucket = new Bucket(stack, 'Artifacts', {
  bucketName: 'release-test-artifacts',
  removalPolicy: RemovalPolicy.DESTROY,
});
const dataLake = new DataLake(stack, 'Lake', ours);
const releaseController = new ReleaseController(stack, 'Releases', {
  ...ours,
  artifactBucket,
  pollInterval: Duration.seconds(1),
});
const { ledgerTable, notificationTopic, stateMachine: releaseStateMachine } = releaseController;
const schema = { features: [{ name: 'temp', type: ColumnType.DOUBLE }], label: 'rain' };
const inferenceLog = new InferenceLog(stack, 'Log', { ...named, dataLake, schema });
const monitor = new ModelMonitor(stack, 'Monitor', {
  ...named,
  schema,
  dataLake,
  inferenceLog,
  controller: new MonitorController(stack, 'MonitorController', {
    environmentName: 'local',
    dataLake,
    ledgerTable,
    notificationTopic,
  }),
  period: Duration.minutes(5),
  windowPeriods: 1,
  evaluationWindows: 1,
  alarmingWindows: 1,
  scheduled: false,
});
new RollbackReaction(stack, 'Reaction', {
  ...named,
  monitor,
  // one rollback follows the other
  cooldown: Duration.minutes(1),
  controller: new ReactionController(stack, 'ReactionController', {
    environmentName: 'local',
    ledgerTable,
    releaseStateMachine,
    pipelineStateMachine: new StateMachine(stack, 'Pipeline', {
      definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Nothing')),
    }),
    notificationTopic,
  }),
});
new ModelService(stack, 'Service', {
  ...named,
  registry: new ModelRegistry(stack, 'Registry', named),
  releaseController,
  artifactBucket,
  instanceType: 'ml.m5.large',
  imageRepositories: [Repository.fromRepositoryName(stack, 'Repository', 'stub')],
  shift: ShiftPolicy.allAtOnce({ bakeTime: Duration.seconds(0) }),
});
for (const [name, value] of Object.entries({
  MachineArn: releaseStateMachine.stateMachineArn,
  LedgerName: ledgerTable.tableName,
  TopicArn: notificationTopic.topicArn,
  DriftAlarmName: monitor.predictionDriftAlarm.alarmName,
})) {
  new CfnOutput(stack, name, { value });
}
