import {
  CreateModelPackageGroupCommand,
  DeleteModelPackageGroupPolicyCommand,
  GetModelPackageGroupPolicyCommand,
  PutModelPackageGroupPolicyCommand,
} from '@aws-sdk/client-sagemaker';
import { LocalTestCloud, refusal } from '../local-test-cloud';

const cloud = new LocalTestCloud();
const ModelPackageGroupName = 'Rain-Group';
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Action: 'sagemaker:DescribeModelPackage',
      Resource: 'arn:aws:sagemaker:us-east-1:000000000000:model-package/Rain-Group/*',
    },
  ],
});

beforeAll(async () => {
  await cloud.start();
  await cloud.client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName }));
});
afterAll(() => cloud.stop());

const get = () => cloud.client.send(new GetModelPackageGroupPolicyCommand({ ModelPackageGroupName }));

test('a policy is put, given back as it was written, and deleted', async () => {
  // WHEN
  const put = await cloud.client.send(
    new PutModelPackageGroupPolicyCommand({ ModelPackageGroupName, ResourcePolicy: POLICY }),
  );

  // THEN
  expect(put.ModelPackageGroupArn).toMatch(/model-package-group\/Rain-Group$/);
  expect((await get()).ResourcePolicy).toBe(POLICY);

  // WHEN
  await cloud.client.send(new DeleteModelPackageGroupPolicyCommand({ ModelPackageGroupName }));

  // THEN
  expect(await refusal(get())).toMatchObject({ name: 'ValidationException' });
});

test.each([['not JSON'], ['{}'], ['{"Statement":[{"Effect":"Allow"}]}'], ['null']])(
  'the policy %s is refused',
  async ResourcePolicy => {
    expect(
      await refusal(
        cloud.client.send(new PutModelPackageGroupPolicyCommand({ ModelPackageGroupName, ResourcePolicy })),
      ),
    ).toMatchObject({ name: 'ValidationException', message: expect.stringMatching(/resource policy/) as string });
  },
);

test('a group that is not there has no policy', async () => {
  const missing = new GetModelPackageGroupPolicyCommand({ ModelPackageGroupName: 'none' });
  expect(await refusal(cloud.client.send(missing))).toMatchObject({
    message: expect.stringMatching(/model-package-group\/none does not exist/) as string,
  });
});
