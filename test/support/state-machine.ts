import jsonata from 'jsonata';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

interface Choice {
  readonly Condition: string;
  readonly Next: string;
}

interface Retrier {
  readonly MaxAttempts: number;
}

interface Catcher {
  readonly Output: string;
  readonly Next: string;
}

/** A state of the kinds that our machines use. */
interface State {
  readonly Type: 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail';
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly Choice[];
  readonly Arguments?: { readonly Payload: string };
  readonly Output?: string;
  readonly Seconds?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly [Catcher];
  readonly Error?: string;
  readonly Cause?: string;
}

/** A state machine's definition. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Partial<Record<string, State>>>;
}

/** The definition of the only state machine of a stack, with references as names. */
export function definitionOf(stack: Stack): Definition {
  const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  return JSON.parse(
    joined((machine as { Properties: { DefinitionString: unknown } }).Properties.DefinitionString),
  ) as Definition;
}

function joined(value: unknown): string {
  if (typeof value === 'string') return value;
  const [intrinsic, argument] = Object.entries(value as Record<string, unknown>)[0] ?? ['', ''];
  if (intrinsic === 'Fn::Join') return (argument as [string, unknown[]])[1].map(joined).join('');
  return [argument].flat().join('.');
}

const compiled = new Map<string, jsonata.Expression>();

async function evaluate(text: string, states: Record<string, unknown>): Promise<unknown> {
  const match = /^\{%(.*)%\}$/s.exec(text);
  if (match?.[1] === undefined) return text;
  const expression = compiled.get(match[1]) ?? jsonata(match[1]);
  compiled.set(match[1], expression);
  // a plain copy: the engine marks its arrays and objects
  const value: unknown = await expression.evaluate(null, { states });
  if (value === undefined) throw new Error(`States.QueryEvaluationError: ${text} has no result`);
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** What an execution is started with. */
export interface ExecutionOptions {
  readonly definition: Definition;
  readonly id: string;
  readonly input: unknown;
  /** The function behind every task. */
  readonly invoke: (payload: unknown) => Promise<unknown>;
  /** Called when the execution waits. */
  readonly wait: (seconds: number) => void;
}

/** An execution of a JSONata state machine, one state, or one try of a task, at a time. */
export class Execution {
  public status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' = 'RUNNING';
  public output: unknown;
  public error: string | undefined;
  public cause: string | undefined;
  /** Names of the states entered, in order. */
  public readonly path: string[];

  private input: unknown;
  private tries = 0;

  constructor(private readonly options: ExecutionOptions) {
    this.input = options.input;
    this.path = [options.definition.StartAt];
  }

  /** Name of the state that comes next. */
  public get state(): string {
    return this.path[this.path.length - 1] ?? '';
  }

  /** Runs to the end. */
  public async run(): Promise<this> {
    while (this.status === 'RUNNING') await this.advance();
    return this;
  }

  /** Does one state, or one try of a task. */
  public async advance(): Promise<void> {
    const state = this.options.definition.States[this.state];
    if (state === undefined) throw new Error(`state '${this.state}' is not in the definition`);
    const context = { Execution: { Id: this.options.id, Input: this.options.input } };
    const states = { input: this.input, context };
    switch (state.Type) {
      case 'Task':
        return this.task(state, states);
      case 'Choice':
        this.goTo(await this.choose(state, states), this.input);
        return;
      case 'Wait':
        this.options.wait(Number(await evaluate(state.Seconds ?? '', states)));
        this.goTo(state.Next, this.input);
        return;
      case 'Succeed':
        this.output = state.Output === undefined ? this.input : await evaluate(state.Output, states);
        this.status = 'SUCCEEDED';
        return;
      case 'Fail':
        this.error = String(await evaluate(state.Error ?? '', states));
        this.cause = String(await evaluate(state.Cause ?? '', states));
        this.status = 'FAILED';
    }
  }

  private async task(state: State, states: Record<string, unknown>): Promise<void> {
    try {
      const payload = await evaluate(state.Arguments?.Payload ?? '', states);
      const result = { Payload: JSON.parse(JSON.stringify(await this.options.invoke(payload))) as unknown };
      this.goTo(state.Next, await evaluate(state.Output ?? '', { ...states, result }));
    } catch (error) {
      this.tries += 1;
      if (this.tries <= (state.Retry?.[0]?.MaxAttempts ?? 0)) return;
      const catcher = state.Catch?.[0];
      const { name, message } = error as Error;
      const errorOutput = { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message }) };
      if (catcher === undefined) {
        this.status = 'FAILED';
        this.error = name;
        this.cause = message;
        return;
      }
      this.goTo(catcher.Next, await evaluate(catcher.Output, { ...states, errorOutput }));
    }
  }

  private async choose(state: State, states: Record<string, unknown>): Promise<string | undefined> {
    for (const choice of state.Choices ?? []) {
      if ((await evaluate(choice.Condition, states)) === true) return choice.Next;
    }
    return state.Default;
  }

  private goTo(next: string | undefined, input: unknown): void {
    if (next === undefined) throw new Error(`state '${this.state}' has no next one`);
    this.input = input;
    this.tries = 0;
    this.path.push(next);
  }
}
