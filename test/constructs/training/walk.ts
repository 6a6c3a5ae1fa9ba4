import jsonata from 'jsonata';
import { flat } from './fixtures';
import { Template } from 'aws-cdk-lib/assertions';
import type { Stack } from 'aws-cdk-lib';

interface State {
  readonly Type: 'Task' | 'Choice' | 'Succeed' | 'Fail';
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Arguments?: unknown;
  readonly Output?: unknown;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Error?: string;
  readonly Cause?: string;
}

/** The pipeline's definition as it would be deployed. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Partial<Record<string, State>>>;
}

export function definitionOf(stack: Stack): Definition {
  const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const { Properties } = machine as { Properties: { DefinitionString: unknown } };
  return JSON.parse(String(flat(Properties.DefinitionString))) as Definition;
}

/** What a task's service answers, by the last part of its resource; an error is what Step Functions would catch. */
export type Services = Readonly<Partial<Record<string, (request: never) => Promise<unknown>>>>;

/** An error as a service integration raises it. */
export class TaskError extends Error {
  constructor(
    override readonly name: string,
    override readonly cause: string,
  ) {
    super(cause);
  }
}

/** How an execution ended. */
export interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: unknown;
  readonly error?: unknown;
  readonly cause?: unknown;
  readonly path: string[];
}

/** Runs a definition to its end, each task once: the retries are Step Functions' own. */
export async function walk(
  definition: Definition,
  execution: string,
  request: unknown,
  services: Services,
): Promise<Ending> {
  const variables: Record<string, unknown> = {};
  const path: string[] = [];
  let input = request;
  let name = definition.StartAt;
  for (;;) {
    path.push(name);
    const state = definition.States[name];
    if (state === undefined) throw new Error(`state '${name}' is not in the definition`);
    const states = { input, context: { Execution: { Id: execution, Input: request } } };
    if (state.Type === 'Succeed') return { status: 'SUCCEEDED', output: input, path };
    if (state.Type === 'Fail') {
      const [error, cause] = await Promise.all(
        [state.Error, state.Cause].map(text => evaluate(text, states, variables)),
      );
      return { status: 'FAILED', error, cause, path };
    }
    if (state.Type === 'Choice') {
      name = await choose(state, states, variables);
      continue;
    }
    try {
      const service = services[state.Resource?.split(':').at(-1) ?? ''];
      if (service === undefined) throw new Error(`no service for '${state.Resource ?? ''}'`);
      const result = plain(await service((await evaluate(state.Arguments, states, variables)) as never));
      const after = { ...states, result };
      const assigned = await evaluate(state.Assign ?? {}, after, variables);
      input = state.Output === undefined ? result : await evaluate(state.Output, after, variables);
      Object.assign(variables, assigned);
      name = state.Next ?? '';
    } catch (error) {
      const caught = state.Catch?.at(0);
      if (!(error instanceof TaskError) || caught === undefined) throw error;
      input = { Error: error.name, Cause: error.cause };
      name = caught.Next;
    }
  }
}

async function choose(state: State, states: object, variables: Record<string, unknown>): Promise<string> {
  for (const { Condition, Next } of state.Choices ?? []) {
    if ((await evaluate(Condition, states, variables)) === true) return Next;
  }
  return state.Default ?? '';
}

async function evaluate(template: unknown, states: object, variables: Record<string, unknown>): Promise<unknown> {
  if (Array.isArray(template)) return Promise.all(template.map(item => evaluate(item, states, variables)));
  if (typeof template === 'object' && template !== null) {
    const members = await Promise.all(
      Object.entries(template).map(async ([key, value]) => [key, await evaluate(value, states, variables)] as const),
    );
    return Object.fromEntries(members);
  }
  const expression = typeof template === 'string' ? /^\{%(.*)%\}$/s.exec(template)?.[1] : undefined;
  if (expression === undefined) return template;
  const value: unknown = await jsonata(expression).evaluate(null, { ...variables, states });
  // as Step Functions does: an expression without a result is an error, not an empty value
  if (value === undefined) throw new Error(`States.QueryEvaluationError: '${expression}' has no result`);
  return plain(value);
}

/** A plain copy: the engine marks its arrays and objects. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
