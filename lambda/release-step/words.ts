import type { HoldRequest, ResumeRequest } from '../shared/contracts';
import type { Notification } from '../shared/notify';
import { redAlarmNumbers } from '../shared/red-alarms';
import { Commands } from '../shared/release-commands';
import type { Ending, Journal } from './journal';
import { isAutomatic, isByEvent, isScheduled, type ReleaseRequest } from './request';

/** The execution that a letter tells of. */
export interface ToldExecution {
  /** Its name, which is the release's id. */
  readonly id: string;
  /** Its ARN. */
  readonly execution: string;
  /** Environment whose models are released, as commands name it. */
  readonly environmentName: string;
}

/** What a person is told about a release that has ended. */
export function releaseNotification(
  request: ReleaseRequest,
  journal: Journal,
  ending: Ending,
  told: ToldExecution,
): Notification {
  return {
    subject: `${request.model}: ${subject(request, journal, ending)}`,
    what: `${asked({ ...request, version: journal.passedOver?.at(0)?.version ?? request.version })} The reason given: ${request.reason}`,
    did: [
      sentence(ending.detail),
      ...(journal.leftovers ?? []).map(leftover => `Not tidied up: ${sentence(leftover)}`),
    ].join('\n'),
    numbers: { ...numbersOf(request.evidence), ...ending.numbers },
    youMay: [...youMay(request, journal, ending, commandsOf(told)), wholeStory(told)],
  };
}

/** What a person is told about a hold. */
export function holdNotification(
  request: HoldRequest | ResumeRequest,
  ending: Ending,
  told: ToldExecution,
): Notification {
  const { action, model, requestedBy, reason } = request;
  const done = ending.outcome === 'succeeded';
  const holds = action === 'hold' && done;
  return {
    subject: `${model}: ${done ? HELD[action] : `request to ${action} ${ending.outcome}`}`,
    what: `'${requestedBy}' asked to ${action} '${model}'. The reason given: ${reason}`,
    did: [sentence(ending.detail), ...(holds ? [HOLD_MEANS] : [])].join('\n'),
    youMay: [
      ...(holds ? [`End it before its time: ${commandsOf(told).resume(model)}`] : []),
      ...ending.youMay,
      wholeStory(told),
    ],
  };
}

function commandsOf({ execution, environmentName }: ToldExecution): Commands {
  return Commands.ofExecution(execution, environmentName);
}

function wholeStory(told: ToldExecution): string {
  return `The whole story: ${commandsOf(told).explain(told.id, told.execution)}`;
}

/** Who approved, as the approval's trigger has it where the registry does not say. */
const NOBODY_KNOWN = 'registry approval';

const HELD = { hold: 'held', resume: 'not held any more' } as const;

const HOLD_MEANS =
  'Until then no approval releases a version and no alarm rolls one back by itself; a person is told instead. What a person asks for goes past the hold.';

function leftOver({ leftOutOfPlace, leftMovement }: Journal): string {
  if (leftMovement === true) return 'traffic that was left divided is together again';
  return leftOutOfPlace === true ? 'what serves is brought to its usual place' : 'a shadow that was left is gone';
}

function subject(request: ReleaseRequest, journal: Journal, { outcome }: Ending): string {
  const { from, gaveWay } = journal;
  const { action, version } = request;
  if (action === 'lift-quarantine') {
    return outcome === 'succeeded'
      ? `quarantine of version ${version} lifted`
      : `quarantine of version ${version} stays`;
  }
  const what = SUBJECTS[action](version);
  const servesOn = distrusted(request, journal);
  switch (outcome) {
    case 'succeeded':
      // what it finishes is told of as that
      if (action === 'reconcile') return leftOver(journal);
      if (action === 'sleep') return `version ${version} sleeps`;
      if (action !== 'rollback') return `version ${version} serves`;
      return from === version
        ? `version ${version} serves again`
        : `rolled back from version ${from ?? '(none)'} to version ${version}`;
    case 'refused':
      return `${what} refused`;
    case 'undone':
      if (gaveWay === true) return `version ${version} only shadowed, and gave way`;
      return servesOn === undefined ? `${what} failed and was undone` : `${what} FAILED, version ${servesOn} serves on`;
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
  sleep: version => `sleep of version ${version}`,
  wake: version => `waking of version ${version}`,
};

function whoOf(request: ReleaseRequest): string {
  if (isAutomatic(request)) return `The alarm '${request.requestedBy.slice('alarm:'.length)}'`;
  if (isScheduled(request)) return 'The schedule';
  if (!isByEvent(request)) return `'${request.requestedBy}'`;
  // the registry does not always know who approved
  return request.requestedBy === NOBODY_KNOWN
    ? 'An approval in the model registry'
    : `An approval by '${request.requestedBy}'`;
}

function asked(request: ReleaseRequest): string {
  const who = whoOf(request);
  switch (request.action) {
    case 'rollback':
      return `${who} asked to go back to version ${request.version}.`;
    case 'lift-quarantine':
      return `${who} asked to lift the quarantine of version ${request.version}.`;
    case 'release':
      return `${who} asked to release version ${request.version}.`;
    case 'sleep':
      return `${who} asked to put it to sleep.`;
    case 'wake':
      return `${who} asked to wake it.`;
    case 'hold':
    case 'resume':
    case 'reconcile':
      return `${who} asked to ${request.action}.`;
  }
}

/** What follows from how it ended, then what the step that ended it had to say. */
function youMay(request: ReleaseRequest, journal: Journal, ending: Ending, commands: Commands): string[] {
  const { action, model, version } = request;
  const { from } = journal;
  const { outcome } = ending;
  if (action === 'rollback' && outcome === 'succeeded' && from === version) {
    return [
      'What served in its place is neither rejected nor quarantined: if it is bad, reject it in the model registry.',
      ...ending.youMay,
    ];
  }
  if (action === 'rollback' && outcome === 'succeeded' && from !== undefined) {
    return [
      `Find out what is wrong with version ${from}; it is rejected and quarantined, and approving it again changes nothing by itself.`,
      `If it was rolled back wrongly, lift its quarantine, then approve it again: ${commands.liftQuarantine(model, from)}`,
      ...ending.youMay,
    ];
  }
  if (action === 'release' && outcome === 'succeeded' && from !== undefined && from !== version) {
    return [
      `If it does harm, go back to version ${from}: ${commands.rollback(model, from, version)}`,
      ...ending.youMay,
    ];
  }
  if (action === 'sleep' && outcome === 'succeeded') {
    return [`Wake it when it is needed: ${commands.wake(model)}`, ...ending.youMay];
  }
  const servesOn = outcome === 'undone' ? distrusted(request, journal) : undefined;
  if (servesOn !== undefined) return [...actNow(request, servesOn, journal, commands), ...ending.youMay];
  const again = outcome === 'undone' && ending.youMay.length === 0 ? askAgain(request, from, commands) : undefined;
  if (again !== undefined) {
    const before = journal.foundAsleep === true ? 'what slept sleeps' : 'what served before serves';
    return [`Nobody has to act now: ${before}. Put the cause right first.`, `Then ask again: ${again}`];
  }
  if (outcome === 'failed') {
    return [
      `Look now at what serves: ${commands.status(model)}`,
      ...(action === 'rollback'
        ? [
            `If it is not version ${version}, go to version ${version}, at once: ${commands.rollback(model, version, from)}`,
          ]
        : []),
      ...(action === 'release' && from !== undefined
        ? [`If it is not version ${from}, bring version ${from} back, at once: ${commands.rollback(model, from, from)}`]
        : []),
      'Or ask for another version; each request first finishes or undoes what the last one left.',
      ...ending.youMay,
    ];
  }
  return [...ending.youMay];
}

/** The version that a rollback was to take away, of which somebody has spoken ill; none where it only brings one back. */
function distrusted(
  { action, version, from: leaving }: ReleaseRequest,
  { from = leaving, foundAsleep }: Journal,
): string | undefined {
  // what sleeps serves nobody
  return action === 'rollback' && from !== version && foundAsleep !== true ? from : undefined;
}

function askAgain(
  { action, model, version }: ReleaseRequest,
  from: string | undefined,
  commands: Commands,
): string | undefined {
  switch (action) {
    case 'release':
      return commands.release(model, version);
    case 'rollback':
      return commands.rollback(model, version, from);
    case 'sleep':
      return commands.sleep(model);
    case 'wake':
      return commands.wake(model);
    default:
      return undefined;
  }
}

/** A rollback that was undone leaves what it was to take away: nobody may sleep on that. */
function actNow(request: ReleaseRequest, servesOn: string, { otherHealthy }: Journal, commands: Commands): string[] {
  const { model, version } = request;
  const why = isAutomatic(request) ? 'which the alarm speaks against' : 'which was to leave';
  const other = otherHealthy?.at(0);
  return [
    `Act now: version ${servesOn}, ${why}, serves on.`,
    `Put right what kept version ${version} from serving, then: ${commands.rollback(model, version, servesOn)}`,
    ...(other === undefined
      ? []
      : [`Or go back to version ${other}, which was healthy here too: ${commands.rollback(model, other, servesOn)}`]),
    'If no version can serve soundly, take the callers away, where being silent is better than being wrong.',
  ];
}

/** Numbers and words of the evidence, and of the alarms in it; what else is nested stays in the ledger. */
function numbersOf(evidence: ReleaseRequest['evidence']): Record<string, string | number> {
  const plain = Object.entries(evidence ?? {}).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
  );
  return { ...redAlarmNumbers(evidence?.['red']), ...Object.fromEntries(plain) };
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
