import { BELONGINGS } from './belongings';
import { Schedule, Throng, type Happening } from './schedule';

const delivered: Happening = { what: 'deliver', letter: 0, through: true };
const red: Happening = { what: 'alarm', signal: 'quality', red: true };
const green: Happening = { what: 'alarm', signal: 'quality', red: false };

/** States of a rollback until the traffic has moved, and nothing is recorded. */
const ROLLBACK_HAS_MOVED = 9;

/** States of a release until it has the lock. */
const LOCK_IS_TAKEN = 2;

/** Too rare for chance: each is tried before the random ones. */
export const STORIES: [Schedule][] = [
  // it sleeps, a version that does not start is approved, and the hours wake it
  [
    new Schedule([
      { what: 'sleep', through: true },
      { what: 'register', nature: 'crashing' },
      { what: 'approve', version: 4 },
      delivered,
      { what: 'hours', kept: true },
      { what: 'time passes', seconds: 20 * 3600 },
      { what: 'reconcile', through: true },
    ]),
  ],
  // sleep dies half-way, and a person asks for a release before the reconciler looks
  [
    new Schedule([
      { what: 'sleep', through: false },
      { what: 'go on', who: 0, states: 7 },
      { what: 'die', who: 0 },
      { what: 'time passes', seconds: 100 * 3600 },
      { what: 'ask for', version: 2, through: true },
    ]),
  ],
  // a wake dies half-way, and an alarm asks for a rollback
  [
    new Schedule([
      { what: 'sleep', through: true },
      { what: 'wake', through: false },
      { what: 'go on', who: 0, states: 8 },
      { what: 'die', who: 0 },
      { what: 'time passes', seconds: 100 * 3600 },
      red,
      delivered,
    ]),
  ],
  // two bad versions within one cooldown
  [
    new Schedule([
      red,
      delivered,
      green,
      { what: 'register', nature: 'sound' },
      { what: 'approve', version: 4 },
      delivered,
      // long enough for two windows of its own
      { what: 'time passes', seconds: 3600 },
      red,
      delivered,
    ]),
  ],
  // a rollback dies when it has moved traffic, and a person asks before the reconciler looks
  [
    new Schedule([
      red,
      { what: 'deliver', letter: 0, through: false },
      { what: 'go on', who: 0, states: ROLLBACK_HAS_MOVED },
      { what: 'die', who: 0 },
      { what: 'register', nature: 'sound' },
      { what: 'approve', version: 4 },
      { what: 'time passes', seconds: 100 * 3600 },
      { what: 'ask for', version: 4, through: true },
    ]),
  ],
  // somebody moves the endpoint by hand in an outage, holds, and an approval comes
  [
    new Schedule([
      { what: 'moved by hand', version: 1 },
      { what: 'hold', hours: 24, through: true },
      { what: 'register', nature: 'sound' },
      { what: 'approve', version: 4 },
      delivered,
    ]),
  ],
  // somebody moves it by hand where a person was told that it is, and back and there again
  [
    new Schedule([
      { what: 'moved by hand', version: 1 },
      { what: 'reconcile', through: true },
      { what: 'moved by hand', version: 1 },
      { what: 'moved by hand', version: 3 },
      { what: 'reconcile', through: true },
      { what: 'moved by hand', version: 1 },
    ]),
  ],
  // a version loses something before it is approved
  ...BELONGINGS.map((thing): [Schedule] => [
    new Schedule([
      { what: 'register', nature: 'sound' },
      { what: 'lose', version: 4, thing },
      { what: 'approve', version: 4 },
      delivered,
    ]),
  ]),
  // a version is approved that needs what callers do not send
  [
    new Schedule([
      { what: 'register', nature: 'sound', features: 'one more' },
      { what: 'approve', version: 4 },
      delivered,
    ]),
  ],
  // a version goes bad with which callers began to send less than the one before needs
  [
    new Schedule([
      { what: 'register', nature: 'sound', features: 'one less' },
      { what: 'approve', version: 4 },
      delivered,
      { what: 'time passes', seconds: 3600 },
      red,
      delivered,
    ]),
  ],
  // a version goes bad, and those before it have lost something, but for the first
  [
    new Schedule([
      { what: 'register', nature: 'sound' },
      { what: 'approve', version: 4 },
      delivered,
      { what: 'lose', version: 3, thing: 'image' },
      { what: 'lose', version: 2, thing: 'baseline' },
      { what: 'time passes', seconds: 3600 },
      red,
      delivered,
    ]),
  ],
  // the champion goes bad while another version shadows it
  [
    new Schedule([
      { what: 'deploy', instanceType: 'ml.m5.large', shift: 'CANARY', shadow: true },
      { what: 'register', nature: 'sound' },
      { what: 'approve', version: 4 },
      { what: 'deliver', letter: 0, through: false },
      { what: 'go on', who: 0, states: 20 },
      red,
      { what: 'deliver', letter: 0, through: false },
      { what: 'go on', who: 1, states: 5 },
      { what: 'go on', who: 0, states: 1000 },
      { what: 'go on', who: 0, states: 1000 },
    ]),
  ],
];

/** Of those who act at once; each turn is counted in calls to the outside, the first of which is to begin. */
export const STORIES_AT_ONCE: [Throng][] = [
  // an owner that slept through its lease renews it, after somebody read that it had expired, and before that one writes
  [
    new Throng(
      [
        { what: 'ask for', version: 2, through: false },
        { what: 'go on', who: 0, states: LOCK_IS_TAKEN },
        { what: 'time passes', seconds: 100 * 3600 },
      ],
      [{ what: 'return to', version: 1, through: false }],
      [
        { who: 1, calls: 1 },
        { who: 1, calls: 3 },
        { who: 0, calls: 4 },
        { who: 1, calls: 1 },
      ],
    ),
  ],
  // two find no hold, and both write theirs
  [
    new Throng(
      [],
      [
        { what: 'hold', hours: 1, through: false },
        { what: 'hold', hours: 24, through: false },
      ],
      [
        { who: 0, calls: 1 },
        { who: 0, calls: 1 },
        { who: 0, calls: 4 },
        { who: 1, calls: 4 },
        { who: 0, calls: 1 },
        { who: 1, calls: 1 },
      ],
    ),
  ],
  // two deliveries of one alarm find nothing decided, and both decide
  [
    new Throng(
      [red],
      [
        { what: 'deliver', letter: 0, through: false },
        { what: 'deliver', letter: 0, through: false },
      ],
      [
        { who: 0, calls: 2 },
        { who: 1, calls: 2 },
      ],
    ),
  ],
];
