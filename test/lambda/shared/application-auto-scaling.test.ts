import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationAutoScaling } from '../../../lambda/shared/application-auto-scaling';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

let server: Server;
let received: Received[];
/** By operation; another one answers nothing. */
let answers: Record<string, { status: number; body: string }>;

beforeEach(async () => {
  received = [];
  answers = {};
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const { status, body } = answers[operation] ?? { status: 200, body: '{}' };
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  client = new ApplicationAutoScalingClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  scaling = new ApplicationAutoScaling(client);
});

afterEach(async () => {
  client.destroy();
  await new Promise(resolve => server.close(resolve));
});

let client: ApplicationAutoScalingClient;
let scaling: ApplicationAutoScaling;
const VARIANT = {
  ServiceNamespace: 'sagemaker',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  ResourceId: 'endpoint/mlops-prod-rain/variant/AllTraffic',
};

const POLICY = {
  minCapacity: 2,
  maxCapacity: 6,
  metric: 'InvocationsPerInstance' as const,
  targetValue: 600,
  scaleInCooldownSeconds: 300,
  scaleOutCooldownSeconds: 0,
};
const TARGET = { ...VARIANT, MinCapacity: 2, MaxCapacity: 6 };
const PUT = {
  ...VARIANT,
  PolicyName: 'mlops-prod-rain-AllTraffic',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 600,
    PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
    ScaleInCooldown: 300,
    ScaleOutCooldown: 0,
  },
};

const ok = (body: object) => ({ status: 200, body: JSON.stringify(body) });
const REGISTERED = {
  DescribeScalableTargets: ok({ ScalableTargets: [{ ...TARGET, RoleARN: 'arn', CreationTime: 1 }] }),
  DescribeScalingPolicies: ok({ ScalingPolicies: [{ ...PUT, PolicyARN: 'arn', Alarms: [] }] }),
};

/** Requests that change something. */
const changes = (): unknown[] =>
  received
    .map(({ headers, body }) => [String(headers['x-amz-target']).split('.')[1], body])
    .filter(([operation]) => !String(operation).startsWith('Describe'));

test('registers the variant with its limits, and then its policy', async () => {
  await scaling.register('mlops-prod-rain', 'AllTraffic', POLICY);

  expect(received[0]).toMatchObject({
    headers: { 'x-amz-target': 'AnyScaleFrontendService.DescribeScalableTargets' },
    body: { ServiceNamespace: 'sagemaker', ResourceIds: [VARIANT.ResourceId] },
  });
  expect(changes()).toEqual([
    ['RegisterScalableTarget', TARGET],
    ['PutScalingPolicy', PUT],
  ]);
});

test('leaves alone what is so already: each put would set up its alarms anew', async () => {
  answers = REGISTERED;
  await scaling.register('mlops-prod-rain', 'AllTraffic', POLICY);
  expect(changes()).toEqual([]);
});

test.each([
  ['limits', { maxCapacity: 7 }, ['RegisterScalableTarget']],
  ['a target', { targetValue: 601 }, ['PutScalingPolicy']],
  ['a metric', { metric: 'ConcurrentRequestsPerInstance' as const }, ['PutScalingPolicy']],
  ['a cooldown', { scaleOutCooldownSeconds: 60 }, ['PutScalingPolicy']],
])('changes %s and nothing else', async (_, changed, expected) => {
  answers = REGISTERED;
  await scaling.register('mlops-prod-rain', 'AllTraffic', { ...POLICY, ...changed });
  expect(changes()).toMatchObject(expected.map(operation => [operation, {}]));
});

test('takes off what is registered', async () => {
  answers = REGISTERED;
  await scaling.deregister('mlops-prod-rain', 'AllTraffic');
  expect(changes()).toEqual([['DeregisterScalableTarget', VARIANT]]);
});

test('takes off what is not registered without a word', async () => {
  await scaling.deregister('mlops-prod-rain', 'AllTraffic');
  expect(changes()).toEqual([]);
});

test('does not mind that somebody else was faster', async () => {
  answers = {
    ...REGISTERED,
    DeregisterScalableTarget: { status: 400, body: '{"__type":"com.amazonaws#ObjectNotFoundException"}' },
  };
  await expect(scaling.deregister('mlops-prod-rain', 'AllTraffic')).resolves.toBeUndefined();
});

test('fails as the service refuses', async () => {
  answers = {
    DescribeScalableTargets: { status: 400, body: '{"__type":"AccessDeniedException","message":"not authorized"}' },
  };
  await expect(scaling.deregister('mlops-prod-rain', 'AllTraffic')).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: 'not authorized',
  });
});
