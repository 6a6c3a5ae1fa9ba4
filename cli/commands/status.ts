import {
  activeHold,
  lockExpired,
  rollbackTarget,
  type Hold,
  type LedgerState,
  type ReleaseRecord,
  type VersionRecord,
} from '../../lambda/shared/ledger';
import { servingSettingsOf } from '../models';
import type { AlarmNow, Platform, Report, ServingNow } from '../ports';
import { duration, list, pairs, shortened, table, time, timeAndAge } from '../text';

/** What is known of one model, now. */
interface ModelStatus {
  readonly model: string;
  readonly state: LedgerState;
  /** The hold that holds now. */
  readonly hold?: Hold;
  readonly serving: ServingNow;
  readonly alarms: readonly AlarmNow[];
  readonly versions: readonly VersionRecord[];
  readonly last?: ReleaseRecord;
  /** What does not fit together or wants a person's eye, in words. */
  readonly notes: readonly string[];
}

/** What serves: all models in a table, or everything about one. */
export async function status(platform: Platform, model?: string): Promise<Report> {
  if (model !== undefined) {
    await servingSettingsOf(platform, model);
    const known = await statusOf(platform, model);
    return { text: modelText(platform, known), data: dataOf(platform, known), done: true };
  }
  const models = await platform.models();
  const known = await Promise.all(models.map(name => statusOf(platform, name)));
  return {
    text: models.length === 0 ? `no model is deployed in '${platform.environmentName}'` : modelsText(platform, known),
    data: known.map(one => dataOf(platform, one)),
    done: true,
  };
}

async function statusOf(platform: Platform, model: string): Promise<ModelStatus> {
  const settings = await servingSettingsOf(platform, model);
  const [state, held, serving, alarms, versions, releases] = await Promise.all([
    platform.ledger.state(model),
    platform.ledger.hold(model),
    platform.servingNow(settings),
    platform.alarms(model),
    platform.ledger.versions(model),
    platform.ledger.releases(model, 1),
  ]);
  const hold = activeHold(held, platform.now());
  const known = { model, state, hold, serving, alarms, versions, last: releases.at(-1) };
  return { ...known, notes: notesOf(known, platform.now()) };
}

/** What does not fit together or wants a person's eye. */
function notesOf({ state, hold, serving, alarms, last }: Omit<ModelStatus, 'notes'>, now: Date): string[] {
  const notes: string[] = [];
  const { underway } = state;
  if (underway !== undefined) {
    notes.push(
      lockExpired(state, now)
        ? `the ${underway.action} '${underway.id}' stopped half-way; the reconciler finishes or undoes it, or ask for version ${underway.version} again`
        : `${underway.action} of version ${underway.version} under way since ${time(underway.startedAt)}${underway.shadowing === true ? '; it only shadows by now, and gives way to a rollback' : ''}`,
    );
  } else if (serving.version !== state.current) {
    notes.push(
      `the ledger says that ${named(state.current)} serves, but ${serving.version === undefined ? 'nothing that a release made' : named(serving.version)} does (${serving.status})`,
    );
  }
  if (hold !== undefined) notes.push(`held until ${time(hold.until)}`);
  const red = alarms.filter(alarm => alarm.state === 'ALARM').map(alarm => alarm.signal);
  if (red.length > 0) notes.push(`red: ${red.join(', ')}`);
  if (last?.outcome === 'failed' || last?.outcome === 'undone') {
    notes.push(
      `the last ${last.action}, of version ${last.version}, ${last.outcome === 'undone' ? 'was undone' : 'failed'}`,
    );
  }
  return notes;
}

function modelsText(platform: Platform, known: readonly ModelStatus[]): string {
  const now = platform.now();
  return table(
    ['MODEL', 'SERVES', 'SINCE', 'ENDPOINT', 'BACK TO', 'NOTES'],
    known.map(({ model, state, serving, notes }) => [
      model,
      state.current === undefined ? '-' : `v${state.current}`,
      state.activatedAt === undefined ? '-' : `${duration(now.getTime() - Date.parse(state.activatedAt))} ago`,
      `${serving.status}${serving.version === undefined ? '' : ` v${serving.version}`}`,
      backTo(state) === undefined ? '-' : `v${backTo(state) ?? ''}`,
      notes.length === 0 ? '-' : shortened(notes.join('; '), 90),
    ]),
  );
}

function modelText(platform: Platform, known: ModelStatus): string {
  const { model, notes } = known;
  return [
    `${model} in ${platform.environmentName}`,
    ...(notes.length === 0 ? [] : [`please look:\n${list(notes)}`]),
    pairs(facts(platform, known)),
  ].join('\n\n');
}

function facts(platform: Platform, known: ModelStatus): [string, string][] {
  const { state, hold, serving, alarms, versions, last } = known;
  const now = platform.now();
  const quarantined = versions
    .filter(version => version.status === 'quarantined')
    .map(({ version, at, by, reason }) => `v${version} since ${time(at)} by ${by}: ${shortened(reason, 100)}`);
  const target = backTo(state);
  return [
    [
      'serves',
      state.activatedAt === undefined
        ? 'nothing yet'
        : `${named(state.current)} since ${timeAndAge(state.activatedAt, now)}`,
    ],
    [
      'endpoint',
      `${serving.status}${withVersion(serving.version)}${serving.reason === undefined ? '' : `: ${serving.reason}`}`,
    ],
    ['back to', target === undefined ? 'nothing: no other version was healthy here' : named(target)],
    ['healthy', state.healthy.map(version => `v${version}`).join(', ') || 'none'],
    ['quarantined', quarantined.join('\n') || 'none'],
    ['hold', hold === undefined ? 'none' : `until ${time(hold.until)} by ${hold.requestedBy}: ${hold.reason}`],
    ['alarms', alarms.map(alarm => `${alarm.signal}: ${alarm.state} since ${time(alarm.since)}`).join('\n') || 'none'],
    ['last release', last === undefined ? 'none' : lastRelease(last, platform.environmentName, now)],
  ];
}

function lastRelease(last: ReleaseRecord, environmentName: string, now: Date): string {
  return [
    `${last.action} of ${named(last.version)}: ${last.outcome}, ${timeAndAge(last.endedAt, now)}`,
    last.detail,
    `npx mlops explain ${last.id} --environment ${environmentName}`,
  ].join('\n');
}

function dataOf(platform: Platform, known: ModelStatus): unknown {
  const { model, state, hold, serving, alarms, versions, last, notes } = known;
  return {
    environment: platform.environmentName,
    model,
    current: state.current ?? null,
    activatedAt: state.activatedAt ?? null,
    serving,
    rollbackTarget: backTo(state) ?? null,
    healthy: state.healthy,
    versions,
    hold: hold ?? null,
    underway: state.underway ?? null,
    alarms,
    lastRelease: last ?? null,
    notes,
  };
}

function backTo(state: LedgerState): string | undefined {
  return state.current === undefined ? undefined : rollbackTarget(state, state.current);
}

function withVersion(version: string | undefined): string {
  return version === undefined ? '' : ` with version ${version}`;
}

function named(version: string | undefined): string {
  return version === undefined ? 'no version' : `version ${version}`;
}
