import {
  activeHold,
  lockExpired,
  rollbackTarget,
  type Hold,
  type LedgerState,
  type PromotionRecord,
  type ReleaseRecord,
  type Sleep,
  type VersionRecord,
} from '../../lambda/shared/ledger';
import { forEachModel } from '../../lambda/shared/each-model';
import { lockWords } from '../lock-words';
import { servingSettingsOf } from '../models';
import type { AlarmNow, Platform, Report, ServingNow } from '../ports';
import { promotionOf, promotionWords } from '../promotion-words';
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
  /** Versions that came from another environment. */
  readonly promotions: readonly PromotionRecord[];
  /** What does not fit together or wants a person's eye, in words. */
  readonly notes: readonly string[];
}

/** A model as it was looked at, without its alarms, which are asked for once for all. */
type Looked = Omit<ModelStatus, 'alarms' | 'notes'> & { readonly alarmNames: Readonly<Record<string, string>> };

/** A model that could not be looked at. */
interface Unseen {
  readonly model: string;
  readonly error: string;
}

/** What serves: all models in a table, or everything about one. */
export async function status(platform: Platform, model?: string): Promise<Report> {
  if (model !== undefined) {
    const { known, complete } = await withAlarms(platform, [await look(platform, model)]);
    return { text: modelText(platform, known[0]), data: dataOf(platform, known[0]), done: complete };
  }
  const models = await platform.models();
  const { looked, unseen } = await lookAtAll(platform, models);
  const { known, complete } = await withAlarms(platform, looked);
  const rows = [...known, ...unseen].sort((one, other) => models.indexOf(one.model) - models.indexOf(other.model));
  return {
    text: models.length === 0 ? `no model is deployed in '${platform.environmentName}'` : modelsText(platform, rows),
    data: rows.map(row => ('error' in row ? { environment: platform.environmentName, ...row } : dataOf(platform, row))),
    done: complete && unseen.length === 0,
  };
}

/** Looks at a few at a time, which is all that AWS answers; one that fails takes nothing from the others. */
async function lookAtAll(
  platform: Platform,
  models: readonly string[],
): Promise<{ looked: Looked[]; unseen: Unseen[] }> {
  const looked: Looked[] = [];
  const unseen: Unseen[] = [];
  await forEachModel(models, async model => {
    try {
      looked.push(await look(platform, model));
    } catch (error) {
      unseen.push({ model, error: String(error) });
    }
  });
  return { looked, unseen };
}

async function look(platform: Platform, model: string): Promise<Looked> {
  const settings = await servingSettingsOf(platform, model);
  const [state, held, serving, alarmNames, versions, releases, promotions] = await Promise.all([
    platform.ledger.state(model),
    platform.ledger.hold(model),
    platform.servingNow(settings),
    platform.alarmNames(model),
    platform.ledger.versions(model),
    platform.ledger.releases(model, 1),
    platform.ledger.promotions(model),
  ]);
  const hold = activeHold(held, platform.now());
  return { model, state, hold, serving, alarmNames, versions, last: releases.at(-1), promotions };
}

/** What was looked at, with its alarms; without them, and saying so, where CloudWatch does not tell them. */
async function withAlarms(
  platform: Platform,
  looked: readonly Looked[],
): Promise<{ known: ModelStatus[]; complete: boolean }> {
  let problem: string | undefined;
  const states = await platform
    .alarms(looked.flatMap(({ alarmNames }) => Object.values(alarmNames)))
    .catch((error: unknown) => {
      problem = `its alarms are not known: ${String(error)}`;
      return [];
    });
  const byName = new Map(states.map(state => [state.name, state]));
  const known = looked.map(({ alarmNames, ...model }) => {
    const alarms = Object.entries(alarmNames).flatMap(([signal, name]) => {
      const state = byName.get(name);
      return state === undefined ? [] : [{ signal, ...state }];
    });
    const notes = [...notesOf(platform, { ...model, alarms }), ...(problem === undefined ? [] : [problem])];
    return { ...model, alarms, notes };
  });
  return { known, complete: problem === undefined };
}

/** What does not fit together or wants a person's eye. */
function notesOf(platform: Platform, known: Omit<ModelStatus, 'notes'>): string[] {
  const { model, state, hold, serving, alarms, last } = known;
  const now = platform.now();
  const notes: string[] = [];
  const locked = lockWords(state, now);
  if (locked !== undefined) {
    notes.push(locked);
    if (lockExpired(state, now)) {
      notes.push(`if it does not come within minutes, do its work by hand: ${platform.commands.reconcile(model)}`);
    }
  } else if (serving.unknown !== true && serving.version !== (state.asleep === undefined ? state.current : undefined)) {
    notes.push(
      `the ledger says that ${named(state.current)} ${state.asleep === undefined ? 'serves' : 'sleeps'}, but ${serving.version === undefined ? 'nothing that a release made' : named(serving.version)} ${state.asleep === undefined ? 'does' : 'serves'} (${serving.status})`,
    );
  }
  if (state.asleep !== undefined) {
    notes.push(`it sleeps since ${time(state.asleep.since)}; wake it: ${platform.commands.wake(model)}`);
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

function modelsText(platform: Platform, rows: readonly (ModelStatus | Unseen)[]): string {
  const now = platform.now();
  return table(
    ['MODEL', 'SERVES', 'SINCE', 'ENDPOINT', 'BACK TO', 'NOTES'],
    rows.map(row => {
      if ('error' in row) return [row.model, '?', '?', '?', '?', shortened(`not known: ${row.error}`, 90)];
      const { model, state, serving, notes } = row;
      return [
        model,
        state.current === undefined ? '-' : `v${state.current}`,
        state.activatedAt === undefined ? '-' : `${duration(now.getTime() - Date.parse(state.activatedAt))} ago`,
        `${serving.status}${serving.version === undefined ? '' : ` v${serving.version}`}`,
        backTo(state) === undefined ? '-' : `v${backTo(state) ?? ''}`,
        notes.length === 0 ? '-' : shortened(notes.join('; '), 90),
      ];
    }),
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
  const { state, hold, serving, alarms, versions, last, promotions } = known;
  const promoted = promotionOf(promotions, state.current);
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
        : `${state.asleep === undefined ? '' : 'nothing now, it sleeps; '}${named(state.current)} since ${timeAndAge(state.activatedAt, now)}`,
    ],
    ...(promoted === undefined ? [] : [['came from', promotionWords(promoted)] satisfies [string, string]]),
    [
      'endpoint',
      `${serving.status}${withVersion(serving.version)}${serving.reason === undefined ? '' : `: ${serving.reason}`}`,
    ],
    ...(state.asleep === undefined ? [] : [['asleep', sleepWords(state.asleep, now)] satisfies [string, string]]),
    ['back to', target === undefined ? 'nothing: no other version was healthy here' : named(target)],
    ['healthy', state.healthy.map(version => `v${version}`).join(', ') || 'none'],
    ['quarantined', quarantined.join('\n') || 'none'],
    ['hold', hold === undefined ? 'none' : `until ${time(hold.until)} by ${hold.requestedBy}: ${hold.reason}`],
    ['alarms', alarms.map(alarm => `${alarm.signal}: ${alarm.state} since ${time(alarm.since)}`).join('\n') || 'none'],
    ['last release', last === undefined ? 'none' : lastRelease(last, platform.environmentName, now)],
  ];
}

function sleepWords({ since, requestedBy, reason }: Sleep, now: Date): string {
  return `since ${timeAndAge(since, now)}, by ${requestedBy}: ${reason}`;
}

function lastRelease(last: ReleaseRecord, environmentName: string, now: Date): string {
  return [
    `${last.action} of ${named(last.version)}: ${last.outcome}, ${timeAndAge(last.endedAt, now)}`,
    last.detail,
    `npx mlops explain ${last.id} --environment ${environmentName}`,
  ].join('\n');
}

function dataOf(platform: Platform, known: ModelStatus): unknown {
  const { model, state, hold, serving, alarms, versions, last, promotions, notes } = known;
  return {
    environment: platform.environmentName,
    model,
    current: state.current ?? null,
    activatedAt: state.activatedAt ?? null,
    promotedFrom: promotionOf(promotions, state.current) ?? null,
    asleep: state.asleep ?? null,
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
