import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { LocalCloud } from '../../../local-cloud/start';
import { EARLIER } from '../../upgrade/earlier';
import { clientOf } from '../local-cloud/stack';

/** Region in which the files of the environments are; the local cloud has one of its own. */
const REGION = /eu-west-1/g;

/** Code of the earlier functions is not kept: this one answers what CloudFormation asks of custom resources. */
const ANSWERS = `exports.handler = async event => {
  if (event.ResponseURL === undefined) return;
  const { StackId, RequestId, LogicalResourceId } = event;
  const answer = { Status: 'SUCCESS', PhysicalResourceId: LogicalResourceId, StackId, RequestId, LogicalResourceId };
  await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body: JSON.stringify(answer) });
};`;

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;
}

/** Text of the earlier version as it would be for the local cloud. */
export function forLocalCloud(text: string, cloud: LocalCloud): string {
  return text.replace(REGION, cloud.region);
}

/** Deploys an environment of the earlier version, one stack after the other; the account is bootstrapped. */
export async function deployEarlier(cloud: LocalCloud, environment: string): Promise<void> {
  const client = new CloudFormationClient(clientOf(cloud));
  const s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
  // the templates are larger than a request may be, so they go where the CDK CLI puts them
  const Bucket = `cdk-hnb659fds-assets-${cloud.accountId}-${cloud.region}`;
  for (const { stackName, template } of EARLIER.stacks[environment] ?? []) {
    const { Resources, ...others } = JSON.parse(forLocalCloud(JSON.stringify(template), cloud)) as Template;
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type === 'AWS::Lambda::Function') Properties['Code'] = { ZipFile: ANSWERS };
    }
    const Key = `${stackName}.json`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify({ Resources, ...others }) }));
    await client.send(
      new CreateStackCommand({
        StackName: stackName,
        TemplateURL: `https://s3.${cloud.region}.amazonaws.com/${Bucket}/${Key}`,
        Capabilities: ['CAPABILITY_NAMED_IAM'],
      }),
    );
    await waitUntilStackCreateComplete(
      { client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
      { StackName: stackName },
    );
  }
}

/** Physical ids of a stack's resources by their logical ids. */
export async function resourcesOf(cloud: LocalCloud, stackName: string): Promise<Map<string, string>> {
  const { StackResources = [] } = await new CloudFormationClient(clientOf(cloud)).send(
    new DescribeStackResourcesCommand({ StackName: stackName }),
  );
  return new Map(
    StackResources.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
      LogicalResourceId,
      PhysicalResourceId,
    ]),
  );
}
