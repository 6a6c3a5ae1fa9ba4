/** Step Functions ends an execution, and its lock stays, when its history holds 25,000 events. */
import { pollDelay } from '../../../lambda/release-step/journal';
import { leaseSeconds, movementSeconds } from '../../../lambda/release-step/lock';
import { lookSeconds } from '../../../lambda/release-step/shadowing';
import type { ShadowSettings } from '../../../lambda/shared/contracts';
import { WAITING_MS } from '../../../lambda/shared/ledger';
import { SETTINGS, SHADOWED } from './support/world';

const MOST_EVENTS = 25_000;
/** Entered and left: the wait, the task with its three, and the choice. */
const EVENTS_OF_A_LOOK = 9;
/** SageMaker's longest update, and its longest wait before it takes the old fleet away. */
const LONGEST = {
  ...SETTINGS,
  shift: { ...SETTINGS.shift, maxExecutionSeconds: 28_800, terminationWaitSeconds: 3600 },
};
/** The longest shadow, and a late log. */
const SHADOW = { ...(SHADOWED.shadow as ShadowSettings), durationSeconds: 86_400, logDelaySeconds: 3600 };

/** Looks at something that takes so long. */
function looks(seconds: number): number {
  const since = new Date(0);
  let at = 0;
  let count = 0;
  for (; at < seconds; count++) at += pollDelay(since.toISOString(), new Date(at * 1000), 5);
  return count;
}

test('a release that meets the longest of everything ends before its history is full', () => {
  const movement = looks(movementSeconds(LONGEST));
  const all = {
    lock: looks(2 * leaseSeconds(LONGEST)),
    anothersChangeBeforeTheShadow: movement,
    shadowBegins: movement,
    shadow: Math.ceil((SHADOW.durationSeconds + SHADOW.logDelaySeconds) / lookSeconds(SHADOW)),
    anothersChangeBeforeTheShift: movement,
    shift: movement,
    wayBack: movement,
  };
  const sum = Object.values(all).reduce((total, count) => total + count, 0);
  expect(sum * EVENTS_OF_A_LOOK).toBeLessThan(MOST_EVENTS - 500);
});

test('a quick change is seen at once', () => {
  expect(looks(60)).toBeGreaterThanOrEqual(10);
});

test('whoever waits is not taken for dead between two looks, though one of its tries is stopped', () => {
  const longAfter = new Date(86_400_000);
  expect(pollDelay(new Date(0).toISOString(), longAfter, 5) + 120).toBeLessThan(WAITING_MS / 1000);
});
