import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { modelResourceName, modelRolePath, resourcePrefix, settingsParameterName } from '../private/names';
import type { MeantWildcard } from '../private/wildcards';

/** A `.sync` integration learns of a job's end from a rule that Step Functions keeps by this name. */
const SYNC_RULES = {
  'training-job': 'StepFunctionsGetEventsForSageMakerTrainingJobsRule',
  'processing-job': 'StepFunctionsGetEventsForSageMakerProcessingJobsRule',
};

/** What a `.sync` integration does with a job; it tags the job too. */
const JOB_ACTIONS = {
  'training-job': [
    'sagemaker:CreateTrainingJob',
    'sagemaker:DescribeTrainingJob',
    'sagemaker:StopTrainingJob',
    'sagemaker:AddTags',
    'sagemaker:ListTags',
  ],
  'processing-job': [
    'sagemaker:CreateProcessingJob',
    'sagemaker:DescribeProcessingJob',
    'sagemaker:StopProcessingJob',
    'sagemaker:AddTags',
    'sagemaker:ListTags',
  ],
};
const SYNC_ACTIONS = ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'];

/** Enough for objects, tables and topics under the lake's key. */
const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** Any model's name, where an ARN or a key needs one. */
const ANY_MODEL = '*';

/** Why the wildcards in the policies here are meant, for cdk-nag. */
export const MEANT_WILDCARDS: MeantWildcard[] = [
  { wildcard: '/*', actions: ['s3:GetObject'], reason: 'the models of an environment share the functions that read' },
  { wildcard: '/*', actions: ['s3:PutObject'], reason: 'the models of an environment share the functions that write' },
  {
    wildcard: '/*/training',
    actions: ['ssm:GetParameter'],
    reason: 'a new model is found by its settings, without a change to the functions that all models share',
  },
  ...Object.values(JOB_ACTIONS).map(actions => ({
    wildcard: '-job/mlops-',
    actions,
    reason: 'a job is named by its run, which exists only at run time; bounded by the prefix of the environment',
  })),
  {
    wildcard: 'model-package',
    reason: 'versions of any model of the environment are registered by one function; bounded by its prefix',
  },
  { wildcard: '*', actions: ['sagemaker:ListModelPackages'], reason: 'the action takes no resource' },
  {
    wildcard: ':role/mlops/',
    actions: ['iam:PassRole'],
    reason: 'each model has a role of its own under the path of the environment; to SageMaker only',
  },
  { wildcard: ':execution:', actions: ['states:DescribeExecution'], reason: 'an execution exists only at run time' },
  { wildcard: ':*', actions: ['lambda:InvokeFunction'], reason: 'versions and aliases of this one function' },
  { wildcard: 'kms:', reason: 'the CDK grants the use of one key by kinds of actions' },
  {
    wildcard: '*',
    actions: [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    reason: 'log deliveries of Step Functions take no resource',
  },
  {
    wildcard: '*',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    reason: 'X-Ray has no resources to name',
  },
];

/** What the control function works on. */
export interface ControlGrants {
  readonly environmentName: string;
  readonly dataLake: IDataLake;
  readonly notificationTopic: ITopic;
  readonly ledgerTable: ITable;
  readonly runsTable: ITable;
}

type Grantee = IConstruct & IGrantable;

/** Guard, claim, gate, register: reads widely, writes runs, and registers versions without being able to approve one. */
export function grantControl(grantee: Grantee, grants: ControlGrants): void {
  const { environmentName, dataLake } = grants;
  const stack = Stack.of(grantee);
  const group = modelResourceName(environmentName, ANY_MODEL);
  grantSettings(grantee, environmentName);
  grantObjects(grantee, dataLake.rawBucket, { read: ['*/_READY'] });
  grantObjects(grantee, dataLake.curatedBucket, { read: ['*/validation.json'] });
  grantObjects(grantee, dataLake.artifactBucket, { read: ['*/runs/*', '*/code/*'], write: ['*/runs/*/run.json'] });
  dataLake.encryptionKey.grant(grantee, ...KEY_ACTIONS);
  grants.runsTable.grant(grantee, 'dynamodb:GetItem', 'dynamodb:PutItem');
  grants.ledgerTable.grant(grantee, 'dynamodb:GetItem');
  grants.ledgerTable.encryptionKey?.grantDecrypt(grantee);
  grants.notificationTopic.grantPublish(grantee);
  allow(grantee, {
    actions: ['sagemaker:CreateModelPackage'],
    resources: [
      stack.formatArn({ service: 'sagemaker', resource: 'model-package-group', resourceName: group }),
      stack.formatArn({ service: 'sagemaker', resource: 'model-package', resourceName: `${group}/*` }),
    ],
    // a version that is registered as approved would serve without a person's word
    conditions: { StringEqualsIfExists: { 'sagemaker:ModelApprovalStatus': 'PendingManualApproval' } },
  });
  allow(grantee, {
    actions: ['sagemaker:DescribeModelPackage'],
    resources: [stack.formatArn({ service: 'sagemaker', resource: 'model-package', resourceName: `${group}/*` })],
  });
  allow(grantee, { actions: ['sagemaker:ListModelPackages'], resources: ['*'] });
}

/** Validate, snapshot: reads what landed, writes the zones after it. */
export function grantData(grantee: Grantee, dataLake: IDataLake): void {
  grantObjects(grantee, dataLake.rawBucket, { read: ['*'] });
  grantObjects(grantee, dataLake.curatedBucket, { read: ['*'], write: ['*'] });
  grantObjects(grantee, dataLake.snapshotBucket, { read: ['*'], write: ['*'] });
  dataLake.encryptionKey.grant(grantee, ...KEY_ACTIONS);
}

/** The trigger asks whether there is such a model, and whether its batch is new. */
export function grantTrigger(
  grantee: Grantee,
  { environmentName, dataLake, modelName }: { environmentName: string; dataLake: IDataLake; modelName?: string },
): void {
  grantSettings(grantee, environmentName);
  grantObjects(grantee, dataLake.rawBucket, { read: [`${modelName ?? ANY_MODEL}/*/_READY`] });
  dataLake.encryptionKey.grant(grantee, 'kms:Decrypt');
}

/** The state machine runs both kinds of jobs, under the roles of the environment's models. */
export function grantJobs(stateMachine: StateMachine, environmentName: string): void {
  const stack = Stack.of(stateMachine);
  for (const job of ['training-job', 'processing-job'] as const) {
    allow(stateMachine, {
      actions: JOB_ACTIONS[job],
      resources: [
        stack.formatArn({
          service: 'sagemaker',
          resource: job,
          resourceName: `${resourcePrefix(environmentName)}-*`,
        }),
      ],
    });
  }
  allow(stateMachine, {
    actions: SYNC_ACTIONS,
    resources: Object.values(SYNC_RULES).map(rule =>
      stack.formatArn({ service: 'events', resource: 'rule', resourceName: rule }),
    ),
  });
  allow(stateMachine, {
    actions: ['iam:PassRole'],
    resources: [
      stack.formatArn({
        service: 'iam',
        region: '',
        resource: `role${modelRolePath(environmentName)}*`,
        arnFormat: ArnFormat.NO_RESOURCE_NAME,
      }),
    ],
    conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
  });
}

function grantSettings(grantee: Grantee, environmentName: string): void {
  allow(grantee, {
    actions: ['ssm:GetParameter'],
    resources: [
      Stack.of(grantee).formatArn({
        service: 'ssm',
        resource: `parameter${settingsParameterName(environmentName, ANY_MODEL, 'training')}`,
        arnFormat: ArnFormat.NO_RESOURCE_NAME,
      }),
    ],
  });
}

function grantObjects(grantee: Grantee, bucket: IBucket, keys: { read?: string[]; write?: string[] }): void {
  // without it S3 answers `AccessDenied` for an object that is not there
  allow(grantee, { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] });
  if (keys.read !== undefined) {
    allow(grantee, { actions: ['s3:GetObject'], resources: keys.read.map(key => bucket.arnForObjects(key)) });
  }
  if (keys.write !== undefined) {
    allow(grantee, { actions: ['s3:PutObject'], resources: keys.write.map(key => bucket.arnForObjects(key)) });
  }
}

function allow(
  grantee: IGrantable,
  statement: { actions: string[]; resources: string[]; conditions?: Record<string, Record<string, string>> },
): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement(statement));
}
