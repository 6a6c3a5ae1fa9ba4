import {
  AddTagsCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DeleteModelPackageCommand,
  DeleteModelPackageGroupCommand,
  DeleteTagsCommand,
  DescribeModelPackageCommand,
  DescribeModelPackageGroupCommand,
  ListModelPackageGroupsCommand,
  ListModelPackagesCommand,
  ListTagsCommand,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { LocalTestCloud, refusal, SERVER } from '../local-test-cloud';

const cloud = new LocalTestCloud();
const GROUP_ARN = 'arn:aws:sagemaker:us-east-1:000000000000:model-package-group/Rain-Group';
const arnOf = (version: number): string =>
  `arn:aws:sagemaker:us-east-1:000000000000:model-package/Rain-Group/${version}`;

beforeAll(async () => {
  await cloud.start();
  await cloud.client.send(
    new CreateModelPackageGroupCommand({
      ModelPackageGroupName: 'Rain-Group',
      ModelPackageGroupDescription: 'will it rain',
      Tags: [{ Key: 'team', Value: 'weather' }],
    }),
  );
});
afterAll(() => cloud.stop());

async function register(ClientToken?: string): Promise<string | undefined> {
  const { ModelPackageArn: arn } = await cloud.client.send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: 'Rain-Group',
      InferenceSpecification: {
        Containers: [
          { Image: SERVER, ModelDataUrl: 's3://artifacts/model.tar.gz', Environment: { MODEL_NAME: 'rain' } },
        ],
        SupportedContentTypes: ['application/json'],
        SupportedResponseMIMETypes: ['application/json'],
      },
      CustomerMetadataProperties: { runId: 'abc', auc: '0.84' },
      ModelMetrics: {
        ModelQuality: { Statistics: { ContentType: 'application/json', S3Uri: 's3://artifacts/evaluation.json' } },
      },
      ...(ClientToken !== undefined && { ClientToken }),
    }),
  );
  return arn;
}

test('versions count up, wait for approval and keep what they were made with', async () => {
  // WHEN
  const first = await register();
  const second = await register();

  // THEN
  expect([first, second]).toEqual([arnOf(1), arnOf(2)]);
  const described = await cloud.client.send(new DescribeModelPackageCommand({ ModelPackageName: String(second) }));
  expect(described).toMatchObject({
    ModelPackageName: 'Rain-Group',
    ModelPackageGroupName: 'Rain-Group',
    ModelPackageVersion: 2,
    ModelPackageStatus: 'Completed',
    ModelApprovalStatus: 'PendingManualApproval',
    CustomerMetadataProperties: { runId: 'abc', auc: '0.84' },
    ModelMetrics: { ModelQuality: { Statistics: { S3Uri: 's3://artifacts/evaluation.json' } } },
    CertifyForMarketplace: false,
  });
  expect(described.LastModifiedTime).toBeUndefined();
});

test('a request sent again makes no second version', async () => {
  const token = 'f4a5ad0e-1111-4222-8333-444455556666';
  const arn = await register(token);
  expect(await register(token)).toBe(arn);
});

test('an approval changes the version and is told', async () => {
  // WHEN
  await cloud.client.send(
    new UpdateModelPackageCommand({
      ModelPackageArn: arnOf(1),
      ModelApprovalStatus: 'Approved',
      ApprovalDescription: 'looks good',
      CustomerMetadataProperties: { approvedBy: 'ada' },
      CustomerMetadataPropertiesToRemove: ['auc'],
    }),
  );

  // THEN
  const described = await cloud.client.send(new DescribeModelPackageCommand({ ModelPackageName: arnOf(1) }));
  expect(described).toMatchObject({ ModelApprovalStatus: 'Approved', ApprovalDescription: 'looks good' });
  expect(described.CustomerMetadataProperties).toEqual({ runId: 'abc', approvedBy: 'ada' });
  const event = await cloud.until(
    () => cloud.aws.told.events.find(({ detail }) => detail.ModelApprovalStatus === 'Approved'),
    found => found !== undefined,
  );
  expect(event).toMatchObject({
    detailType: 'SageMaker Model Package State Change',
    resources: [arnOf(1)],
    detail: {
      ModelPackageGroupName: 'Rain-Group',
      ModelPackageVersion: 1,
      ModelPackageArn: arnOf(1),
      ModelPackageStatus: 'Completed',
      CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    },
  });
});

test('a version can be named without its ARN', async () => {
  const described = await cloud.client.send(new DescribeModelPackageCommand({ ModelPackageName: 'Rain-Group/1' }));
  expect(described.ModelPackageArn).toBe(arnOf(1));
});

test('lists the newest approved version', async () => {
  const { ModelPackageSummaryList: list } = await cloud.client.send(
    new ListModelPackagesCommand({
      ModelPackageGroupName: GROUP_ARN,
      ModelApprovalStatus: 'Approved',
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
      MaxResults: 1,
    }),
  );
  expect(list).toEqual([
    expect.objectContaining({ ModelPackageArn: arnOf(1), ModelApprovalStatus: 'Approved', ModelPackageVersion: 1 }),
  ]);
});

test('pages through versions in the order of their numbers', async () => {
  // GIVEN
  for (let i = 0; i < 9; i++) {
    await register();
  }

  // WHEN
  const versions: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloud.client.send(
      new ListModelPackagesCommand({
        ModelPackageGroupName: 'Rain-Group',
        MaxResults: 5,
        ...(NextToken !== undefined && { NextToken }),
      }),
    );
    versions.push(...(page.ModelPackageSummaryList ?? []).map(({ ModelPackageVersion }) => ModelPackageVersion));
    ({ NextToken } = page);
  } while (NextToken !== undefined);

  // THEN
  expect(versions).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
});

test('the number of a deleted version is not given again', async () => {
  const arn = String(await register());
  await cloud.client.send(new DeleteModelPackageCommand({ ModelPackageName: arn }));
  const number = Number(arn.split('/').at(-1));
  expect(await register()).toBe(arnOf(number + 1));
  expect(await refusal(cloud.client.send(new DescribeModelPackageCommand({ ModelPackageName: arn })))).toMatchObject({
    name: 'ValidationException',
    message: `ModelPackage ${arn} does not exist.`,
  });
});

test('tags are added, replaced and deleted', async () => {
  // WHEN
  await cloud.client.send(
    new AddTagsCommand({
      ResourceArn: GROUP_ARN,
      Tags: [
        { Key: 'team', Value: 'climate' },
        { Key: 'cost', Value: '1' },
      ],
    }),
  );
  await cloud.client.send(new DeleteTagsCommand({ ResourceArn: GROUP_ARN, TagKeys: ['cost'] }));

  // THEN
  const { Tags } = await cloud.client.send(new ListTagsCommand({ ResourceArn: GROUP_ARN }));
  expect(Tags).toEqual([{ Key: 'team', Value: 'climate' }]);
});

test('groups are described and listed', async () => {
  const group = await cloud.client.send(new DescribeModelPackageGroupCommand({ ModelPackageGroupName: GROUP_ARN }));
  expect(group).toMatchObject({
    ModelPackageGroupArn: GROUP_ARN,
    ModelPackageGroupDescription: 'will it rain',
    ModelPackageGroupStatus: 'Completed',
    CreatedBy: {},
  });
  const { ModelPackageGroupSummaryList: list } = await cloud.client.send(
    new ListModelPackageGroupsCommand({ NameContains: 'Rain' }),
  );
  expect(list?.map(({ ModelPackageGroupName }) => ModelPackageGroupName)).toEqual(['Rain-Group']);
});

test('fails to delete a group that holds versions', async () => {
  const call = cloud.client.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: 'Rain-Group' }));
  expect(await refusal(call)).toMatchObject({
    name: 'ConflictException',
    message: 'Model Package Group cannot be deleted because it still contains Model Packages.',
  });
});

test('an empty group goes', async () => {
  await cloud.client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: 'empty' }));
  await cloud.client.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: 'empty' }));
  const call = cloud.client.send(new DescribeModelPackageGroupCommand({ ModelPackageGroupName: 'empty' }));
  expect(await refusal(call)).toMatchObject({
    name: 'ValidationException',
    message: 'ModelPackageGroup arn:aws:sagemaker:us-east-1:000000000000:model-package-group/empty does not exist.',
  });
});

test.each([
  [
    'a group that is there',
    new CreateModelPackageGroupCommand({ ModelPackageGroupName: 'Rain-Group' }),
    'ValidationException',
    /already exists/,
  ],
  [
    'a version outside of a group',
    new CreateModelPackageCommand({ ModelPackageName: 'single' }),
    'NotImplemented',
    /'ModelPackageName' of 'CreateModelPackage'/,
  ],
  [
    'a version in a missing group',
    new CreateModelPackageCommand({ ModelPackageGroupName: 'none' }),
    'ValidationException',
    /does not exist/,
  ],
  [
    'a container without an image',
    new CreateModelPackageCommand({
      ModelPackageGroupName: 'Rain-Group',
      InferenceSpecification: { Containers: [{ ModelDataUrl: 's3://artifacts/m' }] },
    }),
    'ValidationException',
    /must have an 'Image'/,
  ],
  [
    'tags of nothing',
    new ListTagsCommand({ ResourceArn: `${GROUP_ARN}-none` }),
    'ValidationException',
    /Could not find resource/,
  ],
])('fails for %s', async (_what, command, name, message) => {
  const { name: got, message: text } = await refusal(cloud.client.send(command as ListTagsCommand));
  expect(got).toBe(name);
  expect(text).toMatch(message);
});
