import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { expectThat } from './expectation';
import type { Scene } from './scene';

/**
 * Whether the cloud enforces IAM, found out and not assumed: a role of the model's stack asks for the ledger, which no
 * role of a model may read, and must be denied.
 */
export async function iamIsEnforced(scene: Scene): Promise<boolean> {
  const { StackResourceSummaries } = await scene.aws.cloudFormation.send(
    new ListStackResourcesCommand({ StackName: scene.stacks.model }),
  );
  const role = StackResourceSummaries?.find(
    resource => resource.ResourceType === 'AWS::IAM::Role' && resource.LogicalResourceId?.includes('TrainingJobRole'),
  );
  expectThat(
    role?.PhysicalResourceId !== undefined,
    "the role of the model's training jobs in its stack",
    scene.stacks.model,
  );
  const sts = new STSClient(scene.address);
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${scene.cloud.accountId}:role/mlops/${scene.environment}/${role.PhysicalResourceId}`,
      RoleSessionName: 'is-iam-enforced',
    }),
  );
  sts.destroy();
  const asRole = new DynamoDBClient({
    ...scene.address,
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    },
  });
  try {
    await asRole.send(new ScanCommand({ TableName: scene.platform.output('LedgerTableName') }));
    return false;
  } catch (error) {
    expectThat(
      error instanceof Error && error.name === 'AccessDeniedException',
      'an AccessDeniedException',
      String(error),
    );
    return true;
  } finally {
    asRole.destroy();
  }
}
