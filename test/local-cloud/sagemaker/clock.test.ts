import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../../local-cloud/sagemaker/clock';

const folder = mkdtempSync(join(tmpdir(), 'clock-test-'));
const file = join(folder, 'clock');

afterAll(() => rmSync(folder, { recursive: true }));

test('shows the time of the machine without a file', () => {
  const before = Date.now();
  expect(new Clock().millis()).toBeGreaterThanOrEqual(before);
  expect(new Clock(join(folder, 'not-there')).millis()).toBeLessThanOrEqual(Date.now());
});

test('is ahead by the milliseconds in the file', () => {
  writeFileSync(file, '86400000\n');
  const ahead = new Clock(file).millis() - Date.now();
  expect(Math.round(ahead / 1000)).toBe(86_400);
});

test('wakes a sleeper when the file is written', async () => {
  // GIVEN
  writeFileSync(file, '0');
  const clock = new Clock(file);
  const slept = clock.sleepUntil(clock.millis() + 3_600_000);

  // WHEN
  await sleep(30);
  writeFileSync(file, '3600001');

  // THEN
  await expect(slept).resolves.toBeUndefined();
});

test('fails to sleep on when it is aborted', async () => {
  const controller = new AbortController();
  const slept = new Clock().sleepUntil(Date.now() + 3_600_000, controller.signal);
  controller.abort();
  await expect(slept).rejects.toThrow('aborted');
});

test('tells when the next sleeper wakes, and nothing once all have woken or given up', async () => {
  // GIVEN
  const clock = new Clock();
  expect(clock.nextDue()).toBeUndefined();
  const controller = new AbortController();
  const soon = clock.millis() + 20;
  const later = clock.sleepUntil(soon + 3_600_000, controller.signal);
  const first = clock.sleepUntil(soon);
  expect(clock.nextDue()).toBe(soon);

  // WHEN, THEN
  await first;
  expect(clock.nextDue()).toBe(soon + 3_600_000);
  controller.abort();
  await expect(later).rejects.toThrow('aborted');
  expect(clock.nextDue()).toBeUndefined();
});

test('fails for a file that holds no number', () => {
  writeFileSync(file, 'tomorrow');
  expect(() => new Clock(file).millis()).toThrow(/must hold milliseconds as a number, got 'tomorrow'/);
});
