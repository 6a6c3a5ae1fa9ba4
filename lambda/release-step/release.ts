import { releaseInput, type IdleRequest, type ReconcileRequest, type VersionRequest } from '../shared/contracts';
import { acquire, eligible, refused } from './beginning';
import { conclude, finish, record, tell } from './ending';
import { LateWriterError, TargetRefusedError } from './errors';
import { hold, tellHold } from './holding';
import type { Journal, Step, StepInput, StepResult } from './journal';
import { prepare, settle, shift, verify } from './moving';
import type { ReleasePorts } from './ports';
import { shadow } from './shadowing';
import { NO_VERSION, type ReleaseRequest } from './request';
import { sleep } from './sleeping';
import { failure, result, type RequestContext, type StepContext } from './step-context';
import { undo } from './undoing';

/** Steps about a model that exists. */
type VersionStep = Exclude<Step, 'hold' | 'finish' | 'tell'>;

const STEPS_BY_NAME: Record<VersionStep, (context: StepContext) => Promise<StepResult>> = {
  acquire,
  eligible,
  prepare,
  shadow,
  sleep,
  shift,
  settle,
  verify,
  record,
  conclude,
  undo,
};

/** Steps after which the machine knows a way for a release that failed. */
const MAY_FAIL: readonly Step[] = ['eligible', 'prepare', 'shadow', 'sleep', 'shift', 'settle', 'verify'];

/**
 * Does one step of a release, or of a hold. The life of a release:
 *
 * acquire → eligible → prepare → (shadow …) → shift → settle … → verify → record → conclude → finish → tell
 *
 * A refusal goes to finish, and so does a shadow that gives way to a rollback; a failure goes to undo and then to finish, a
 * lost lock straight to tell. Each step first looks, then acts, and proves before each act that it still has the lock; so
 * each may be repeated at any time.
 *
 * What goes to sleep goes acquire → eligible → sleep … → record → conclude → finish → tell; what wakes goes the way of a
 * release.
 *
 * A hold goes hold → tell, without the lock. A reconciliation acquires what an execution that died left, and goes on with
 * its request.
 */
export class Release {
  constructor(private readonly ports: ReleasePorts) {}

  /** Does a step. A refusal or a failure of the release is a result; an error means that the step may be repeated. */
  async run(input: StepInput): Promise<StepResult> {
    const now = this.ports.now();
    const parsed = releaseInput.safeParse(input.request);
    const common = {
      ports: this.ports,
      execution: input.execution,
      id: input.execution.slice(input.execution.lastIndexOf(':') + 1),
      journal: input.journal ?? { generation: 0, startedAt: now.toISOString() },
      now,
      error: errorText(input.error),
    };
    const asked = parsed.data;
    if (asked?.action === 'hold' || asked?.action === 'resume') {
      const context = { ...common, request: asked };
      return input.step === 'tell' ? tellHold(context) : hold(context);
    }
    const request = asked === undefined ? asFarAsReadable(input.request) : requestOf(asked, common.journal);
    const context: RequestContext = { ...common, request };
    try {
      if (input.step === 'finish') return await finish(context);
      if (input.step === 'tell') return await tell(context);
      if (!parsed.success || input.step === 'hold') {
        const problems = parsed.error?.issues.map(issue => `'${issue.path.join('.')}': ${issue.message}`) ?? [];
        return refused(context, `the input does not say what to do (${problems.join('; ')})`, []);
      }
      return await this.act(input.step, context);
    } catch (error) {
      if (error instanceof LateWriterError) {
        const detail = `${error.message}; it stopped and left everything to its successor`;
        return result('lost', context.journal, { ending: { outcome: 'failed', detail, youMay: [] } });
      }
      if (error instanceof TargetRefusedError && MAY_FAIL.includes(input.step)) return failure(context, error.message);
      throw error;
    }
  }

  private async act(step: VersionStep, context: RequestContext): Promise<StepResult> {
    const { model, version } = context.request;
    if (version !== NO_VERSION && !/^[1-9]\d*$/.test(version)) {
      return refused(context, `'version' must be a whole number in a string, e.g. '2', got '${version}'`, []);
    }
    const settings = await this.ports.settings.serving(model);
    if (settings === undefined && step !== 'acquire') {
      throw new Error(`the settings of '${model}' went away while a release of it was under way`);
    }
    if (settings === undefined) {
      return refused(context, `there is no model '${model}' in this environment`, [
        'Deploy the stack of the model first.',
      ]);
    }
    return STEPS_BY_NAME[step]({ ...context, settings, target: this.ports.target(model, settings) });
  }
}

const ACTIONS: readonly ReleaseRequest['action'][] = [
  'release',
  'rollback',
  'lift-quarantine',
  'hold',
  'resume',
  'reconcile',
  'sleep',
  'wake',
];

/** What to work on: a reconciliation goes on with the request that it took over. */
function requestOf(
  input: VersionRequest | ReconcileRequest | IdleRequest,
  { takenOver, chosen }: Journal,
): ReleaseRequest {
  const request = takenOver?.request ?? { version: NO_VERSION, ...input };
  return { ...request, version: chosen ?? request.version };
}

/** A request that is not valid is still told of by name. */
function asFarAsReadable(request: unknown): ReleaseRequest {
  const fields = (typeof request === 'object' && request !== null ? request : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : NO_VERSION);
  return {
    action: ACTIONS.find(action => action === fields['action']) ?? 'release',
    model: text('model'),
    version: text('version'),
    requestedBy: text('requestedBy'),
    reason: text('reason'),
  };
}

/** Step Functions wraps what a function threw in JSON. */
function errorText(error: StepInput['error']): string | undefined {
  if (error === undefined) return undefined;
  const cause = error.Cause ?? '';
  try {
    const { errorType, errorMessage } = JSON.parse(cause) as { errorType?: string; errorMessage?: string };
    if (errorMessage !== undefined) return `${errorType ?? error.Error ?? 'Error'}: ${errorMessage}`;
  } catch {
    // not a function's error
  }
  return [error.Error, cause].filter(part => part !== undefined && part !== '').join(': ');
}
