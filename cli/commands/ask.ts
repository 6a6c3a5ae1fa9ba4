import type { AnyServingSettings } from '../../lambda/shared/contracts';
import type { CommandLine } from '../command-line';
import { executionName } from '../execution-name';
import { waitsFor } from '../lock-words';
import { servingSettingsOf } from '../models';
import type { Execution, Platform, Report } from '../ports';
import { duration } from '../text';
import { wayBack } from '../way-back';

/** A command line that asks the release machine for something. */
export type Asking = Extract<
  CommandLine,
  { command: 'release' | 'rollback' | 'hold' | 'resume' | 'sleep' | 'wake' | 'lift-quarantine' }
>;

const POLL_MILLISECONDS = 1000;
/** After so many looks a person wants to know what it waits for, and then again and again. */
const FIRST_WORD = 5;
const WORD_EVERY = 30;

/** Asks the release machine, by an execution of it, and tells what became of it. */
export async function ask(platform: Platform, asking: Asking, tell: (line: string) => void): Promise<Report> {
  const { model, reason } = asking;
  const settings = await servingSettingsOf(platform, model);
  const request = {
    action: asking.command,
    model,
    ...(await particulars(platform, asking, settings)),
    requestedBy: await platform.caller(),
    reason,
  };
  const id = executionName(`${request.action}-${model}`, platform.now(), request.version);
  await platform.ask(id, request);
  const explain = `npx mlops explain ${id} --environment ${platform.environmentName}`;
  if (!asking.wait) {
    return {
      text: `asked for it as '${id}'; what becomes of it: ${explain}`,
      data: { id, request, status: 'RUNNING' },
      done: true,
    };
  }
  tell(`${wordsOf(request)} asked for as '${id}'; Ctrl-C ends the waiting, not the work`);
  const ended = await end(platform, asking, id, tell);
  const outcome = outcomeOf(ended);
  return {
    text: `${outcome.outcome}: ${outcome.detail}\nthe whole story: ${explain}`,
    data: { id, request, status: ended.status, ...outcome },
    done: outcome.outcome === 'succeeded',
  };
}

/** What is asked, since a rollback's version may be the ledger's choice. */
function wordsOf({ action, version, from }: { action: string; version?: string; from?: string }): string {
  if (version === undefined) return action;
  if (action !== 'rollback') return `${action} of version ${version}`;
  return `rollback${from === version ? '' : ` from version ${from ?? '(none)'}`} to version ${version}`;
}

/** What else the machine must know, by what is asked. */
async function particulars(
  platform: Platform,
  asking: Asking,
  settings: AnyServingSettings,
): Promise<{ version?: string; from?: string; until?: string; withoutShadow?: boolean }> {
  switch (asking.command) {
    case 'release':
      return { version: asking.version, ...(asking.withoutShadow ? { withoutShadow: true } : {}) };
    case 'lift-quarantine':
      return { version: asking.version };
    case 'rollback': {
      const state = await platform.ledger.state(asking.model);
      const to = asking.to ?? (await wayBack(platform, state, settings));
      // named, so that nothing happens if another release comes in between
      return { version: to, ...(state.current === undefined ? {} : { from: state.current }) };
    }
    case 'hold':
      return asking.until === undefined ? {} : { until: asking.until };
    case 'resume':
    case 'sleep':
    case 'wake':
      return {};
  }
}

async function end(platform: Platform, asking: Asking, id: string, tell: (line: string) => void): Promise<Execution> {
  const began = platform.now().getTime();
  for (let looks = 1; ; looks++) {
    const execution = await platform.execution(id);
    if (execution !== undefined && execution.status !== 'RUNNING') return execution;
    if (looks === FIRST_WORD || looks % WORD_EVERY === 0) {
      const waiting = await whatHoldsUp(platform, asking, id);
      if (waiting !== undefined) tell(waiting);
      else if (looks !== FIRST_WORD) tell(`still under way after ${duration(platform.now().getTime() - began)}`);
    }
    await platform.pause(POLL_MILLISECONDS);
  }
}

/** What has the lock that the request needs; a hold needs none. */
async function whatHoldsUp(platform: Platform, { command, model }: Asking, id: string): Promise<string | undefined> {
  if (command === 'hold' || command === 'resume') return undefined;
  return waitsFor(await platform.ledger.state(model), id, platform.now());
}

/** How an execution ended, in the words of the ledger. */
function outcomeOf(execution: Execution): { outcome: string; detail: string } {
  const { output, status, error, cause } = execution;
  if (output !== undefined) return { outcome: text(output['outcome']), detail: text(output['detail']) };
  if (error === 'ReleaseUndone') return { outcome: 'undone', detail: text(cause) };
  if (error === 'ReleaseFailed') return { outcome: 'failed', detail: text(cause) };
  return {
    outcome: 'failed',
    detail: [`the execution is ${status}`, error, cause].filter(part => part !== undefined && part !== '').join(': '),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
