import { TargetBusyError } from './errors';
import type { StepResult } from './journal';
import type { ServingTarget } from './serving-target';
import { failure, overdue, renew, result, wait, type StepContext } from './step-context';

/** Takes down what serves, one look at a time, until nothing is there that costs. */
export async function sleep(context: StepContext): Promise<StepResult> {
  const { journal, request, target, now } = context;
  // whoever finds this half done may bring the version back
  await renew(context, { movesTo: request.version });
  const since = journal.takesDownSince ?? now.toISOString();
  if (await takeDown(target)) return result('asleep', journal);
  if (overdue(context, since))
    return failure(context, `what serves '${request.model}' was not gone after all that time`);
  return wait(context, 'falling-asleep', since, { takesDownSince: since });
}

/** Takes down whatever runs, as soon as it does not move any more; tells whether it is gone. */
export async function takeDown(target: ServingTarget): Promise<boolean> {
  const { state, yields, busy } = await target.current();
  if ((state === 'moving' && yields !== true) || busy === true) return false;
  try {
    await target.rest();
  } catch (error) {
    // it began to change between the look and the act
    if (!(error instanceof TargetBusyError)) throw error;
    return false;
  }
  return (await target.current()).state === 'absent';
}
