import type { ExecutionEvent } from './ports';

/** One step of a release as it went: several looks at something that takes its time are one. */
export interface StepTaken {
  readonly step: string;
  readonly began: string;
  readonly ended?: string;
  /** What became of it, by the last look. */
  readonly result?: string;
  readonly looks: number;
  /** Why tries of it failed; each was repeated. */
  readonly problems: readonly string[];
}

/** States that do no work of their own. */
const NOT_A_STEP = /^(After|WaitFor|Unexpected)|^(Succeeded|Refused|Undone|Failed|NotTold)$/;

/** The steps of a release, from what its execution remembers. */
export function stepsTaken(events: readonly ExecutionEvent[]): StepTaken[] {
  const steps: StepTaken[] = [];
  const change = (changed: Partial<StepTaken>): void => {
    const last = steps.pop();
    if (last !== undefined) steps.push({ ...last, ...changed });
  };
  for (const event of events) {
    const step = event.state === undefined || NOT_A_STEP.test(event.state) ? undefined : event.state;
    const last = steps.at(-1);
    if (event.kind === 'entered' && step !== undefined) {
      if (last?.step === step) change({ looks: last.looks + 1, ended: undefined });
      else steps.push({ step, began: event.at, looks: 1, problems: [] });
    } else if (event.kind === 'exited' && step !== undefined && last?.step === step) {
      change({ ended: event.at, result: kindOf(event.output) ?? last.result });
    } else if (event.kind === 'failed' && last !== undefined && last.ended === undefined) {
      change({ problems: [...last.problems, event.problem ?? 'it failed without saying why'] });
    }
  }
  return steps;
}

/** What the release's own last words were on what a person may do; nothing if there were none. */
export function adviceGiven(events: readonly ExecutionEvent[]): string[] {
  const advice = events
    .map(({ output }) => field(field(field(output, 'journal'), 'ending'), 'youMay'))
    .filter(found => Array.isArray(found))
    .at(-1);
  return (advice ?? []).filter((line): line is string => typeof line === 'string');
}

function kindOf(output: unknown): string | undefined {
  // the last step ends with the execution's output instead
  const kind = field(output, 'kind') ?? field(output, 'outcome');
  return typeof kind === 'string' ? kind : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
