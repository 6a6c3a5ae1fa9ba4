/** Monitor and reaction of one model, with machines behind them that do nothing. */
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  ColumnType,
  DataLake,
  InferenceLog,
  ModelMonitor,
  MonitorController,
  ReactionController,
  RollbackReaction,
} from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const named = { environmentName: 'local', modelName: 'rain' };
const stack = new Stack(new App(), 'Monitoring', { env });
const machine = (id: string): StateMachine =>
  new StateMachine(stack, id, { definitionBody: DefinitionBody.fromChainable(new Pass(stack, `${id}Pass`)) });

const dataLake = new DataLake(stack, 'Lake', {
  environmentName: 'local',
  removalPolicy: RemovalPolicy.DESTROY,
  deleteData: true,
});
const ledgerTable = new TableV2(stack, 'Ledger', {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
});
const notificationTopic = new Topic(stack, 'Notifications');
const releaseStateMachine = machine('Release');
const monitorController = new MonitorController(stack, 'MonitorController', {
  environmentName: 'local',
  dataLake,
  ledgerTable,
  notificationTopic,
});
const schema = {
  features: [
    { name: 'temp', type: ColumnType.DOUBLE, nullable: true },
    { name: 'station', type: ColumnType.STRING },
    { name: 'visits', type: ColumnType.BIGINT },
  ],
  label: 'rain',
};
const inferenceLog = new InferenceLog(stack, 'Log', {
  ...named,
  dataLake,
  schema,
  bufferingInterval: Duration.minutes(1),
});
const monitor = new ModelMonitor(stack, 'Monitor', {
  ...named,
  schema,
  dataLake,
  inferenceLog,
  controller: monitorController,
  period: Duration.minutes(5),
  windowPeriods: 1,
  grace: Duration.minutes(0),
  minSamples: 200,
  minLabels: 100,
  scheduled: false,
});
new RollbackReaction(stack, 'Reaction', {
  ...named,
  monitor,
  controller: new ReactionController(stack, 'ReactionController', {
    environmentName: 'local',
    ledgerTable,
    releaseStateMachine,
    pipelineStateMachine: machine('Pipeline'),
    notificationTopic,
  }),
});
// what the model's service leaves
new StringParameter(stack, 'Serving', {
  parameterName: '/mlops/local/rain/serving',
  stringValue: JSON.stringify({
    target: 'sagemaker',
    modelPackageGroupName: 'mlops-local-rain',
    endpointName: 'mlops-local-rain',
    roleArn: 'arn:aws:iam::000000000000:role/mlops/local/none',
    instanceType: 'ml.m5.large',
    instanceCount: 1,
    inferenceLogStreamName: '',
    shift: {
      type: 'ALL_AT_ONCE',
      stepPercent: 100,
      waitSeconds: 0,
      terminationWaitSeconds: 0,
      maxExecutionSeconds: 600,
    },
    guardrailAlarmNames: [],
  }),
});
for (const [name, value] of Object.entries({
  ArtifactBucket: dataLake.artifactBucket.bucketName,
  MonitoringBucket: dataLake.monitoringBucket.bucketName,
  Ledger: ledgerTable.tableName,
  MonitorMachine: monitorController.stateMachine.stateMachineArn,
  ReleaseMachine: releaseStateMachine.stateMachineArn,
  Stream: inferenceLog.streamName,
  DriftAlarm: monitor.predictionDriftAlarm.alarmName,
})) {
  new CfnOutput(stack, `${name}Name`, { value });
}
