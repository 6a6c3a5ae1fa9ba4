import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';

const ROOT = join(__dirname, '..', '..', '..');
let cloud: LocalCloud;
let folder: string;

/** An app with what the platform's stacks are made of; context `answer` changes its template. */
const APP = `
const { App, CfnOutput, CustomResource, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const { TableV2, AttributeType } = require('aws-cdk-lib/aws-dynamodb');
const { StringParameter, ParameterTier } = require('aws-cdk-lib/aws-ssm');
const { CfnModelPackageGroup } = require('aws-cdk-lib/aws-sagemaker');

const app = new App();
const stack = new Stack(app, 'Small', { env: { account: '000000000000', region: 'us-east-1' } });
const table = new TableV2(stack, 'Table', {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  removalPolicy: RemovalPolicy.DESTROY,
});
const parameter = new StringParameter(stack, 'Settings', {
  stringValue: String(app.node.tryGetContext('answer')),
  tier: ParameterTier.INTELLIGENT_TIERING,
});
const handler = new lambda.Function(stack, 'Handler', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  timeout: Duration.seconds(10),
  code: lambda.Code.fromInline(\`exports.handler = async event => {
    const { StackId, RequestId, LogicalResourceId } = event;
    const answer = { Status: 'SUCCESS', PhysicalResourceId: 'one', StackId, RequestId, LogicalResourceId };
    await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body: JSON.stringify(answer) });
  };\`),
});
table.grantReadData(handler);
parameter.grantRead(handler);
new CustomResource(stack, 'Custom', { serviceToken: handler.functionArn, properties: { value: parameter.stringValue } });
const group = new CfnModelPackageGroup(stack, 'Group', { modelPackageGroupName: 'small-group' });
new CfnOutput(stack, 'GroupArn', { value: group.ref });
`;

async function cdk(...args: string[]): Promise<string> {
  const cli = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, NODE_PATH: join(ROOT, 'node_modules'), CDK_VALIDATION: 'false', ...cloud.environment };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...args, '--no-notices'], {
    cwd: folder,
    env,
  });
  return stdout + stderr;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlops-cdk-test-'));
  writeFileSync(join(folder, 'app.js'), APP);
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.js' }));
  cloud = await startLocalCloud();
}, 60_000);

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

test('the CDK CLI bootstraps, deploys, deploys again after the clock was moved, and destroys, with IAM enforced', async () => {
  await cdk('bootstrap', 'aws://000000000000/us-east-1');
  const deploy = ['deploy', 'Small', '--require-approval', 'never', '-c'];
  expect(await cdk(...deploy, 'answer=42')).toContain(
    'Small.GroupArn = arn:aws:sagemaker:us-east-1:000000000000:model-package-group/small-group',
  );
  await cloud.clock.advance(80 * 3600);
  expect(await cdk(...deploy, 'answer=43')).toMatch(/UPDATE_COMPLETE +\| AWS::SSM::Parameter/);
  expect(await cdk('destroy', '-f', 'Small')).toContain('Small: destroyed');
}, 180_000);
