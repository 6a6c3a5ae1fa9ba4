/** A platform with two watched models, and a training pipeline that does nothing. */
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
} from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const ours = { environmentName: 'local', removalPolicy: RemovalPolicy.DESTROY, deleteData: true };
const app = new App();
const platform = new Stack(app, 'Platform', { env });

const artifactBucket = new Bucket(platform, 'Artifacts', {
  bucketName: 'release-test-artifacts',
  removalPolicy: RemovalPolicy.DESTROY,
});
const dataLake = new DataLake(platform, 'Lake', ours);
const releaseController = new ReleaseController(platform, 'Releases', {
  ...ours,
  artifactBucket,
  pollInterval: Duration.seconds(1),
});
const { ledgerTable, notificationTopic, stateMachine: releaseStateMachine } = releaseController;
const monitorController = new MonitorController(platform, 'MonitorController', {
  environmentName: 'local',
  dataLake,
  ledgerTable,
  notificationTopic,
});
const reactionController = new ReactionController(platform, 'ReactionController', {
  environmentName: 'local',
  ledgerTable,
  releaseStateMachine,
  pipelineStateMachine: new StateMachine(platform, 'Pipeline', {
    definitionBody: DefinitionBody.fromChainable(new Pass(platform, 'Nothing')),
  }),
  notificationTopic,
});
new CfnOutput(platform, 'MachineArn', { value: releaseStateMachine.stateMachineArn });
new CfnOutput(platform, 'LedgerName', { value: ledgerTable.tableName });
new CfnOutput(platform, 'TopicArn', { value: notificationTopic.topicArn });

for (const modelName of ['rain', 'churn']) {
  const stack = new Stack(app, modelName, { env });
  const named = { environmentName: 'local', modelName };
  const schema = { features: [{ name: 'temp', type: ColumnType.DOUBLE }], label: 'label' };
  const monitor = new ModelMonitor(stack, 'Monitor', {
    ...named,
    schema,
    dataLake,
    inferenceLog: new InferenceLog(stack, 'Log', { ...named, dataLake, schema }),
    controller: monitorController,
    period: Duration.minutes(5),
    windowPeriods: 1,
    evaluationWindows: 1,
    alarmingWindows: 1,
    scheduled: false,
  });
  new RollbackReaction(stack, 'Reaction', { ...named, monitor, controller: reactionController });
  new ModelService(stack, 'Service', {
    ...named,
    registry: new ModelRegistry(stack, 'Registry', named),
    releaseController,
    artifactBucket,
    instanceType: 'ml.m5.large',
    imageRepositories: [Repository.fromRepositoryName(stack, 'Repository', 'stub')],
    shift: ShiftPolicy.allAtOnce({ bakeTime: Duration.seconds(0) }),
  });
  new CfnOutput(stack, `${modelName}DriftAlarm`, { value: monitor.predictionDriftAlarm.alarmName });
}
