/** A platform with one model, and all that governance is made of over it. */
import { App, CfnOutput, CrossStackReferences, Duration, ReferenceStrength, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  AuditQueries,
  AuditRecords,
  AuditTrail,
  ComplianceRules,
  CostBudget,
  DataLake,
  ModelRegistry,
  ModelService,
  PipelineController,
  ReleaseController,
} from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const mayGo = { removalPolicy: RemovalPolicy.DESTROY, deleteData: true };
const named = { environmentName: 'local', modelName: 'rain' };
const { environmentName } = named;
const app = new App();

const platform = new Stack(app, 'Platform', { env });
const dataLake = new DataLake(platform, 'Lake', { ...mayGo, environmentName });
const { artifactBucket, encryptionKey } = dataLake;
const releaseController = new ReleaseController(platform, 'Releases', {
  ...mayGo,
  environmentName,
  artifactBucket,
  encryptionKey,
  pollInterval: Duration.seconds(1),
});
const { ledgerTable, notificationTopic, stateMachine } = releaseController;
const pipelines = new PipelineController(platform, 'Pipelines', {
  ...mayGo,
  environmentName,
  dataLake,
  ledgerTable,
  notificationTopic,
});
const { runsTable, jobStarterRole } = pipelines;

const model = new Stack(app, 'Model', { env });
new ModelService(model, 'Service', {
  ...named,
  registry: new ModelRegistry(model, 'Registry', named),
  releaseController,
  artifactBucket,
  instanceType: 'ml.m5.large',
  imageRepositories: [Repository.fromRepositoryName(model, 'Repository', 'stub')],
});
new CostBudget(model, 'Budget', { ...named, monthlyLimitUsd: 50, notificationTopic });

const governance = new Stack(app, 'Governance', { env });
CrossStackReferences.of(governance).consume(ReferenceStrength.WEAK);
const auditTrail = new AuditTrail(governance, 'Trail', {
  environmentName,
  dataLake,
  tables: [ledgerTable, runsTable],
  retention: Duration.days(1),
});
new AuditRecords(governance, 'Records', { environmentName, auditTrail, ledgerTable, runsTable, notificationTopic });
const auditor = new Role(governance, 'Auditor', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail }).grantQuery(auditor);
new ComplianceRules(governance, 'Rules', { environmentName, trail: true, createRecorder: true });
new CostBudget(governance, 'Budget', {
  environmentName,
  monthlyLimitUsd: 100,
  notificationTopic,
  stoppedRoles: [jobStarterRole],
});

for (const [key, value] of Object.entries({
  MachineArn: stateMachine.stateMachineArn,
  LedgerName: ledgerTable.tableName,
  TopicArn: notificationTopic.topicArn,
  ArtifactBucketName: artifactBucket.bucketName,
  RunsName: runsTable.tableName,
  MonitoringBucketName: dataLake.monitoringBucket.bucketName,
  JobStarterRoleName: jobStarterRole.roleName,
  // by these the `mlops` command line finds a platform
  ReleaseStateMachineArn: stateMachine.stateMachineArn,
  LedgerTableName: ledgerTable.tableName,
  RunsTableName: runsTable.tableName,
})) {
  new CfnOutput(platform, key, { value });
}
new CfnOutput(governance, 'AuditBucketName', { value: auditTrail.auditBucket.bucketName });
new CfnOutput(governance, 'AuditorArn', { value: auditor.roleArn });
