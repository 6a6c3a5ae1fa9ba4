import { ask, type Asking } from '../../../cli/commands/ask';
import { releaseInput } from '../../../lambda/shared/contracts';
import type { LedgerState } from '../../../lambda/shared/ledger';
import { MemoryPlatform, type Model } from '../support/memory-platform';

const COMMON = {
  environmentName: 'prod',
  stackName: 's',
  json: false,
  model: 'rain',
  reason: 'wrong answers',
  wait: true,
};
const rollback: Asking = { command: 'rollback', ...COMMON };
const succeeded = { status: 'SUCCEEDED', output: { outcome: 'succeeded', detail: 'version 1 serves' } };

function platform(
  state: Partial<LedgerState> = { current: '2', healthy: ['2', '1'] },
  more: Model = {},
): MemoryPlatform {
  const made = new MemoryPlatform({
    rain: { state, serving: { status: 'InService', version: state.current }, ...more },
  });
  made.looks = [{}, succeeded];
  return made;
}

const ignore = (): void => undefined;

test('a rollback goes from what serves to the version that was healthy before, in the name of the caller', async () => {
  // GIVEN
  const prod = platform();

  // WHEN
  const report = await ask(prod, rollback, ignore);

  // THEN
  expect(prod.asked.map(({ request }) => request)).toEqual([
    {
      action: 'rollback',
      model: 'rain',
      version: '1',
      from: '2',
      requestedBy: 'arn:aws:sts::123456789012:assumed-role/OnCall/ann',
      reason: 'wrong answers',
    },
  ]);
  expect(prod.asked[0]?.name).toMatch(/^rollback-rain-v1-20261127T033000Z-[0-9a-f]{4}$/);
  expect(report.done).toBe(true);
  expect(report.text).toContain('succeeded: version 1 serves');
  expect(report.text).toContain(`npx mlops explain ${prod.asked[0]?.name ?? ''} --environment prod`);
});

test('a rollback that has nowhere to go asks for nothing', async () => {
  const prod = platform({ current: '2', healthy: ['2'] });
  await expect(ask(prod, rollback, ignore)).rejects.toThrow("there is nothing to roll 'rain' back to");
  expect(prod.asked).toEqual([]);
});

test('a rollback to a version that a person names leaves the judgement to the release machine', async () => {
  const prod = platform({ current: '2', healthy: ['2'] });
  await ask(prod, { ...rollback, to: '1' }, ignore);
  expect(prod.asked[0]?.request).toMatchObject({ version: '1', from: '2' });
});

describe('where the endpoint serves something else than the ledger says', () => {
  const astray: Model = { serving: { status: 'InService', version: '3' } };

  test('a rollback that names no version asks for nothing, since it would quarantine the wrong one', async () => {
    // GIVEN: the release of version 3 failed, and so did its way back
    const prod = platform({ current: '2', healthy: ['2', '1'] }, astray);

    // WHEN
    const asked = ask(prod, rollback, ignore);

    // THEN
    await expect(asked).rejects
      .toThrow(`the ledger says that version 2 of 'rain' serves, but version 3 does (InService): say with '--to' which version is to serve
  npx mlops rollback rain --to 2 --environment prod --reason 'WHY'
    brings version 2 back; nothing is quarantined
  npx mlops rollback rain --to 1 --environment prod --reason 'WHY'
    leaves version 2 behind too: it is rejected and quarantined`);
    expect(prod.asked).toEqual([]);
  });

  test('it offers the one way where there is no other', async () => {
    const prod = platform({ current: '2', healthy: ['2'] }, { serving: { status: 'not there' } });
    await expect(ask(prod, rollback, ignore)).rejects.toThrow(
      /but nothing that a release made does \(not there\).*--to 2 [^\n]*\n[^\n]*nothing is quarantined$/s,
    );
  });

  test('a rollback to what the ledger says is told as that', async () => {
    const prod = platform({ current: '2', healthy: ['2', '1'] }, astray);
    const told: string[] = [];
    await ask(prod, { ...rollback, to: '2' }, line => told.push(line));
    expect(prod.asked[0]?.request).toMatchObject({ action: 'rollback', version: '2', from: '2' });
    expect(told[0]).toMatch(/^rollback to version 2 asked for as/);
  });

  test('a rollback while a release moves the endpoint waits for it like any other', async () => {
    const underway = {
      id: 'r',
      action: 'release',
      version: '3',
      requestedBy: 'ann',
      reason: 'x',
      startedAt: 't',
    } as const;
    const prod = platform({ current: '2', healthy: ['2', '1'], lockOwner: 'arn:r', underway }, astray);
    await ask(prod, rollback, ignore);
    expect(prod.asked[0]?.request).toMatchObject({ version: '1', from: '2' });
  });
});

test.each<[Asking, object]>([
  [
    { command: 'release', ...COMMON, version: '3', withoutShadow: false },
    { action: 'release', version: '3' },
  ],
  [
    { command: 'release', ...COMMON, version: '3', withoutShadow: true },
    { action: 'release', version: '3', withoutShadow: true },
  ],
  [
    { command: 'lift-quarantine', ...COMMON, version: '3' },
    { action: 'lift-quarantine', version: '3' },
  ],
  [
    { command: 'hold', ...COMMON, until: '2026-12-01T08:00:00.000Z' },
    { action: 'hold', until: '2026-12-01T08:00:00.000Z' },
  ],
  [{ command: 'resume', ...COMMON }, { action: 'resume' }],
  [{ command: 'sleep', ...COMMON }, { action: 'sleep' }],
  [{ command: 'wake', ...COMMON }, { action: 'wake' }],
])('asks in the words of the contract: %j', async (asking, request) => {
  const prod = platform();
  await ask(prod, asking, ignore);
  expect(releaseInput.parse(prod.asked[0]?.request)).toMatchObject({ ...request, model: 'rain' });
});

test.each([
  [{ status: 'SUCCEEDED', output: { outcome: 'refused', detail: 'it is quarantined' } }, 'refused: it is quarantined'],
  [{ status: 'FAILED', error: 'ReleaseUndone', cause: 'alarm; version 1 serves' }, 'undone: alarm; version 1 serves'],
  [{ status: 'FAILED', error: 'ReleaseFailed', cause: 'nothing serves' }, 'failed: nothing serves'],
  [{ status: 'TIMED_OUT' }, 'failed: the execution is TIMED_OUT'],
])('what was not done says so: %j', async (execution, words) => {
  const prod = platform();
  prod.looks = [{}, execution];
  const report = await ask(prod, rollback, ignore);
  expect(report.done).toBe(false);
  expect(report.text).toContain(words);
});

describe('a request that waits for another one', () => {
  const RUNNING = Array.from({ length: 5 }, () => ({}));
  const lock = (action: 'release' | 'rollback', lockExpiresAt: string): Partial<LedgerState> => ({
    current: '2',
    healthy: ['2', '1'],
    lockOwner: 'arn:r',
    lockExpiresAt,
    underway: { id: 'r', action, version: '3', requestedBy: 'bob', reason: 'x', startedAt: '2026-11-27T03:00:00.000Z' },
  });
  const toldBy = async (state: Partial<LedgerState>): Promise<string> => {
    const prod = platform(state);
    prod.looks = [...RUNNING, succeeded];
    const told: string[] = [];
    await ask(prod, rollback, line => told.push(line));
    return told.slice(1).join('\n');
  };

  test('says for which, and until when at most', async () => {
    expect(await toldBy(lock('release', '2026-11-27T04:15:00.000Z'))).toBe(
      "waits for 'r': release of version 3 under way since 2026-11-27 03:00:00Z; it cannot be stopped, and what else is asked for waits until it has ended, or, if its execution died, until its lock ends at 2026-11-27 04:15:00Z",
    );
  });

  test('says that the reconciler must come first where a rollback died', async () => {
    expect(await toldBy(lock('rollback', '2026-11-27T03:15:00.000Z'))).toMatch(
      /^waits for 'r': the rollback to version 3 \('r'\) stopped half-way; the reconciler finishes it at its next look/,
    );
  });

  test('waits for nobody who died in a release', async () => {
    expect(await toldBy(lock('release', '2026-11-27T03:15:00.000Z'))).toBe('');
  });
});

test('who does not wait is told where to look', async () => {
  const prod = platform();
  const report = await ask(prod, { ...rollback, wait: false }, ignore);
  expect(report).toMatchObject({ done: true, data: { status: 'RUNNING', id: prod.asked[0]?.name } });
});

test('the name of an execution stays within what Step Functions takes', async () => {
  const model = 'm'.repeat(63);
  const prod = new MemoryPlatform({
    [model]: { state: { current: '2', healthy: ['2', '1'] }, serving: { status: 'InService', version: '2' } },
  });
  prod.looks = [succeeded];
  await ask(prod, { ...rollback, model }, ignore);
  expect(prod.asked[0]?.name).toHaveLength(80);
});

test('a model that does not exist is answered with those that do', async () => {
  await expect(ask(platform(), { ...rollback, model: 'rian' }, ignore)).rejects.toThrow(
    "there is no model 'rian' in environment 'prod', must be one of 'rain'",
  );
});
