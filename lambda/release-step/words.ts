import type { HoldRequest, ResumeRequest } from '../shared/contracts';
import type { Notification } from '../shared/notify';
import { Commands } from '../shared/release-commands';
import type { Ending, Journal } from './journal';
import { isAutomatic, type ReleaseRequest } from './request';

/** What a person is told about a release that has ended. */
export function releaseNotification(
  request: ReleaseRequest,
  journal: Journal,
  ending: Ending,
  executionArn: string,
): Notification {
  return {
    subject: `${request.model}: ${subject(request, journal, ending)}`,
    what: `${asked({ ...request, version: journal.passedOver?.at(0)?.version ?? request.version })} The reason given: ${request.reason}`,
    did: [
      sentence(ending.detail),
      ...(journal.leftovers ?? []).map(leftover => `Not tidied up: ${sentence(leftover)}`),
    ].join('\n'),
    numbers: { ...numbersOf(request.evidence), ...ending.numbers },
    youMay: [...youMay(request, journal, ending, executionArn), `See the execution: ${executionArn}`],
  };
}

/** What a person is told about a hold. */
export function holdNotification(
  request: HoldRequest | ResumeRequest,
  ending: Ending,
  executionArn: string,
): Notification {
  const { action, model, requestedBy, reason } = request;
  const done = ending.outcome === 'succeeded';
  const holds = action === 'hold' && done;
  return {
    subject: `${model}: ${done ? HELD[action] : `request to ${action} ${ending.outcome}`}`,
    what: `'${requestedBy}' asked to ${action} '${model}'. The reason given: ${reason}`,
    did: [sentence(ending.detail), ...(holds ? [HOLD_MEANS] : [])].join('\n'),
    youMay: [
      ...(holds ? [`End it before its time: ${Commands.ofExecution(executionArn).resume(model)}`] : []),
      `See the execution: ${executionArn}`,
    ],
  };
}

const HELD = { hold: 'held', resume: 'not held any more' } as const;

const HOLD_MEANS =
  'Until then no approval releases a version and no alarm rolls one back by itself; a person is told instead. What a person asks for goes past the hold.';

function subject({ action, version }: ReleaseRequest, { from }: Journal, { outcome }: Ending): string {
  if (action === 'lift-quarantine') {
    return outcome === 'succeeded'
      ? `quarantine of version ${version} lifted`
      : `quarantine of version ${version} stays`;
  }
  const what = SUBJECTS[action](version);
  switch (outcome) {
    case 'succeeded':
      return action === 'rollback'
        ? `rolled back from version ${from ?? '(none)'} to version ${version}`
        : `version ${version} serves`;
    case 'refused':
      return `${what} refused`;
    case 'undone':
      return `${what} failed and was undone`;
    case 'failed':
      return `${what} FAILED, please look`;
  }
}

const SUBJECTS: Record<Exclude<ReleaseRequest['action'], 'lift-quarantine'>, (version: string) => string> = {
  release: version => `release of version ${version}`,
  rollback: version => `rollback to version ${version}`,
  hold: () => 'hold',
  resume: () => 'end of a hold',
  reconcile: () => 'reconciliation',
};

function asked(request: ReleaseRequest): string {
  const who = isAutomatic(request)
    ? `The alarm '${request.requestedBy.slice('alarm:'.length)}'`
    : `'${request.requestedBy}'`;
  switch (request.action) {
    case 'rollback':
      return `${who} asked to go back to version ${request.version}.`;
    case 'lift-quarantine':
      return `${who} asked to lift the quarantine of version ${request.version}.`;
    case 'release':
      return `${who} asked to release version ${request.version}.`;
    case 'hold':
    case 'resume':
    case 'reconcile':
      return `${who} asked to ${request.action}.`;
  }
}

function youMay(request: ReleaseRequest, journal: Journal, ending: Ending, executionArn: string): string[] {
  if (request.action === 'rollback' && ending.outcome === 'succeeded' && journal.from !== undefined) {
    const lift = Commands.ofExecution(executionArn).liftQuarantine(request.model, journal.from);
    return [
      `Find out what is wrong with version ${journal.from}; it is rejected and quarantined, and approving it again changes nothing by itself.`,
      `If it was rolled back wrongly, lift its quarantine and approve it again: ${lift}`,
    ];
  }
  if (ending.outcome === 'failed' && ending.youMay.length === 0) {
    return [`Look at what serves now, then ask again; each request finishes or undoes what the last one left.`];
  }
  return [...ending.youMay];
}

/** Numbers and words of the evidence; what is nested stays in the ledger. */
function numbersOf(evidence: ReleaseRequest['evidence']): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(evidence ?? {}).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  );
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
