import jsonata from 'jsonata';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { MonitorController } from '../../../constructs';
import { Fixture, joined } from './fixture';
import { inlineRights } from '../../support/inline-rights';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: Record<string, unknown>;
  readonly Assign?: Record<string, string>;
  readonly Output?: unknown;
  readonly Choices?: readonly { Condition: string; Next: string }[];
  readonly Default?: string;
  readonly Next?: string;
  readonly Catch?: readonly { Next: string }[];
}
interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Partial<Record<string, State>>>;
}
type Answer = (task: { state: string; arguments: Record<string, unknown> }) => unknown;

/** Synthesised once: the tests only look. */
let synthesised: Template | undefined;

function controllerTemplate(): Template {
  if (synthesised === undefined) {
    const fixture = new Fixture();
    fixture.controller();
    synthesised = Template.fromStack(fixture.platform);
  }
  return synthesised;
}

function definition(template: Template): Definition {
  const machines = Object.entries(template.findResources('AWS::StepFunctions::StateMachine'));
  const [, machine] = machines.find(([id]) => id.startsWith('Monitor')) ?? [];
  const { Properties } = machine as { Properties: { DefinitionString: unknown } };
  return JSON.parse(joined(Properties.DefinitionString)) as Definition;
}

/** Every expression of a value replaced by what it comes to, as Step Functions does it. */
async function evaluated(value: unknown, states: object, variables: object): Promise<unknown> {
  if (typeof value === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(value)?.[1];
    if (expression === undefined) return value;
    const result: unknown = await jsonata(expression).evaluate(null, { states, ...variables });
    if (result === undefined) throw new Error(`'${value}' has no result`);
    return JSON.parse(JSON.stringify(result));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, part]) => [key, await evaluated(part, states, variables)]);
  return Object.fromEntries(await Promise.all(entries)) as unknown;
}

/** Runs the machine to its end; gives the states that it went through. */
async function run(machine: Definition, input: object, answer: Answer): Promise<string[]> {
  const context = { Execution: { Id: 'arn:execution', Input: input } };
  const path: string[] = [];
  let variables = {};
  let current: unknown = input;
  let name: string | undefined = machine.StartAt;
  while (name !== undefined) {
    path.push(name);
    const state: State | undefined = machine.States[name];
    if (state === undefined) throw new Error(`no state '${name}'`);
    const states = { input: current, context };
    if (state.Type === 'Choice') {
      name = state.Default;
      for (const choice of state.Choices ?? []) {
        if ((await evaluated(choice.Condition, states, variables)) === true) name = choice.Next;
      }
    } else if (state.Type === 'Task') {
      const given = (await evaluated(state.Arguments, states, variables)) as Record<string, unknown>;
      try {
        const result = answer({ state: name, arguments: given });
        const after = { ...states, result };
        current = await evaluated(state.Output, after, variables);
        variables = { ...variables, ...((await evaluated(state.Assign ?? {}, after, variables)) as object) };
        name = state.Next;
      } catch (error) {
        current = { Error: 'Broken', Cause: (error as Error).message };
        name = state.Catch?.[0]?.Next;
      }
    } else {
      name = state.Next;
    }
  }
  return path;
}

describe('the state machine', () => {
  const input = { model: 'rain', periodStart: '2026-11-24T03:00:00Z' };
  const plan = { model: 'rain' };
  const answers =
    (queries: object, tasks: object[] = []): Answer =>
    task => {
      tasks.push(task);
      if (task.state === 'Plan') return { Payload: { plan, ...queries } };
      if (task.state.startsWith('Count')) return { QueryExecution: { QueryExecutionId: `id of ${task.state}` } };
      return { Payload: {} };
    };

  test('counts, joins labels and judges where a window closes', async () => {
    const tasks: { state: string; arguments: Record<string, unknown> }[] = [];

    const path = await run(
      definition(controllerTemplate()),
      input,
      answers({ featureQuery: 'SELECT 1', labelQuery: 'SELECT 2' }, tasks),
    );

    expect(path).toEqual([
      'Plan',
      'AnythingServed',
      'CountFeatures',
      'Collect',
      'ClosesWindow',
      'CountLabels',
      'Score',
      'Done',
    ]);
    const given = Object.fromEntries(tasks.map(task => [task.state, task.arguments]));
    expect(given['Plan']).toMatchObject({ Payload: { step: 'plan', input } });
    expect(given['CountFeatures']).toMatchObject({
      QueryString: 'SELECT 1',
      QueryExecutionContext: { Database: expect.stringContaining('RefLakeDatabase') as string },
      WorkGroup: expect.stringContaining('RefLakeWorkgroup') as string,
    });
    expect(given['Collect']).toMatchObject({
      Payload: { step: 'collect', plan, queryExecutionId: 'id of CountFeatures' },
    });
    expect(given['CountLabels']).toMatchObject({ QueryString: 'SELECT 2' });
    expect(given['Score']).toMatchObject({
      Payload: { step: 'score', plan, labelQueryExecutionId: 'id of CountLabels' },
    });
  });

  test('joins no labels within a window', async () => {
    const tasks: { state: string; arguments: Record<string, unknown> }[] = [];

    const path = await run(definition(controllerTemplate()), input, answers({ featureQuery: 'SELECT 1' }, tasks));

    expect(path).toEqual(['Plan', 'AnythingServed', 'CountFeatures', 'Collect', 'ClosesWindow', 'Score', 'Done']);
    expect(tasks.at(-1)?.arguments).toMatchObject({ Payload: { labelQueryExecutionId: null } });
  });

  test('counts nothing while nothing serves, and still says that it lives', async () => {
    const path = await run(definition(controllerTemplate()), input, answers({}));

    expect(path).toEqual(['Plan', 'AnythingServed', 'Score', 'Done']);
  });

  test.each(['Plan', 'CountFeatures', 'Collect', 'CountLabels', 'Score'])('pages when %s fails', async broken => {
    const tasks: { state: string; arguments: Record<string, unknown> }[] = [];
    const answer = answers({ featureQuery: 'SELECT 1', labelQuery: 'SELECT 2' }, tasks);

    const path = await run(definition(controllerTemplate()), input, task => {
      if (task.state === broken) throw new Error('out of order');
      return answer(task);
    });

    expect(path.slice(-2)).toEqual(['Page', 'PeriodNotCounted']);
    expect(tasks.at(-1)?.arguments).toMatchObject({
      Payload: { step: 'page', model: 'rain', execution: 'arn:execution', error: 'Broken', cause: 'out of order' },
    });
  });

  test('waits for its queries', () => {
    const { States } = definition(controllerTemplate());

    expect(States['CountFeatures']?.Resource).toMatch(/:states:::athena:startQueryExecution\.sync$/);
  });
});

describe('rights', () => {
  test('metrics go to the models namespace only', () => {
    controllerTemplate().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 'cloudwatch:PutMetricData',
            Condition: { StringEquals: { 'cloudwatch:namespace': 'MLOps/Model' } },
            Effect: 'Allow',
            Resource: '*',
          },
        ]),
      },
    });
  });

  test('what is written lies under counts, reports and query results', () => {
    const template = controllerTemplate();
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      policy =>
        (
          policy as {
            Properties: { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] } };
          }
        ).Properties.PolicyDocument.Statement,
    );
    const written = statements
      .filter(statement => [statement.Action].flat().includes('s3:PutObject'))
      .flatMap(statement => [statement.Resource].flat().map(joined))
      .map(arn => arn.replace(/^<[^>]*>/, ''));

    expect(new Set(written)).toEqual(new Set(['/counts/*', '/reports/*', '/athena/*']));
  });
});

test('schedules start its machine in a role that may do nothing else, and that other groups of schedules do not get', () => {
  const [role] = Object.entries(controllerTemplate().findResources('AWS::IAM::Role')).filter(([id]) =>
    id.includes('ScheduleRole'),
  );

  expect(inlineRights(controllerTemplate(), role[0])).toEqual([
    {
      Effect: 'Allow',
      Action: 'states:StartExecution',
      Resource: { Ref: expect.stringContaining('Machine') as string },
    },
  ]);
  expect(JSON.stringify(role[1])).toMatch(/"aws:SourceArn":.*:schedule-group\/default"/);
  expect(JSON.stringify(role[1])).toContain('"aws:SourceAccount"');
});

test('nothing that cdk-nag finds is left unexplained', () => {
  const fixture = new Fixture();
  fixture.reaction(fixture.monitor());
  fixture.app.synth();

  const findings = [fixture.platform, fixture.model].flatMap(stack =>
    new AwsSolutionsChecks(stack).validateScope(stack).violations.flatMap(violation =>
      violation.violatingResources
        .map(resource => `${violation.ruleName} ${resource.constructPath ?? ''}`)
        // the stand-ins of other constructs
        .filter(finding => !/Platform\/(Release|Pipeline|Notifications)/.test(finding)),
    ),
  );

  expect(findings).toEqual([]);
});

test('another stack can use a controller by its machine', () => {
  const fixture = new Fixture();

  const imported = MonitorController.fromMonitorControllerAttributes(fixture.model, 'Imported', {
    stateMachine: fixture.pipelineStateMachine,
  });

  expect(imported.stateMachine).toBe(fixture.pipelineStateMachine);
});
