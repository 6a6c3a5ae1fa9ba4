import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, role } from './stack';

let cloud: LocalCloud;
let queues: Record<string, string>;
let created: number;

const NAMES = ['Allowed', 'Denied', 'Distrusted'] as const;

beforeAll(async () => {
  cloud = await startLocalCloud();
  const arnOf = (name: string): object => ({ 'Fn::GetAtt': [name, 'Arn'] });
  const sends = [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }];
  const roles: Record<(typeof NAMES)[number], object> = {
    Allowed: role('scheduler.amazonaws.com', sends),
    Denied: role('scheduler.amazonaws.com', []),
    Distrusted: role('lambda.amazonaws.com', sends),
  };
  const resources = NAMES.map(name => ({
    [`${name}Role`]: roles[name],
    [`${name}Queue`]: { Type: 'AWS::SQS::Queue' },
    [name]: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: 'rate(1 hour)',
        Target: {
          Arn: arnOf(`${name}Queue`),
          RoleArn: arnOf(`${name}Role`),
          Input: '{"time":"<aws.scheduler.scheduled-time>"}',
        },
      },
    },
  }));
  created = (await cloud.clock.now()).getTime();
  queues = await deploy(
    cloud,
    'schedules',
    Object.assign({}, ...resources) as Record<string, unknown>,
    Object.fromEntries(NAMES.map(name => [name, { Ref: `${name}Queue` }])),
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

async function messages(name: (typeof NAMES)[number]): Promise<number[]> {
  const client = new SQSClient(clientOf(cloud));
  const found: number[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queues[name], MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) {
      return found.sort((a, b) => a - b);
    }
    found.push(...Messages.map(({ Body }) => Date.parse((JSON.parse(Body ?? '{}') as { time: string }).time)));
  }
}

test('a schedule fires at each of its times, tells which one, and by its role alone', async () => {
  // WHEN half a day passes at once
  await cloud.clock.advance(12 * 3600);

  // THEN
  const times = await messages('Allowed');
  expect(times).toHaveLength(12);
  times.forEach((time, i) => {
    const due = created + (i + 1) * 3_600_000;
    // the schedule counts from its own creation, which came a little later
    expect(time - due).toBeGreaterThanOrEqual(-1000);
    expect(time - due).toBeLessThan(10_000);
  });
  expect(await messages('Denied')).toEqual([]);
  expect(await messages('Distrusted')).toEqual([]);
});
