import { App } from 'aws-cdk-lib';
import { createPlatform } from '../../lib/platform';
import { CLUSTERS, stacksOf, synthesise, type SynthesisedStack } from '../support/platform';
import { rootOf } from './environment-of';

const IDLE = { awake: { from: '07:00', to: '20:00', timeZone: 'Europe/Berlin' } };
const GROUPS = { type: 'MANAGED_NODE_GROUPS' };
const ON_CLUSTER = { serving: { target: 'eks' } };
const BATCH = { bucket: 'files', inputPrefix: 'in/', outputPrefix: 'out/' };

interface Given {
  readonly tier?: string;
  readonly idle?: object;
  readonly capacity?: object;
  readonly models?: Record<string, object>;
}

/** The stacks of an environment with a cluster. */
function stacksWith({ capacity = GROUPS, models = { rain: ON_CLUSTER }, ...rest }: Given): SynthesisedStack[] {
  const environment = {
    tier: 'dev',
    network: { source: 'create' },
    cluster: { source: 'create', capacity },
    models,
    ...rest,
  };
  const root = rootOf(environment);
  const [stage] = createPlatform(new App(), { root, environmentNames: ['dev'] });
  return stacksOf(stage);
}

/** When nodes of the environment's cluster come and go. */
function nodeTimes(given: Given): string[] {
  const cluster = stacksWith(given).find(({ id }) => id === 'Cluster');
  return Object.values(cluster?.resources ?? {})
    .filter(({ Type }) => Type === 'AWS::Scheduler::Schedule')
    .map(
      ({ Properties }) => `${String(Properties.ScheduleExpression)} ${String(Properties.ScheduleExpressionTimezone)}`,
    );
}

describe('the nodes of an environment come and go', () => {
  const WITH_THE_MODELS = [
    'cron(45 6 ? * MON,TUE,WED,THU,FRI *) Europe/Berlin',
    'cron(30 20 ? * MON,TUE,WED,THU,FRI *) Europe/Berlin',
  ];

  test.each<[string, Given]>([
    ['that all sleep', {}],
    ['of which those on SageMaker stay up', { models: { rain: ON_CLUSTER, snow: { neverSleeps: true } } }],
    ['of which none is there yet', { models: {} }],
  ])('with models %s', (_, given) => {
    expect(nodeTimes({ idle: IDLE, ...given })).toEqual(WITH_THE_MODELS);
  });

  test('on the days of the hours', () => {
    const idle = { awake: { ...IDLE.awake, days: ['SAT'], to: '24:00' } };
    expect(nodeTimes({ idle })).toEqual(['cron(45 6 ? * SAT *) Europe/Berlin', 'cron(30 0 ? * SUN *) Europe/Berlin']);
  });

  test('of groups of every kind, in the environment that shows them', () => {
    const [cluster] = (synthesise({ root: CLUSTERS, environmentNames: ['groups'] }).get('groups') ?? []).filter(
      ({ id }) => id === 'Cluster',
    );
    const targets = Object.values(cluster?.resources ?? {})
      .filter(({ Type }) => Type === 'AWS::Scheduler::Schedule')
      .map(({ Properties }) => JSON.stringify(Properties.Target));
    expect(targets).toHaveLength(5);
  });
});

test('calls that could not be made are told of, by an alarm that holds none of it back', () => {
  const stacks = stacksWith({ idle: IDLE });
  const resources = (id: string) => Object.values(stacks.find(stack => stack.id === id)?.resources ?? {});
  const [alarm, ...others] = resources('Platform').filter(({ Properties }) =>
    String(Properties.AlarmDescription).startsWith('The nodes of the cluster could not be ended or started'),
  );
  const [dashboard] = resources('Observability').filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard');

  expect(others).toEqual([]);
  expect(alarm?.Properties).toMatchObject({
    MetricName: 'ApproximateNumberOfMessagesVisible',
    // an import would keep the hours from leaving the file
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetStackOutput': { StackName: 'mlops-dev-cluster' } } }],
  });
  expect(alarm?.Properties.AlarmActions).toHaveLength(1);
  expect(JSON.stringify(dashboard?.Properties)).toContain('calls that scale nodes');
});

describe('the nodes of an environment stay', () => {
  test.each<[string, Given]>([
    ['where no model sleeps', {}],
    ['where models sleep on a word alone', { idle: {} }],
    [
      'under a model that never sleeps',
      { idle: IDLE, models: { rain: ON_CLUSTER, snow: { ...ON_CLUSTER, neverSleeps: true } } },
    ],
    [
      'under a model that predicts by Jobs',
      { idle: IDLE, models: { rain: { serving: { target: 'eks', batch: BATCH } } } },
    ],
    ['where their file says so', { idle: IDLE, capacity: { ...GROUPS, neverSleeps: true } }],
    ['where EKS ends them itself', { idle: IDLE, capacity: { type: 'AUTO_MODE' } }],
  ])('%s', (_, given) => {
    expect(nodeTimes(given)).toEqual([]);
  });
});
