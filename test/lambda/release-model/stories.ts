import { Schedule, type Happening } from './schedule';

const delivered: Happening = { what: 'deliver', letter: 0, through: true };
const red: Happening = { what: 'alarm', signal: 'quality', red: true };
const green: Happening = { what: 'alarm', signal: 'quality', red: false };

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
];
