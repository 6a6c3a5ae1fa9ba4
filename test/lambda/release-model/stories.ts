import { Schedule, type Happening } from './schedule';

const delivered: Happening = { what: 'deliver', letter: 0, through: true };
const red: Happening = { what: 'alarm', signal: 'quality', red: true };
const green: Happening = { what: 'alarm', signal: 'quality', red: false };

/** States of a rollback until the traffic has moved, and nothing is recorded. */
const ROLLBACK_HAS_MOVED = 9;

/** Too rare for chance: each is tried before the random ones. */
export const STORIES: [Schedule][] = [
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
];
