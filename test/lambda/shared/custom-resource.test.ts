import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { answerCustomResource, UNFINISHED } from '../../../lambda/shared/custom-resource';

const event: CloudFormationCustomResourceEvent = {
  RequestType: 'Create',
  ServiceToken: 'arn',
  ResponseURL: 'https://cloudformation.test/answer',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Cleanup',
  ResourceType: 'Custom::EmptyLake',
  ResourceProperties: { ServiceToken: 'arn' },
};

function answers(status = 200): Record<string, unknown>[] {
  const bodies: Record<string, unknown>[] = [];
  jest.spyOn(globalThis, 'fetch').mockImplementation((_, init) => {
    bodies.push(JSON.parse(init?.body as string) as Record<string, unknown>);
    return Promise.resolve(new Response(null, { status }));
  });
  return bodies;
}

beforeEach(() => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('tells CloudFormation that the work is done', async () => {
  const bodies = answers();

  await answerCustomResource(event, () => Promise.resolve(undefined));

  expect(bodies).toEqual([
    {
      Status: 'SUCCESS',
      PhysicalResourceId: 'Cleanup',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Cleanup',
    },
  ]);
});

test('hands on what other resources may read', async () => {
  const bodies = answers();

  await answerCustomResource(event, () => Promise.resolve({ ImageDigest: 'sha256:1' }));

  expect(bodies).toEqual([expect.objectContaining({ Status: 'SUCCESS', Data: { ImageDigest: 'sha256:1' } })]);
});

test('leaves CloudFormation waiting for what a later run will answer', async () => {
  const bodies = answers();

  await answerCustomResource(event, () => Promise.resolve(UNFINISHED));

  expect(bodies).toEqual([]);
});

test('keeps the physical id, so that an update deletes nothing', async () => {
  const bodies = answers();

  await answerCustomResource(
    {
      ...event,
      RequestType: 'Update',
      PhysicalResourceId: 'as-before',
      OldResourceProperties: event.ResourceProperties,
    },
    () => Promise.resolve(undefined),
  );

  expect(bodies[0]).toMatchObject({ PhysicalResourceId: 'as-before' });
});

test('tells CloudFormation why the work failed, in a reason it accepts', async () => {
  const bodies = answers();

  await answerCustomResource(event, () => Promise.reject(new Error('x'.repeat(5_000))));

  expect(bodies[0]).toMatchObject({ Status: 'FAILED', Reason: 'x'.repeat(1_000) });
});

test('fails when the answer is refused, so that Lambda tries again', async () => {
  answers(403);

  await expect(answerCustomResource(event, () => Promise.resolve(undefined))).rejects.toThrow(
    "CloudFormation refused the answer of 'Cleanup': 403",
  );
});
