import { ListEndpointConfigsCommand } from '@aws-sdk/client-sagemaker';
import { join } from 'node:path';
import { ReleaseCloud, type Ended } from './release-cloud';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** As in the app. */
const LOOK_SECONDS = 1800;

let releases: ReleaseCloud;

beforeAll(async () => {
  releases = await ReleaseCloud.start(join(__dirname, 'idle-app.ts'));
  await releases.approve(await releases.register());
  await releases.approve(await releases.register());
}, 240_000);

afterAll(() => releases.stop());

/** The clock moves on to the next such hour, and what the reconciler then asks for comes to its end. */
async function at(hour: number): Promise<Ended> {
  const now = (await releases.cloud.clock.now()).getTime() / 1000;
  const seconds = (hour * HOUR - (now % DAY) + DAY) % DAY;
  // and a little further than to the first look after it
  await releases.cloud.clock.advance(seconds + LOOK_SECONDS + 60);
  return releases.nextEnd();
}

async function endpoint(): Promise<string> {
  return releases.serving().catch((error: unknown) => (error as Error).message);
}

test('a model sleeps and wakes at its hours, as the version that is released, and nobody is bothered', async () => {
  // GIVEN
  expect(await endpoint()).toBe('InService 2');
  await releases.letters();

  // WHEN
  const evening = await at(20);

  // THEN
  expect(evening).toMatchObject({ action: 'sleep', outcome: 'succeeded', version: '2' });
  expect(await endpoint()).toMatch(/could not find/i);
  const { EndpointConfigs = [] } = await releases.sagemaker.send(new ListEndpointConfigsCommand({}));
  expect(EndpointConfigs.map(({ EndpointConfigName: name }) => name)).toContainEqual(expect.stringMatching(/-v2-/));
  expect(await releases.ledger.state('rain')).toMatchObject({
    current: '2',
    healthy: ['2', '1'],
    asleep: { requestedBy: 'schedule:idle' },
  });

  // WHEN the reconciler looks again and again
  const before = await releases.executions();
  await releases.cloud.clock.advance(2 * HOUR);

  // THEN it finds nothing to do and nothing to tell
  expect(await releases.executions()).toEqual(before);
  expect(await releases.ledger.drifts('rain')).toEqual([]);

  // WHEN
  const morning = await at(7);

  // THEN
  expect(morning).toMatchObject({ action: 'wake', outcome: 'succeeded', version: '2' });
  expect(await endpoint()).toBe('InService 2');
  expect((await releases.ledger.state('rain')).asleep).toBeUndefined();
  expect(await releases.letters()).toEqual([]);
}, 300_000);

test('a version that is approved while its model sleeps serves, and a request to sleep twice is refused', async () => {
  // GIVEN
  expect(await releases.ask({ action: 'sleep' })).toMatchObject({ outcome: 'succeeded' });
  expect(await endpoint()).toMatch(/could not find/i);
  expect(await releases.ask({ action: 'sleep' })).toMatchObject({ outcome: 'refused' });

  // WHEN
  const released = await releases.approve(await releases.register());

  // THEN
  expect(released).toMatchObject({ action: 'release', outcome: 'succeeded', version: '3' });
  expect(await endpoint()).toBe('InService 3');
  expect((await releases.letters()).map(({ subject }) => subject)).toEqual([
    expect.stringContaining('version 2 sleeps'),
    expect.stringContaining('sleep of version 2 refused'),
    expect.stringContaining('version 3 serves'),
  ]);
}, 300_000);

test('a version that does not start leaves its model asleep, and the version that is released wakes', async () => {
  // GIVEN
  await releases.ask({ action: 'sleep' });

  // WHEN
  const failed = await releases.approve(await releases.register({ CRASH: 'yes' }));

  // THEN
  expect(failed.status).toBe('FAILED');
  expect(failed.detail).toContain('version 3 sleeps, as before');
  expect(await endpoint()).toMatch(/could not find/i);

  // WHEN
  const woken = await releases.ask({ action: 'wake' });

  // THEN
  expect(woken).toMatchObject({ outcome: 'succeeded', version: '3' });
  expect(await endpoint()).toBe('InService 3');
}, 300_000);
