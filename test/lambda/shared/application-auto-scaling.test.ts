import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationAutoScaling } from '../../../lambda/shared/application-auto-scaling';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

let server: Server;
let received: Received[];
let answer: { status: number; body: string };

beforeEach(async () => {
  received = [];
  answer = { status: 200, body: '{}' };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  delete process.env.AWS_ENDPOINT_URL;
  await new Promise(resolve => server.close(resolve));
});

const scaling = new ApplicationAutoScaling({
  region: () => Promise.resolve('eu-west-1'),
  credentials: () => Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }),
});
const VARIANT = {
  ServiceNamespace: 'sagemaker',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  ResourceId: 'endpoint/mlops-prod-rain/variant/AllTraffic',
};

test('registers the variant with its limits, and then its policy', async () => {
  await scaling.register('mlops-prod-rain', 'AllTraffic', {
    minCapacity: 2,
    maxCapacity: 6,
    metric: 'InvocationsPerInstance',
    targetValue: 600,
    scaleInCooldownSeconds: 300,
    scaleOutCooldownSeconds: 0,
  });

  expect(received.map(({ headers, body }) => [headers['x-amz-target'], body])).toEqual([
    ['AnyScaleFrontendService.RegisterScalableTarget', { ...VARIANT, MinCapacity: 2, MaxCapacity: 6 }],
    [
      'AnyScaleFrontendService.PutScalingPolicy',
      {
        ...VARIANT,
        PolicyName: 'mlops-prod-rain-AllTraffic',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 600,
          PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
          ScaleInCooldown: 300,
          ScaleOutCooldown: 0,
        },
      },
    ],
  ]);
});

test('signs for the service and the region, in the name of its caller', async () => {
  await scaling.deregister('mlops-prod-rain', 'AllTraffic');

  expect(received[0]?.headers).toMatchObject({
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/application-autoscaling\/aws4_request, SignedHeaders=.*host.*x-amz-security-token/,
    ) as string,
    'x-amz-security-token': 'token',
    'content-type': 'application/x-amz-json-1.1',
  });
});

test('takes off what is not registered without a word', async () => {
  answer = { status: 400, body: '{"__type":"com.amazonaws#ObjectNotFoundException","Message":"No scalable target"}' };
  await expect(scaling.deregister('mlops-prod-rain', 'AllTraffic')).resolves.toBeUndefined();
});

test.each([
  [400, '{"__type":"AccessDeniedException","message":"not authorized"}', 'AccessDeniedException', 'not authorized'],
  [503, '<html>', 'Http503', '<html>'],
])('fails with the service’s own name and words on %s %s', async (status, body, name, message) => {
  answer = { status, body };
  await expect(scaling.deregister('mlops-prod-rain', 'AllTraffic')).rejects.toMatchObject({
    name,
    message: `DeregisterScalableTarget: ${message}`,
  });
});
