import type { LedgerState } from '../shared/ledger';
import { Commands } from './commands';
import { judge } from './eligibility';
import type { StepResult } from './journal';
import { claimLock, leaseSeconds } from './lock';
import type { Serving } from './serving-target';
import { renew, result, wait, type RequestContext, type StepContext } from './step-context';

/** Takes the model's lock, or waits for its holder, as long as the longest lease at most. */
export async function acquire(context: StepContext): Promise<StepResult> {
  const { ports, request, execution, id, settings, journal, now } = context;
  const lease = leaseSeconds(settings);
  const claimed = await claimLock(ports.ledger, { owner: execution, id, request, leaseSeconds: lease, now });
  if (claimed.taken) {
    return result('acquired', journal, { generation: claimed.state.generation, startedAt: claimed.startedAt });
  }
  if (now.getTime() - Date.parse(journal.startedAt) > lease * 1000) {
    return refused(context, `another release of '${request.model}' has held the lock all the time: ${claimed.owner}`, [
      `Look at that execution: aws stepfunctions describe-execution --execution-arn ${claimed.owner}`,
      'Ask again once it has ended.',
    ]);
  }
  return wait(context, 'busy', journal.startedAt);
}

/** Reads all that speaks for or against the request once, and judges it. */
export async function eligible(context: StepContext): Promise<StepResult> {
  const { ports, request, now } = context;
  const state = await renew(context);
  const record = await ports.ledger.version(request.model, request.version);
  const lifting = request.action === 'lift-quarantine';
  const packaged = lifting ? undefined : await ports.registry.describe(request.model, request.version);
  const serving = await context.target.current();
  const astray = isAstray(state, serving);
  const verdict = judge(
    {
      request,
      state,
      astray,
      record,
      packaged,
      artifact: packaged === undefined ? undefined : await ports.registry.artifact(packaged.artifactUri),
      currentApprovedAt:
        lifting || state.current === undefined
          ? undefined
          : (await ports.registry.describe(request.model, state.current))?.approvedAt,
      cooldownSeconds: await ports.settings.cooldownSeconds(request.model),
      now,
    },
    new Commands(context.execution),
  );
  if (!verdict.eligible) {
    const refusal = refused(context, verdict.reason, verdict.youMay);
    // somebody died on the way: nothing but this run will bring back what the ledger says
    return astray ? { ...refusal, kind: 'astray' } : refusal;
  }
  if (lifting) return result('lift', context.journal);

  // what to go back to: exactly what serves, if it is what the ledger says, with the settings it was made with
  const before = serving.deployment?.version === state.current ? serving.deployment : undefined;
  return result('eligible', context.journal, { before, from: state.current });
}

/** Whether something else serves than the ledger says, or is about to. */
function isAstray({ current }: LedgerState, { state, deployment }: Serving): boolean {
  return current !== undefined && (state !== 'serving' || deployment?.version !== current);
}

/** Ends a request that must not go on. */
export function refused(context: RequestContext, reason: string, youMay: readonly string[]): StepResult {
  return result('refused', context.journal, { ending: { outcome: 'refused', detail: reason, youMay } });
}
