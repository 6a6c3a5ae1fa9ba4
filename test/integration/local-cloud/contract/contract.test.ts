/**
 * What `local-cloud/contract-tests/cases` says of SageMaker, by AWS's SDK for JavaScript against the whole local cloud;
 * `local-cloud/contract-tests` does the same by boto3.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ServiceModel } from '../../../../local-cloud/sagemaker/service-model/model';
import { SUPPORTED } from '../../../../local-cloud/sagemaker/service-model/supported-fields';
import { ensurePythonEnvironment, type LocalCloud, startLocalCloud } from '../../../../local-cloud/start';
import { clientOf, deploy, role } from '../stack';
import { Caller } from './caller';
import { CONTRACT_IMAGES, ERRORS, HAPPY_PATHS, messageOf, PAGINATION } from './contract';

jest.setTimeout(90_000);
const OPERATIONS = [...Object.keys(SUPPORTED), 'InvokeEndpoint'];
const images = process.env.MLOPS_LOCAL_IMAGES;
let cloud: LocalCloud;
let caller: Caller;
let model: ServiceModel;
let runtimeModel: ServiceModel;

beforeAll(async () => {
  const { python } = await ensurePythonEnvironment();
  model = serviceModel(python, 'sagemaker', '2017-07-24');
  runtimeModel = serviceModel(python, 'sagemaker-runtime', '2017-05-13');
  process.env.MLOPS_LOCAL_IMAGES = CONTRACT_IMAGES;
  cloud = await startLocalCloud();
  caller = new Caller(cloud, model);
  const { Properties, ...rest } = role('sagemaker.amazonaws.com', [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  await deploy(cloud, 'contract', {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'contract' } },
    Role: { ...rest, Properties: { ...(Properties as object), RoleName: 'contract' } },
  });
  const s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: 'contract', Key: 'data/holdout.csv', Body: 'a\n1\n' }));
  s3.destroy();
});

afterAll(async () => {
  if (images === undefined) {
    delete process.env.MLOPS_LOCAL_IMAGES;
  } else {
    process.env.MLOPS_LOCAL_IMAGES = images;
  }
  caller.close();
  await cloud.stop();
});

/** botocore's own description, whole: the contract is AWS's, not what this server takes of it. */
function serviceModel(python: string, service: string, version: string): ServiceModel {
  const library = join(dirname(python), '..', 'lib');
  const found = readdirSync(library)
    .map(name => join(library, name, 'site-packages/botocore/data', service, version, 'service-2.json.gz'))
    .find(path => existsSync(path));
  if (found === undefined) {
    throw new Error(`botocore's model of ${service} is not below ${library}`);
  }
  return ServiceModel.load(found);
}

/** Errors that AWS documents of an operation, and what it answers to whatever breaks the service model. */
function documentedErrors(operation: string): string[] {
  const own = (model.operation(operation) ?? runtimeModel.operation(operation))?.errors ?? [];
  const names = own.map(({ shape }) => shape);
  return operation === 'InvokeEndpoint' ? names : ['ValidationException', ...names];
}

describe('the contract', () => {
  test('has a happy path for every operation that is implemented', () => {
    const covered = new Set(HAPPY_PATHS.map(step => step.operation));
    expect(OPERATIONS.filter(operation => !covered.has(operation))).toEqual([]);
  });

  test('has a case for every error that AWS documents, and for what breaks the service model', () => {
    const cases = new Set(ERRORS.cases.map(({ operation, error }) => `${operation}: ${error}`));
    const wanted = OPERATIONS.flatMap(operation =>
      documentedErrors(operation)
        .filter(error => ERRORS.unreachable[operation]?.[error] === undefined)
        .map(error => `${operation}: ${error}`),
    );
    expect(wanted.filter(each => !cases.has(each))).toEqual([]);
  });

  test('says of no error that it cannot be met where AWS does not document it', () => {
    const said = Object.entries(ERRORS.unreachable).flatMap(([operation, errors]) =>
      Object.keys(errors).map(error => ({ operation, error })),
    );
    expect(said.filter(({ operation, error }) => !documentedErrors(operation).includes(error))).toEqual([]);
  });

  test('pages through every list', () => {
    const paged = new Set(PAGINATION.lists.map(list => list.operation));
    expect(OPERATIONS.filter(operation => operation.startsWith('List') && !paged.has(operation))).toEqual([]);
  });
});

test('every operation does what it is for', async () => {
  for (const [i, step] of HAPPY_PATHS.entries()) {
    const { Body: expectedBody, ...expected } = (step.output ?? {}) as Record<string, unknown>;
    const answer = await caller.step(step);
    expect({ i, step, answer }).toMatchObject({ i, step, answer: expected });
    if (expectedBody !== undefined) {
      expect(answer.Body).toContain(expectedBody);
    }
  }
});

describe('lists', () => {
  beforeAll(async () => {
    for (const step of PAGINATION.given) {
      await caller.step(step);
    }
  });

  test.each(PAGINATION.lists.map(list => [list.operation, list] as const))('%s comes in pages', async (_name, list) => {
    const { pageSize = 2, expected = [1, 2, 3, 4, 5].map(n => `page-${n}`) } = list;
    const pages = Array.from({ length: Math.ceil(expected.length / pageSize) }, (_, i) =>
      expected.slice(i * pageSize, (i + 1) * pageSize),
    );
    expect(await caller.pages(list)).toEqual(pages);
  });
});

// last: it leaves as many jobs running as may run
describe('what is refused', () => {
  beforeAll(async () => {
    for (const step of ERRORS.given) {
      await caller.step(step);
    }
  });

  test.each(ERRORS.cases)(
    '$operation: $error: $message',
    async ({ operation, error: name, input, message, status = 400 }) => {
      await expect(caller.call(operation, input)).rejects.toMatchObject({
        name,
        message: messageOf(message),
        $metadata: { httpStatusCode: status },
      });
    },
  );
});
