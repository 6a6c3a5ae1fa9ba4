import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { LocalCloud } from '../../../local-cloud/start';
import { Callers, tally } from './callers';
import { clientOf, deploy, role } from './stack';
import { createTinyEndpoint, startTinyCloud } from './tiny-endpoint';

const CALLERS = 20;
const SECONDS = 5;

let cloud: LocalCloud;
let roles: Record<string, string>;

/** A role that may invoke one endpoint and do nothing else. */
const callerOf = (endpoint: string): Record<string, unknown> =>
  role('lambda.amazonaws.com', [
    {
      Effect: 'Allow',
      Action: 'sagemaker:InvokeEndpoint',
      Resource: `arn:aws:sagemaker:us-east-1:000000000000:endpoint/${endpoint}`,
    },
  ]);

beforeAll(async () => {
  cloud = await startTinyCloud({ auth: true });
  roles = await deploy(
    cloud,
    'callers',
    {
      Model: role('sagemaker.amazonaws.com', [
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/*',
        },
      ]),
      Left: callerOf('left'),
      Right: callerOf('right'),
    },
    Object.fromEntries(['Model', 'Left', 'Right'].map(id => [id, { 'Fn::GetAtt': [id, 'Arn'] }])),
  );
  const sagemaker = new SageMakerClient(clientOf(cloud));
  for (const name of ['left', 'right']) {
    await createTinyEndpoint(sagemaker, name, { version: name, roleArn: roles.Model });
  }
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

/** The settings of a client that acts as a role. */
async function as(roleArn: string): Promise<ReturnType<typeof clientOf>> {
  const sts = new STSClient(clientOf(cloud));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'caller' }));
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  return { ...clientOf(cloud), credentials };
}

test('each of many callers at once gets what its own role allows, and nothing by the role of another', async () => {
  // GIVEN two roles, each of which may invoke one of two endpoints
  const left = await as(roles.Left);
  const right = await as(roles.Right);

  // WHEN both call both
  const callers = {
    allowedLeft: new Callers(left, 'left', CALLERS),
    allowedRight: new Callers(right, 'right', CALLERS),
    deniedLeft: new Callers(left, 'right', CALLERS),
    deniedRight: new Callers(right, 'left', CALLERS),
  };
  await callers.allowedLeft.goOn(SECONDS);
  const [allowedLeft, allowedRight, deniedLeft, deniedRight] = await Promise.all(
    Object.values(callers).map(each => each.stop()),
  );

  // THEN
  expect([...allowedLeft, ...allowedRight].filter(({ wrong }) => wrong !== undefined)).toEqual([]);
  const outcomes = [allowedLeft, allowedRight, deniedLeft, deniedRight].map(calls =>
    tally(calls.map(({ version, error }) => version ?? error)),
  );
  expect(outcomes).toEqual([
    { left: allowedLeft.length },
    { right: allowedRight.length },
    { 'AccessDeniedException 403': deniedLeft.length },
    { 'AccessDeniedException 403': deniedRight.length },
  ]);
  expect(Math.min(allowedLeft.length, allowedRight.length, deniedLeft.length, deniedRight.length)).toBeGreaterThan(
    CALLERS,
  );
}, 60_000);
