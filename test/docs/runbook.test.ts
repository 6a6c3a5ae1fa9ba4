import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { letterOf } from '../../lambda/reaction/letter';
import { SIGNAL_WORDS, type Signal } from '../../lambda/reaction/signal';
import type { Ending } from '../../lambda/release-step/journal';
import type { ReleaseRequest } from '../../lambda/release-step/request';
import { holdNotification, releaseNotification } from '../../lambda/release-step/words';
import type { ReactionRecord } from '../../lambda/shared/ledger';
import { Commands } from '../../lambda/shared/release-commands';
import { rootOf } from '../lib/environment-of';
import { synthesise, synthesiseEverything } from '../support/platform';

const ROOT = join(__dirname, '..', '..');
const RUNBOOK = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');
const LAMBDA = join(ROOT, 'lambda');

/** What the page has an entry for, in the sections whose heading begins so. */
function entries(section: string): string[] {
  return RUNBOOK.split(/^## /m)
    .filter(text => text.startsWith(section))
    .flatMap(text => [...text.matchAll(/^(?:### |\| )`([^`]+)`/gm)].map(([, entry]) => entry));
}

/** Each of `said` has an entry, and each entry is about one of them. */
function expectSame(said: readonly string[], known: readonly string[]): void {
  const patterns = known.map(entry => {
    const parts = entry.split(/<[^>]+>/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return { entry, pattern: new RegExp(`^${parts.join('.+')}$`) };
  });
  const unknown = said.filter(text => !patterns.some(({ pattern }) => pattern.test(text)));
  const idle = patterns.filter(({ pattern }) => !said.some(text => pattern.test(text))).map(({ entry }) => entry);
  expect({ unknown: [...new Set(unknown)], idle }).toEqual({ unknown: [], idle: [] });
}

const TOLD = { id: 'r', execution: 'arn:aws:states:eu-west-1:1:execution:releases:r', environmentName: 'prod' };
const OUTCOMES = ['succeeded', 'refused', 'undone', 'failed'] as const;
const ending = (outcome: Ending['outcome']): Ending => ({ outcome, detail: 'd', youMay: [] });

function releaseSubjects(): string[] {
  const asked = { model: 'rain', version: '3', requestedBy: 'ann', reason: 'x' };
  const journal = { generation: 1, startedAt: '2026-11-27T03:00:00.000Z', from: '2' };
  const subjectsOf = (action: ReleaseRequest['action'], outcomes: readonly Ending['outcome'][]): string[] =>
    outcomes.map(outcome => releaseNotification({ ...asked, action }, journal, ending(outcome), TOLD).subject);
  const versions = (['release', 'rollback', 'lift-quarantine'] as const).flatMap(action =>
    subjectsOf(action, OUTCOMES),
  );
  const sleeps = (['sleep', 'wake'] as const).flatMap(action => subjectsOf(action, OUTCOMES));
  const reconciliations = subjectsOf('reconcile', OUTCOMES);
  const special = [
    releaseNotification({ ...asked, action: 'release' }, { ...journal, gaveWay: true }, ending('undone'), TOLD).subject,
    ...[{ leftOutOfPlace: true }, { leftMovement: true }].map(
      left =>
        releaseNotification({ ...asked, action: 'reconcile' }, { ...journal, ...left }, ending('succeeded'), TOLD)
          .subject,
    ),
  ];
  const holds = (['hold', 'resume'] as const).flatMap(action =>
    OUTCOMES.map(outcome => holdNotification({ ...asked, action }, ending(outcome), TOLD).subject),
  );
  const back = { ...asked, action: 'rollback', version: journal.from } as const;
  const broughtBack = releaseNotification(back, journal, ending('succeeded'), TOLD).subject;
  return [...versions, broughtBack, ...sleeps, ...reconciliations, ...special, ...holds];
}

function reactionSubjects(): string[] {
  const commands = new Commands('arn:machine', 'prod');
  return (Object.keys(SIGNAL_WORDS) as Signal[]).flatMap(signal =>
    (['page', 'retrain'] as const).map(decision => {
      const record: ReactionRecord = {
        id: 'r',
        alarm: 'a',
        alarmAt: 't',
        decidedAt: 't',
        decision,
        reason: 'r',
        evidence: { signal },
      };
      return letterOf('rain', record, commands).subject;
    }),
  );
}

/** Subjects that stand in the source as one text; what is put into them is any word. */
function writtenSubjects(): string[] {
  return readdirSync(LAMBDA, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !['reaction/letter.ts', 'release-step/words.ts'].includes(file))
    .flatMap(file => [...readFileSync(join(LAMBDA, file), 'utf8').matchAll(/subject: `([^`]+)`/g)])
    .map(([, subject]) => subject.replace(/\$\{[^}]+\}/g, 'x'));
}

test('every letter that the platform can send has its entry', () => {
  expectSame([...releaseSubjects(), ...reactionSubjects(), ...writtenSubjects()], entries('Letters'));
});

/** Reasons for which a request is refused, as they stand in the source; what is put into them is any word. */
function refusals(): string[] {
  const folder = join(LAMBDA, 'release-step');
  return readdirSync(folder)
    .flatMap(file => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/\brefused?\(\s*(?:context,\s*)?`([^`]+)`/g),
    ])
    .map(([, reason]) => reason.replace(/\$\{[^}]+\}/g, 'x'));
}

test('every reason for which a request is refused is told of, by words of it, and no other', () => {
  const told = RUNBOOK.split(/^### /m)
    .filter(entry => /^`<model>: (\S+ (to|of) version <n> refused|quarantine of version <n> stays)`/.test(entry))
    .flatMap(entry => [...entry.matchAll(/\*\*([^*]+)\*\*/g)])
    .map(([, words]) => words.replace(/\s+/g, ' '));
  const untold = refusals().filter(reason => !told.some(words => reason.includes(words)));
  const idle = told.filter(words => !refusals().some(reason => reason.includes(words)));
  expect({ untold, idle }).toEqual({ untold: [], idle: [] });
});

test('every alarm of every environment has its entry', () => {
  // a cluster of node groups with hours is in none of them
  const asleep = {
    tier: 'dev',
    network: { source: 'create' },
    cluster: { source: 'create', capacity: { type: 'MANAGED_NODE_GROUPS' } },
    idle: { awake: { from: '07:00', to: '20:00', timeZone: 'Europe/Berlin' } },
    models: { rain: { serving: { target: 'eks' } } },
  };
  const alarms = [...synthesiseEverything().values(), ...synthesise({ root: rootOf(asleep) }).values()]
    .flat()
    .flatMap(({ resources }) => Object.values(resources))
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => String(Properties.AlarmDescription));
  expectSame(alarms, entries('Alarms'));
});
