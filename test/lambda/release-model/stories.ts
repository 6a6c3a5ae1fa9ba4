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
