/**
 * Requests made of AWS's service model, right and wrong: each is answered in AWS's form, in good time, never with a 500,
 * and the server lives on.
 *
 * The number of cases and the seed are fixed, so that every run is the same. More and others:
 *
 *   MLOPS_FUZZ_CASES=20000 MLOPS_FUZZ_SEED=$RANDOM npx jest --selectProjects unit --testPathPatterns service-model/fuzz
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DescribeEndpointCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import fc, { type Arbitrary } from 'fast-check';
import { ServiceModel } from '../../../../local-cloud/sagemaker/service-model/model';
import { SUPPORTED } from '../../../../local-cloud/sagemaker/service-model/supported-fields';
import { AwsStandIn } from '../aws-stand-in';
import {
  IMAGES,
  LocalTestCloud,
  ROLE,
  RUNTIME_SERVICE_MODEL,
  SERVER,
  SERVICE_MODEL,
  TRAINER,
} from '../local-test-cloud';
import { readyUrl, spawnSageMaker } from '../sagemaker-process';
import { answerViolations, type RawAnswer } from './answer-check';
import { malformed, RAW_BODY } from './malformed-request';
import { operationRequest, type RawRequest, send } from './raw-request';
import { RequestArbitrary } from './request-arbitrary';

const CASES = Number(process.env.MLOPS_FUZZ_CASES ?? 500);
const SEED = Number(process.env.MLOPS_FUZZ_SEED ?? 20_261_124);
jest.setTimeout(120_000 + CASES * 100);

const OPERATIONS = Object.keys(SUPPORTED);
const NOT_IMPLEMENTED = ['CreateTransformJob', 'ListPipelines', 'CreateNotebookInstance', 'DescribeDomain', 'Search'];
const WELL_KNOWN = [
  'rain',
  ROLE,
  TRAINER,
  SERVER,
  's3://artifacts/model.tar.gz',
  's3://artifacts/runs',
  '/opt/ml/processing/input',
  '/opt/ml/checkpoints',
  'arn:aws:sagemaker:us-east-1:000000000000:model-package/rain/1',
  'arn:aws:sagemaker:us-east-1:000000000000:model-package-group/rain',
  'arn:aws:sagemaker:us-east-1:000000000000:endpoint/rain',
  // a page's token, as the lists give it
  Buffer.from('[0,"rain"]').toString('base64url'),
];

const model = ServiceModel.load(SERVICE_MODEL);
const requests = new RequestArbitrary(model, WELL_KNOWN);
const aws = new AwsStandIn();
const helper = new LocalTestCloud();
const folder = mkdtempSync(join(tmpdir(), 'sagemaker-fuzz-'));
let server: ChildProcess;
let errors = '';
let url: string;

beforeAll(async () => {
  await aws.start();
  server = spawnSageMaker({
    AWS_ENDPOINT_URL: aws.url,
    // the SDK's advice on versions of Node would stand among the errors
    NODE_NO_WARNINGS: '1',
    MLOPS_LOCAL_SAGEMAKER_MODEL: SERVICE_MODEL,
    MLOPS_LOCAL_SAGEMAKER_RUNTIME_MODEL: RUNTIME_SERVICE_MODEL,
    MLOPS_LOCAL_WORK_DIR: join(folder, 'work'),
    MLOPS_LOCAL_IMAGES: IMAGES,
    // whatever is asked for, this machine starts no more than a few model servers
    MLOPS_LOCAL_INSTANCE_QUOTA: '3',
    MLOPS_LOCAL_STOP_GRACE_SECONDS: '1',
  });
  server.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  url = await readyUrl(server);
  await createWhatIsKnown();
});

afterAll(async () => {
  server.stdin?.end();
  await new Promise(resolve => server.once('exit', resolve));
  await aws.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(helper.folder, { recursive: true, force: true });
});

/** One of each resource, so that a request can find something. */
async function createWhatIsKnown(): Promise<void> {
  const client = new SageMakerClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  aws.put('artifacts/model.tar.gz', '');
  const names = { ModelName: 'rain', EndpointConfigName: 'rain', EndpointName: 'rain', ModelPackageGroupName: 'rain' };
  const container = { Image: SERVER };
  await client.send(new CreateModelCommand({ ...names, ExecutionRoleArn: ROLE, PrimaryContainer: container }));
  const variant = {
    VariantName: 'rain',
    ModelName: 'rain',
    InitialInstanceCount: 1,
    InstanceType: 'ml.m5.large',
  } as const;
  await client.send(new CreateEndpointConfigCommand({ ...names, ProductionVariants: [variant] }));
  await client.send(new CreateEndpointCommand(names));
  await helper.until(
    () => client.send(new DescribeEndpointCommand(names)),
    ({ EndpointStatus: status }) => status === 'InService',
  );
  await client.send(new CreateModelPackageGroupCommand(names));
  await client.send(new CreateModelPackageCommand(names));
  client.destroy();
}

async function holds(
  cases: Arbitrary<RawRequest>,
  share: number,
  check: (sent: RawRequest, answer: RawAnswer) => void,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, async sent => {
      const answer = await send(url, sent);
      check(sent, answer);
      expect(server.exitCode ?? server.signalCode).toBeNull();
    }),
    { numRuns: Math.ceil(CASES * share), seed: SEED, endOnFailure: true },
  );
  // what goes wrong beside a request stands here
  expect(errors).toBe('');
}

/** Whether the answer is one that AWS's service model allows for the operation. */
function isAnswer({ headers }: RawRequest, answer: RawAnswer): void {
  const operation = (headers['x-amz-target'] ?? '').replace(/^SageMaker\./, '');
  expect(answerViolations(model, operation, answer)).toEqual([]);
}

// what is deleted is no longer there for the others
test.each([
  ['requests that keep the service model', OPERATIONS.filter(name => !name.startsWith('Delete')), 0.5],
  ['requests that keep the service model and delete', OPERATIONS.filter(name => name.startsWith('Delete')), 0.1],
])('%s', async (_what, operations, share) => {
  const cases = fc
    .constantFrom(...operations)
    .chain(operation =>
      requests.of(operation).map(input => operationRequest(operation, Buffer.from(JSON.stringify(input)))),
    );
  await holds(cases, share, isAnswer);
});

test('requests that break the service model', async () => {
  const cases = fc
    .constantFrom(...OPERATIONS)
    .chain(operation => malformed(requests.of(operation)).map(body => operationRequest(operation, Buffer.from(body))));
  await holds(cases, 0.5, isAnswer);
});

test('bodies that are no request', async () => {
  const cases = fc
    .tuple(fc.constantFrom(...OPERATIONS, ...NOT_IMPLEMENTED), RAW_BODY)
    .map(([operation, body]) => operationRequest(operation, body));
  await holds(cases, 0.2, isAnswer);
});

test('requests of no operation', async () => {
  const target = fc.oneof(
    fc.constantFrom(
      '',
      'SageMaker',
      'SageMaker.',
      'SageMaker.__proto__',
      'SageMaker.constructor',
      'SageMaker.toString',
      'SageMaker.SageMaker.ListModels',
      'SageMaker.listmodels',
      'sagemaker.ListModels',
      'DynamoDB_20120810.ListTables',
      ...NOT_IMPLEMENTED.map(name => `SageMaker.${name}`),
    ),
    fc.stringMatching(/^SageMaker\.[ -~]{1,200}$/),
  );
  const cases = fc
    .record({
      method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
      path: fc.constantFrom('/', '//', '/?a=b', '/%', '/models', '/_local', '/../etc/passwd', `/${'a'.repeat(5000)}`),
      target,
      contentType: fc.constantFrom('application/json', 'text/xml', 'x', 'application/x-www-form-urlencoded'),
      body: fc.constantFrom('{}', '', '{', 'Action=ListModels'),
    })
    .map(({ method, path, target: name, contentType, body }): RawRequest => ({
      method,
      path,
      headers: { 'x-amz-target': name, 'content-type': contentType },
      body: Buffer.from(body),
    }));
  await holds(cases, 0.2, (_sent, answer) => {
    const { __type: type, message } = JSON.parse(answer.body) as Record<string, unknown>;
    expect({ type, message }).toEqual({ type: expect.any(String), message: expect.any(String) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

test('requests of sagemaker-runtime', async () => {
  const name = fc.oneof(
    fc.constantFrom(
      'rain',
      'rain',
      'rain',
      'none',
      '',
      '%',
      '%E0%A4%A',
      '%00',
      '%2e%2e',
      '__proto__',
      'a'.repeat(5000),
      'a%2Fb',
    ),
    fc.stringMatching(/^[!-~]{1,70}$/),
  );
  const header = fc.oneof(
    fc.constantFrom(
      '',
      'rain',
      'none',
      '__proto__',
      'application/json',
      'text/csv',
      '*/*',
      'x'.repeat(5000),
      '{}',
      'true',
    ),
    fc.stringMatching(/^[ -~]{0,80}$/),
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      'content-type',
      'accept',
      'x-amzn-sagemaker-custom-attributes',
      'x-amzn-sagemaker-inference-id',
      'x-amzn-sagemaker-target-variant',
      'x-amzn-sagemaker-target-model',
      'x-amzn-sagemaker-target-container-hostname',
      'x-amzn-sagemaker-enable-explanations',
      'x-amzn-sagemaker-inference-component',
      'x-amzn-sagemaker-session-id',
      'x-unknown',
    ),
    header.map(value => value.trim()),
    { maxKeys: 2 },
  );
  const cases = fc
    .record({
      method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE'),
      name,
      action: fc.constantFrom(
        'invocations',
        'invocations',
        'invocations',
        'async-invocations',
        'invocations-response-stream',
        'x',
        '',
      ),
      headers,
      body: fc.oneof(
        RAW_BODY,
        // the model's own errors, which the fixture is asked for by its input
        fc.constantFrom(204, 304, 400, 404, 500, 503, 599).map(status => Buffer.from(JSON.stringify({ status }))),
        fc.constant(Buffer.alloc(6_291_457)),
      ),
    })
    .map(({ action, name: endpoint, ...rest }): RawRequest => ({ ...rest, path: `/endpoints/${endpoint}/${action}` }));
  await holds(cases, 0.4, (_sent, answer) => {
    if (answer.status !== 200) {
      const { ErrorCode: code, Message: message } = JSON.parse(answer.body) as Record<string, unknown>;
      expect({ code, message }).toEqual({ code: answer.headers['x-amzn-errortype'], message: expect.any(String) });
    }
  });
});
