import { Stage } from './stage';

let stage: Stage;

/** What a command printed for programs. */
async function json<T>(...args: string[]): Promise<T> {
  const said = await stage.mlops(...args, '--json');
  expect(said).toMatchObject({ code: 0, err: '' });
  return JSON.parse(said.out) as T;
}

/** Waits until a release of a version has ended, as its history tells. */
async function released(version: string): Promise<{ id: string; outcome: string }> {
  for (let tries = 0; tries < 60; tries++) {
    const history = await json<{ id: string; version: string; outcome: string }[]>('history', 'rain');
    const found = history.find(record => record.version === version);
    if (found !== undefined) return found;
  }
  throw new Error(`no release of version ${version} ended`);
}

beforeAll(async () => {
  stage = await Stage.start();
  for (const version of ['1', '2']) {
    await stage.approved();
    await released(version);
  }
}, 240_000);

afterAll(async () => {
  await stage.stop();
});

test('status tells what serves, by the ledger and by the endpoint itself', async () => {
  expect(await json('status', 'rain')).toMatchObject({
    environment: 'local',
    current: '2',
    serving: { status: 'InService', version: '2' },
    rollbackTarget: '1',
    notes: [],
  });
  expect((await stage.mlops('status')).out).toMatch(/^MODEL .*\nrain +v2 .*InService v2 +v1 +-\n$/);
}, 60_000);

test('a rollback is asked for, waited for, and explained with the name of who asked', async () => {
  // WHEN
  const said = await stage.mlops('rollback', 'rain', '--reason', 'answers look wrong');

  // THEN
  expect(said).toMatchObject({ code: 0, out: expect.stringContaining('succeeded: version 1 serves') as string });
  expect(said.err).toContain('rollback from version 2 to version 1 asked for as');
  const id = /explain (\S+)/.exec(said.out)?.[1] ?? '';
  const story = (await stage.mlops('explain', id)).out;
  expect(story).toContain("rollback to version 1 of 'rain': succeeded (version 2 served before)");
  expect(story).toMatch(/asked by +arn:aws:sts::000000000000:assumed-role\/.*OnCall.*\/ann\n/);
  expect(story).toMatch(/Model card of version 1\n +purpose +tells rain\n +risk +Low\n/);
  expect(story).toMatch(/ acquire .* acquired\n.* eligible .* eligible\n.* prepare .* prepared\n/);
  expect(story).toContain("npx mlops lift-quarantine rain 2 --reason 'WHY' --environment local");
}, 60_000);

test('what the machine refuses ends with 1 and its reason, and its story tells the way out', async () => {
  const said = await stage.mlops('release', 'rain', '2', '--reason', 'once more');
  expect(said.code).toBe(1);
  expect(said.out).toMatch(/^refused: version 2 of 'rain' is quarantined since .*answers look wrong/);
  const id = /explain (\S+)/.exec(said.out)?.[1] ?? '';
  expect((await stage.mlops('explain', id)).out).toMatch(/What you may do\n.*lift its quarantine/s);
}, 60_000);

test('a lifted quarantine stands in the history', async () => {
  expect(await stage.mlops('lift-quarantine', 'rain', '2', '--reason', 'the labels were wrong')).toMatchObject({
    code: 0,
  });
  expect((await stage.mlops('history', 'rain')).out).toMatch(/lift-quarantine +2 +succeeded .* the labels were wrong/);
}, 60_000);

test('an audit gets every item of the ledger, of each kind', async () => {
  const items = await json<{ sk: string; generation?: number }[]>('history', 'rain', '--all');
  const kinds = new Set(items.map(({ sk }) => sk.replace(/#.*/, '')));
  expect([...kinds].sort()).toEqual(['RELEASE', 'STATE', 'VERSION']);
  expect(items.filter(({ sk }) => sk.startsWith('RELEASE#')).map(({ generation }) => generation)).toContain(1);
}, 60_000);

test('a hold stops an approval until it is ended', async () => {
  // GIVEN
  expect(await stage.mlops('hold', 'rain', '--until', '8h', '--reason', 'season')).toMatchObject({ code: 0 });
  expect(await json('status', 'rain')).toMatchObject({ hold: { reason: 'season' } });

  // WHEN
  await stage.approved();

  // THEN
  expect(await released('3')).toMatchObject({ outcome: 'refused' });
  expect(await stage.mlops('resume', 'rain', '--reason', 'season is over')).toMatchObject({ code: 0 });
  expect(await json('status', 'rain')).toMatchObject({ hold: null });
}, 60_000);

test('a release that fails ends with 1, and what served before serves', async () => {
  // GIVEN: a person's own hold does not stop a person's own request, so the approval is what is stopped here
  await stage.mlops('hold', 'rain', '--reason', 'to release it by hand');
  await stage.approved('9');
  await released('4');

  // WHEN
  const said = await stage.mlops('release', 'rain', '4', '--reason', 'it is better');

  // THEN
  expect(said.code).toBe(1);
  expect(said.out).toMatch(/^undone: version 9 answered a prediction, not version 4; version 1 serves, as before/);
}, 60_000);

test('where the endpoint is not what the ledger says, a rollback asks which version is meant, and brings that one back', async () => {
  // GIVEN: somebody took the endpoint away
  await stage.deleteEndpoint();

  // WHEN
  const vague = await stage.mlops('rollback', 'rain', '--reason', 'nothing answers');

  // THEN
  expect(vague).toMatchObject({ code: 1, out: '' });
  expect(vague.err).toMatch(
    /^the ledger says that version 1 of 'rain' serves, but nothing .* does \(not there\).*\n +npx mlops rollback rain --to 1 --environment local --reason 'WHY'\n/,
  );
  const meant = await stage.mlops('rollback', 'rain', '--to', '1', '--reason', 'nothing answers');
  expect(meant).toMatchObject({ code: 0, out: expect.stringContaining('succeeded: version 1 serves') as string });
  expect(meant.err).toMatch(/^rollback to version 1 asked for as/);
  expect(await json('status', 'rain')).toMatchObject({ current: '1', serving: { status: 'InService', version: '1' } });
}, 120_000);

test('who may only read is told what serves and why, and asks for nothing', async () => {
  expect(await stage.mlopsAs('reader', 'status', 'rain')).toMatchObject({ code: 0, err: '' });
  const [release] = await json<{ id: string }[]>('history', 'rain', '--limit', '1');
  expect(await stage.mlopsAs('reader', 'explain', release?.id ?? '')).toMatchObject({ code: 0, err: '' });
  const said = await stage.mlopsAs('reader', 'release', 'rain', '2', '--reason', 'because I can');
  expect(said).toMatchObject({ code: 1, out: '' });
  expect(said.err).toMatch(/^AccessDeniedException: .*states:StartExecution/);
}, 60_000);

test('wrong usage ends with 2, and what is not there with 1, on the error output alone', async () => {
  expect(await stage.mlops('release', 'rain', '1')).toMatchObject({ code: 2, out: '' });
  expect(await stage.mlops('status', 'rian')).toEqual({
    code: 1,
    out: '',
    err: "there is no model 'rian' in environment 'local', must be one of 'rain'\n",
  });
  expect(await stage.mlops('status', '--stack', 'Model')).toMatchObject({ code: 1, out: '' });
}, 60_000);
