import { Schedule, type Happening } from './schedule';

const delivered: Happening = { what: 'deliver', letter: 0, through: true };
const begun: Happening = { what: 'deliver', letter: 0, through: false };
const goesOn = (states: number): Happening => ({ what: 'go on', who: 0, states });
const toTheEnd = goesOn(1000);
const pods = (version: number, ready?: number): Happening => ({ what: 'pods', version, ready });

/** Version 4 is approved and released, until it gets a part of the traffic. */
const IN_CANARY: readonly Happening[] = [
  { what: 'register', nature: 'sound' },
  { what: 'approve', version: 4 },
  begun,
  // until its pods are ready, it is named, and has got its first requests
  goesOn(30),
];

/** Too rare for chance on Kubernetes: each is tried before the random ones. */
export const KUBERNETES_STORIES: [Schedule][] = [
  // a version is released that turns an alarm red, and one that answers wrongly, in each way that traffic moves
  ...(['ALL_AT_ONCE', 'CANARY'] as const).flatMap(shift =>
    (['crashing', 'mute'] as const).map((nature): [Schedule] => [
      new Schedule([
        { what: 'deploy', instanceType: 'ml.m5.large', shift, shadow: false },
        { what: 'register', nature },
        { what: 'approve', version: 4 },
        delivered,
      ]),
    ]),
  ),
  // the new version loses its pods in the canary
  [new Schedule([...IN_CANARY, pods(4, 0), toTheEnd])],
  // they fail one probe, and an autoscaler writes
  [new Schedule([...IN_CANARY, pods(4, 0), goesOn(2), pods(4), { what: 'autoscale', version: 4 }, toTheEnd])],
  // both have lost their pods when an alarm sends the traffic back
  [new Schedule([...IN_CANARY, pods(3, 0), pods(4, 0), goesOn(20), pods(3, 1), toTheEnd])],
  // what serves and may serve again is gone, and a fix comes
  [
    new Schedule([
      pods(3, 0),
      pods(2, 0),
      { what: 'time passes', seconds: 3600 },
      { what: 'register', nature: 'sound' },
      { what: 'approve', version: 4 },
      delivered,
    ]),
  ],
  // one dies in the canary, what it began from loses its pods, and a person asks for another
  [
    new Schedule([
      ...IN_CANARY,
      { what: 'die', who: 0 },
      pods(3, 0),
      { what: 'time passes', seconds: 80 * 3600 },
      { what: 'ask for', version: 2, through: true },
    ]),
  ],
  // what was given up is taken away, and wanted again
  [
    new Schedule([
      { what: 'collect' },
      { what: 'ask for', version: 1, through: true },
      { what: 'collect' },
      { what: 'ask for', version: 3, through: true },
      { what: 'collect' },
    ]),
  ],
  // it is wanted again before it is taken away
  [new Schedule([{ what: 'ask for', version: 1, through: true }, { what: 'collect' }])],
];
