import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateModelPackageCommand,
  DeleteModelPackageCommand,
  DescribeModelPackageGroupCommand,
  GetModelPackageGroupPolicyCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually } from './stack';

let cloud: LocalCloud;
let cloudFormation: CloudFormationClient;
let sageMaker: SageMakerClient;

beforeAll(async () => {
  cloud = await startLocalCloud({ auth: false });
  cloudFormation = new CloudFormationClient(clientOf(cloud));
  sageMaker = new SageMakerClient(clientOf(cloud));
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

const OUTPUTS = {
  Ref: { Ref: 'Group' },
  Arn: { 'Fn::GetAtt': ['Group', 'ModelPackageGroupArn'] },
  Status: { 'Fn::GetAtt': ['Group', 'ModelPackageGroupStatus'] },
};
const group = (Properties: object): object => ({ Group: { Type: 'AWS::SageMaker::ModelPackageGroup', Properties } });
const policyFor = (account: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'sagemaker:DescribeModelPackageGroup',
      Resource: '*',
    },
  ],
});

/** Updates a stack and gives its outputs, or what became of it. */
async function update(name: string, resources: object): Promise<Record<string, string>> {
  const Outputs = Object.fromEntries(Object.entries(OUTPUTS).map(([key, Value]) => [key, { Value }]));
  await cloudFormation.send(
    new UpdateStackCommand({ StackName: name, TemplateBody: JSON.stringify({ Resources: resources, Outputs }) }),
  );
  const stack = await settled(name);
  return {
    status: stack.StackStatus ?? '',
    ...Object.fromEntries((stack.Outputs ?? []).map(output => [output.OutputKey ?? '', output.OutputValue ?? ''])),
  };
}

async function settled(StackName: string) {
  return eventually(async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const stack = Stacks?.[0];
    return stack?.StackStatus?.endsWith('_IN_PROGRESS') === false ? stack : undefined;
  });
}

async function reasons(StackName: string): Promise<string> {
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
  return (StackEvents ?? []).map(event => event.ResourceStatusReason ?? '').join('\n');
}

const described = (ModelPackageGroupName: string | undefined) =>
  sageMaker.send(new DescribeModelPackageGroupCommand({ ModelPackageGroupName }));

test('a model package group is made with its tags and policy, and both change in place', async () => {
  // WHEN
  const made = await deploy(
    cloud,
    'in-place',
    group({
      ModelPackageGroupName: 'rain',
      ModelPackageGroupDescription: 'will it rain',
      Tags: [{ Key: 'team', Value: 'weather' }],
      ModelPackageGroupPolicy: policyFor('111111111111'),
    }) as Record<string, unknown>,
    OUTPUTS,
  );

  // THEN
  expect(made).toMatchObject({ Ref: made.Arn, Status: 'Completed' });
  expect(made.Arn).toMatch(/:model-package-group\/rain$/);
  expect(await described('rain')).toMatchObject({ ModelPackageGroupDescription: 'will it rain' });

  // WHEN
  const updated = await update(
    'in-place',
    group({
      ModelPackageGroupName: 'rain',
      ModelPackageGroupDescription: 'will it rain',
      Tags: [{ Key: 'owner', Value: 'anna' }],
      ModelPackageGroupPolicy: policyFor('222222222222'),
    }),
  );

  // THEN
  expect(updated).toMatchObject({ status: 'UPDATE_COMPLETE', Arn: made.Arn });
  const { Tags } = await sageMaker.send(new ListTagsCommand({ ResourceArn: made.Arn }));
  expect(Tags?.filter(({ Key }) => Key?.startsWith('aws:') !== true)).toEqual([{ Key: 'owner', Value: 'anna' }]);
  const { ResourcePolicy } = await sageMaker.send(
    new GetModelPackageGroupPolicyCommand({ ModelPackageGroupName: 'rain' }),
  );
  expect(ResourcePolicy).toContain('222222222222');
}, 30_000);

test('another name replaces a group, and the old one goes', async () => {
  // GIVEN
  const properties = (name: string): object => ({ ModelPackageGroupName: name, ModelPackageGroupDescription: name });
  const made = await deploy(cloud, 'replaced', group(properties('old')) as Record<string, unknown>, OUTPUTS);

  // WHEN
  const updated = await update('replaced', group(properties('new')));

  // THEN
  expect(updated.status).toBe('UPDATE_COMPLETE');
  expect(updated.Arn).not.toBe(made.Arn);
  expect(await described(updated.Arn)).toMatchObject({ ModelPackageGroupDescription: 'new' });
  await expect(described(made.Arn)).rejects.toThrow('does not exist');
}, 30_000);

test.each([
  ['AWS::SageMaker::ModelPackageGroup', {}, '#: required key [ModelPackageGroupName] not found'],
  ['AWS::Budgets::Budget', { Budget: { BudgetType: 'COST' } }, '#/Budget: required key [TimeUnit] not found'],
  ['AWS::Backup::BackupVault', { Name: 'vault' }, '#: extraneous key [Name] is not permitted'],
])(
  '%s of %j fails as on AWS',
  async (Type, Properties, message) => {
    const name = `wrong-${Type.replaceAll('::', '-')}`;
    await expect(deploy(cloud, name, { Wrong: { Type, Properties } })).rejects.toThrow();
    expect(await reasons(name)).toContain(message);
  },
  30_000,
);

test('a group of the same name cannot be replaced, and stays as it was', async () => {
  await deploy(
    cloud,
    'named',
    group({ ModelPackageGroupName: 'named', ModelPackageGroupDescription: 'old' }) as Record<string, unknown>,
    OUTPUTS,
  );
  const updated = await update('named', group({ ModelPackageGroupName: 'named', ModelPackageGroupDescription: 'new' }));
  expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await reasons('named')).toContain('cannot update a stack when a custom-named resource requires replacing');
  expect(await described('named')).toMatchObject({ ModelPackageGroupDescription: 'old' });
}, 30_000);

test('a group goes with its stack, but not while it holds a version', async () => {
  // GIVEN
  await deploy(cloud, 'gone', group({ ModelPackageGroupName: 'gone' }) as Record<string, unknown>, OUTPUTS);
  const { ModelPackageArn } = await sageMaker.send(new CreateModelPackageCommand({ ModelPackageGroupName: 'gone' }));

  // WHEN
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'gone' }));

  // THEN
  expect((await settled('gone')).StackStatus).toBe('DELETE_FAILED');
  expect(await reasons('gone')).toContain('still contains Model Packages');

  // WHEN
  await sageMaker.send(new DeleteModelPackageCommand({ ModelPackageName: ModelPackageArn }));
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'gone' }));

  // THEN
  await eventually(() =>
    described('gone').then(
      () => undefined,
      () => true,
    ),
  );
}, 30_000);

test('a composite alarm is made, changed and deleted with its stack', async () => {
  // GIVEN
  const alarms = (rule: string): object => ({
    ...group({ ModelPackageGroupName: 'beside-alarms' }),
    Latency: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'latency',
        Namespace: 'Test',
        MetricName: 'Latency',
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    },
    Any: {
      Type: 'AWS::CloudWatch::CompositeAlarm',
      DependsOn: 'Latency',
      Properties: { AlarmName: 'any', AlarmRule: rule },
    },
  });
  await deploy(cloud, 'alarms', alarms('ALARM(latency)') as Record<string, unknown>, OUTPUTS);
  const cloudWatch = new CloudWatchClient(clientOf(cloud));
  const composite = async () =>
    (await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['any'], AlarmTypes: ['CompositeAlarm'] })))
      .CompositeAlarms;
  expect(await composite()).toMatchObject([{ AlarmRule: 'ALARM(latency)' }]);

  // WHEN
  const updated = await update('alarms', alarms('NOT OK(latency)'));

  // THEN
  expect(updated.status).toBe('UPDATE_COMPLETE');
  expect(await composite()).toMatchObject([{ AlarmRule: 'NOT OK(latency)' }]);

  // WHEN
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'alarms' }));

  // THEN
  await eventually(async () => ((await composite())?.length === 0 ? true : undefined));
}, 30_000);

test('a type that is not there is refused by name', async () => {
  const unknown = { Thing: { Type: 'AWS::SageMaker::Domain', Properties: {} } };
  await expect(deploy(cloud, 'unknown', unknown)).rejects.toThrow('AWS::SageMaker::Domain');
}, 30_000);
