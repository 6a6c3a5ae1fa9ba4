import type { StoredImage } from '../shared/ecr-images';
import { rollbackTarget, type Hold, type LedgerState, type VersionRecord } from '../shared/ledger';
import type { Commands } from '../shared/release-commands';
import { compareSchemas, type SchemaChange } from './input-schema';
import type { Artifact, PackagedVersion, StoredBaseline } from './ports';
import { isAutomatic, isByEvent, type ReleaseRequest } from './request';

/** What a request is judged by: read once, judged without looking again. */
export interface RequestFacts {
  readonly request: ReleaseRequest;
  readonly state: LedgerState;
  /** Whether something else serves than the ledger says. */
  readonly astray: boolean;
  /** What the ledger knows of the wanted version. */
  readonly record?: VersionRecord;
  /** When the version that serves was approved. */
  readonly currentApprovedAt?: string;
  readonly cooldownSeconds: number;
  /** The hold that holds now. */
  readonly hold?: Hold;
  /** Whether the model's settings let it sleep. */
  readonly maySleep: boolean;
  readonly now: Date;
}

/** What a version is judged by that is to serve. */
export interface VersionFacts {
  readonly request: ReleaseRequest;
  readonly state: LedgerState;
  /** What the ledger knows of the version. */
  readonly record?: VersionRecord;
  /** What the registry knows of it. */
  readonly packaged?: PackagedVersion;
  readonly artifact?: Artifact;
  /** What the registry of its image says of it. */
  readonly image?: StoredImage;
  /** Its baseline, which holds its schema. */
  readonly baseline?: StoredBaseline;
  /** That of the version that serves, if that is another one: its schema tells what callers send. */
  readonly servingBaseline?: StoredBaseline;
}

/** Why a request may not go on, and what a person may do. */
export interface Refusal {
  readonly eligible: false;
  readonly reason: string;
  readonly youMay: readonly string[];
}

/** Whether a request may go on. */
export type Verdict = { readonly eligible: true } | Refusal;

const ELIGIBLE: Verdict = { eligible: true };

/** Judges what is asked, whichever version it is about; the first rule that is against it gives the reason. */
export function judgeRequest(facts: RequestFacts, commands: Commands): Verdict {
  if (facts.request.action === 'lift-quarantine') return judgeLift(facts);
  return rulesOf(facts.request.action).reduce<Verdict>(
    (verdict, rule) => (verdict.eligible ? rule(facts, commands) : verdict),
    ELIGIBLE,
  );
}

function rulesOf(action: ReleaseRequest['action']): ((facts: RequestFacts, commands: Commands) => Verdict)[] {
  switch (action) {
    case 'rollback':
      return [rollbackSource, cooldown, held];
    case 'sleep':
      return [maySleep, isAwake, held];
    case 'wake':
      return [isAsleep, held];
    default:
      return [supersession, held];
  }
}

/** Judges whether the request's version may serve. */
export function judgeVersion(facts: VersionFacts, commands: Commands): Verdict {
  return [
    ...(facts.request.action === 'rollback' ? [rollbackHealth] : []),
    quarantine,
    approval,
    artifact,
    image,
    baseline,
    ...(facts.request.action === 'release' ? [inputSchema] : []),
  ].reduce<Verdict>((verdict, rule) => (verdict.eligible ? rule(facts, commands) : verdict), ELIGIBLE);
}

/**
 * Versions that would do, the wanted one first. A person means the one version that was named. An alarm only wants the
 * one that serves to leave, for any that was healthy here.
 */
export function candidates(request: ReleaseRequest, state: LedgerState): string[] {
  const { version, from } = request;
  const anyHealthy = request.action === 'rollback' && isAutomatic(request) && state.healthy.includes(version);
  return anyHealthy
    ? [version, ...state.healthy.filter(other => ![version, from, state.current].includes(other))]
    : [version];
}

function judgeLift({ request, record }: RequestFacts): Verdict {
  if (record?.status !== 'quarantined') {
    return refuse(
      `version ${request.version} of '${request.model}' is not quarantined here, it is ${record?.status ?? 'unknown'}`,
    );
  }
  if (request.requestedBy.trim() === '' || request.reason.trim() === '' || isAutomatic(request)) {
    return refuse(
      `only a person lifts a quarantine, with 'requestedBy' and 'reason', got '${request.requestedBy}' and '${request.reason}'`,
    );
  }
  return ELIGIBLE;
}

/** An alarm that comes late or twice names a version that has left already. */
function rollbackSource({ request, state, astray }: RequestFacts, commands: Commands): Verdict {
  const { from, version, model } = request;
  if (state.current === version && state.asleep !== undefined) {
    return refuse(
      `version ${version} of '${model}' is the one that is released, and sleeps`,
      `Wake it: ${commands.wake(model)}`,
    );
  }
  if (state.current === version && !astray) return refuse(`version ${version} of '${model}' serves already`);
  if (isAutomatic(request) && from === undefined) {
    return refuse(`an automatic rollback must say in 'from' which version is to leave`);
  }
  if (from !== undefined && from !== state.current) {
    return refuse(`version ${from} of '${model}' does not serve any more, version ${state.current ?? '(none)'} does`);
  }
  return ELIGIBLE;
}

/** A second alarm soon after a rollback means that the data is wrong, not the version. */
function cooldown({ request, state, cooldownSeconds, now }: RequestFacts): Verdict {
  const last = state.lastAutomaticRollbackAt;
  if (!isAutomatic(request) || last === undefined) return ELIGIBLE;
  const end = Date.parse(last) + cooldownSeconds * 1000;
  if (end <= now.getTime()) return ELIGIBLE;
  return refuse(
    `the last automatic rollback was at ${last} and the cooldown lasts until ${new Date(end).toISOString()}; a second alarm so soon speaks of the data, not of the version`,
    'Look at the data that arrives, and at the drift report.',
    "Roll back by hand: the same request with your name in 'requestedBy' is not bound by the cooldown.",
  );
}

function rollbackHealth({ request, state, record }: VersionFacts): Verdict {
  if (state.healthy.includes(request.version) && record?.status === 'healthy') return ELIGIBLE;
  const other = state.current === undefined ? undefined : rollbackTarget(state, state.current);
  return refuse(
    `version ${request.version} of '${request.model}' was never healthy in this environment, so nothing says that it is better`,
    other === undefined
      ? 'No other version was ever healthy here: approve a version that you trust, which releases it.'
      : `Version ${other} was healthy here: roll back to it.`,
  );
}

/** Approvals may arrive in another order than they were given: the one given last counts. */
function supersession({ request, state, currentApprovedAt }: RequestFacts): Verdict {
  const approvedAt = request.evidence?.approvedAt;
  if (state.current === undefined || state.current === request.version) return ELIGIBLE;
  if (typeof approvedAt !== 'string' || currentApprovedAt === undefined) return ELIGIBLE;
  if (Date.parse(approvedAt) >= Date.parse(currentApprovedAt)) return ELIGIBLE;
  return refuse(
    `version ${request.version} of '${request.model}' was approved at ${approvedAt}, before version ${state.current}, which was approved at ${currentApprovedAt} and serves: this event came late`,
    `If you want version ${request.version} nevertheless, approve it again.`,
  );
}

/** Production does not sleep: its callers come at any hour, and its environment's file cannot even ask for it. */
function maySleep({ request: { model }, maySleep: allowed }: RequestFacts): Verdict {
  if (allowed) return ELIGIBLE;
  return refuse(
    `'${model}' may not sleep in this environment`,
    "Give its environment's file 'idle' and deploy it; a file of tier 'prod' takes none.",
  );
}

function isAwake({ request: { model }, state, astray }: RequestFacts): Verdict {
  const { current, asleep } = state;
  if (current === undefined) return refuse(`no version of '${model}' was ever released, so nothing can sleep`);
  if (asleep !== undefined) return refuse(`version ${current} of '${model}' sleeps already, since ${asleep.since}`);
  return astray ? refuse(`something else than version ${current} of '${model}' serves, or nothing does`) : ELIGIBLE;
}

function isAsleep({ request: { model }, state: { current, asleep } }: RequestFacts): Verdict {
  if (asleep !== undefined) return ELIGIBLE;
  if (current === undefined) return refuse(`no version of '${model}' was ever released, so nothing can wake`);
  return refuse(`version ${current} of '${model}' does not sleep`);
}

/** A hold stops what nobody stands behind right now; a person's own request goes past it, and its record says so. */
function held({ request, hold }: RequestFacts, commands: Commands): Verdict {
  if (hold === undefined || !isByEvent(request)) return ELIGIBLE;
  const { model } = request;
  return refuse(
    `'${model}' is held until ${hold.until} by ${hold.requestedBy}: ${hold.reason}`,
    `End the hold: ${commands.resume(model)}`,
    pastHold(request, commands),
  );
}

function pastHold({ action, model, version, from }: ReleaseRequest, commands: Commands): string {
  switch (action) {
    case 'rollback':
      return `Or roll back past it, on your own word: ${commands.rollback(model, version, from)}`;
    case 'sleep':
      return `Or put it to sleep past the hold, on your own word: ${commands.sleep(model)}`;
    case 'wake':
      return `Or wake it past the hold, on your own word: ${commands.wake(model)}`;
    default:
      return `Or release it past the hold, on your own word: ${commands.release(model, version)}`;
  }
}

function quarantine({ request, record, packaged }: VersionFacts, commands: Commands): Verdict {
  if (record?.status !== 'quarantined') return ELIGIBLE;
  return refuse(
    `version ${request.version} of '${request.model}' is quarantined since ${record.at} by ${record.by}: ${record.reason}`,
    `If you are sure that it may serve again, lift its quarantine: ${commands.liftQuarantine(request.model, request.version)}`,
    packaged === undefined || packaged.approval === 'Approved'
      ? `Then release it: ${commands.release(request.model, request.version)}`
      : `Then approve it again, which releases it: ${commands.approve(packaged.arn)}`,
  );
}

function approval({ request, packaged }: VersionFacts, commands: Commands): Verdict {
  if (packaged === undefined) {
    return refuse(
      `version ${request.version} of '${request.model}' is not in the registry`,
      'Check the version number with `aws sagemaker list-model-packages`.',
    );
  }
  if (packaged.approval === 'Approved') return ELIGIBLE;
  const described = packaged.approvalDescription === undefined ? '' : ` (${packaged.approvalDescription})`;
  return refuse(
    `version ${request.version} of '${request.model}' is ${packaged.approval}${described}, only an Approved version serves`,
    `If it is good, approve it: ${commands.approve(packaged.arn)}`,
  );
}

function artifact({ request, packaged, artifact: stored }: VersionFacts): Verdict {
  const what = `the artifact of version ${request.version} of '${request.model}', ${packaged?.artifactUri ?? '(none)'},`;
  if (stored === undefined) {
    return refuse(`${what} is gone`, "Restore it from the bucket's older object versions, or train the version again.");
  }
  const recorded = packaged?.artifactEtag;
  if (recorded === undefined || stored.etag === undefined || bare(recorded) === bare(stored.etag)) return ELIGIBLE;
  return refuse(
    `${what} is not what was registered: its entity tag is ${bare(stored.etag)}, registered was ${bare(recorded)}`,
    "Find out who overwrote it, and restore it from the bucket's older object versions.",
  );
}

function image({ request, packaged, image: stored }: VersionFacts): Verdict {
  if (stored?.state !== 'gone') return ELIGIBLE;
  return refuse(
    `the image of version ${request.version} of '${request.model}', ${String(packaged?.image)}, is gone`,
    'Push that very image again (its digest counts, its tag does not), or train the version again.',
  );
}

/** Without its baseline a version would serve unwatched. */
function baseline({ request, baseline: stored }: VersionFacts): Verdict {
  if (stored?.state !== 'lost') return ELIGIBLE;
  return refuse(
    `version ${request.version} of '${request.model}' could not be watched: ${stored.problem}`,
    "Restore it from the bucket's older object versions, or train the version again.",
  );
}

/**
 * Callers go on with what they send; a person may know that they changed, or will. A rollback is never refused by it: the
 * version answered these callers before, and what they began to send since does less harm than a version that is bad.
 */
function inputSchema(facts: VersionFacts, commands: Commands): Verdict {
  const { request } = facts;
  const { breaks } = schemaChange(facts);
  if (breaks.length === 0 || !isByEvent(request)) return ELIGIBLE;
  const { model, version } = request;
  return refuse(
    `version ${version} of '${model}' could not answer what callers send to the version that serves: ${breaks.join('; ')}`,
    'Train it with a schema that takes what is sent: a new feature must be nullable.',
    `If the callers send what it needs already, release it on your own word: ${commands.release(model, version)}`,
  );
}

/** What callers must know of a version that may serve; nothing where one of the schemas is not known, or it serves already. */
export function callersMeet(facts: VersionFacts): string[] {
  const { breaks, byPosition } = schemaChange(facts);
  const unknown =
    facts.servingBaseline?.state === 'lost'
      ? [
          `what they send could not be compared with what it takes, since of the version before ${facts.servingBaseline.problem}`,
        ]
      : [];
  return [...breaks, ...byPosition, ...unknown];
}

function schemaChange({ baseline: wanted, servingBaseline: serving }: VersionFacts): SchemaChange {
  if (wanted?.state !== 'found' || serving?.state !== 'found') return { breaks: [], byPosition: [] };
  return compareSchemas(serving.baseline.schema, wanted.baseline.schema);
}

function bare(etag: string): string {
  return etag.replaceAll('"', '');
}

function refuse(reason: string, ...youMay: string[]): Refusal {
  return { eligible: false, reason, youMay };
}
