import fc from 'fast-check';
import type { Signal } from '../../../lambda/reaction/signal';
import type { AnyServingSettings } from '../../../lambda/shared/contracts';
import type { Nature } from '../release-step/support/world';
import { BELONGINGS, type Belonging } from './belongings';
import type { Turn } from './crowd';

/** Where a call to the outside fails: before it was carried out, or after. */
export type When = 'before' | 'after';

/** What may happen to an environment. */
export type Happening =
  /** Its schema is that of the version before, unless it has a feature more or less. */
  | { readonly what: 'register'; readonly nature: Nature; readonly features?: 'one more' | 'one less' }
  | { readonly what: 'lose'; readonly version: number; readonly thing: Belonging }
  | { readonly what: 'approve' | 'reject' | 'edit'; readonly version: number }
  | { readonly what: 'ask for' | 'return to' | 'lift'; readonly version: number; readonly through: boolean }
  | { readonly what: 'hold'; readonly hours: number; readonly through: boolean }
  | { readonly what: 'resume' | 'reconcile' | 'sleep' | 'wake'; readonly through: boolean }
  /** Its settings say when it is up; without, it sleeps on a person's word alone. */
  | { readonly what: 'hours'; readonly kept: boolean }
  | { readonly what: 'alarm'; readonly signal: Signal; readonly red: boolean }
  | { readonly what: 'sweep'; readonly through: boolean }
  | { readonly what: 'deliver'; readonly letter: number; readonly through: boolean }
  | { readonly what: 'go on'; readonly who: number; readonly states: number }
  | { readonly what: 'die'; readonly who: number }
  | {
      readonly what: 'deploy';
      readonly instanceType: string;
      readonly shift: 'ALL_AT_ONCE' | 'CANARY';
      readonly shadow: boolean;
    }
  | { readonly what: 'moved by hand'; readonly version: number }
  | { readonly what: 'time passes'; readonly seconds: number }
  /** An API server may say why. */
  | { readonly what: 'call fails'; readonly inCalls: number; readonly when: When; readonly status?: number }
  | OnKubernetes;

/** What happens on Kubernetes alone. */
type OnKubernetes =
  /** At most so many of a version's pods are ready from now on; without a number, all. */
  | { readonly what: 'pods'; readonly version: number; readonly ready?: number }
  /** An autoscaler writes another number of pods. */
  | { readonly what: 'autoscale'; readonly version: number }
  | { readonly what: 'collect' };

const SIGNALS: readonly Signal[] = ['predictionDrift', 'quality', 'inputDrift', 'samples', 'heartbeat'];
const version = fc.integer({ min: 1, max: 6 });
const through = fc.boolean();
const is = <T extends string>(what: T) => fc.constant(what);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      what: is('register'),
      nature: fc.constantFrom<Nature>('sound', 'sound', 'mute', 'crashing'),
      features: fc.constantFrom(undefined, undefined, 'one more' as const, 'one less' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ what: is('approve'), version }) },
  { weight: 1, arbitrary: fc.record({ what: is('reject'), version }) },
  { weight: 1, arbitrary: fc.record({ what: is('edit'), version }) },
  { weight: 2, arbitrary: fc.record({ what: is('lose'), version, thing: fc.constantFrom(...BELONGINGS) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom('ask for' as const, 'return to' as const, 'lift' as const),
      version,
      through,
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: is('hold'), hours: fc.constantFrom(1, 24, 100), through }) },
  { weight: 1, arbitrary: fc.record({ what: is('resume'), through }) },
  { weight: 2, arbitrary: fc.record({ what: is('sleep'), through }) },
  { weight: 1, arbitrary: fc.record({ what: is('wake'), through }) },
  { weight: 1, arbitrary: fc.record({ what: is('hours'), kept: fc.constantFrom(true, true, false) }) },
  { weight: 1, arbitrary: fc.record({ what: is('moved by hand'), version }) },
  { weight: 1, arbitrary: fc.record({ what: is('reconcile'), through }) },
  { weight: 2, arbitrary: fc.record({ what: is('sweep'), through }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: is('alarm'),
      signal: fc.constantFrom<Signal>(...SIGNALS, 'predictionDrift', 'quality'),
      red: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 9, arbitrary: fc.record({ what: is('deliver'), letter: fc.nat({ max: 9 }), through }) },
  {
    weight: 7,
    arbitrary: fc.record({
      what: is('go on'),
      who: fc.nat({ max: 3 }),
      states: fc.constantFrom(1, 2, 5, 10, 20, 1000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: is('die'), who: fc.nat({ max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: is('deploy'),
      instanceType: fc.constantFrom('ml.m5.large', 'ml.m5.xlarge'),
      shift: fc.constantFrom('ALL_AT_ONCE' as const, 'CANARY' as const),
      shadow: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: is('time passes'), seconds: fc.constantFrom(60, 3600, 7 * 3600, 80 * 3600) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: is('call fails'),
      inCalls: fc.nat({ max: 12 }),
      when: fc.constantFrom<When>('before', 'after'),
    }),
  },
);

const onKubernetes: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: happening.filter(({ what }) => what === 'go on' || what === 'deliver') },
  {
    weight: 3,
    arbitrary: fc.record({ what: is('pods'), version, ready: fc.constantFrom(0, 0, 1, undefined) }),
  },
  { weight: 2, arbitrary: fc.record({ what: is('autoscale'), version }) },
  { weight: 2, arbitrary: fc.record({ what: is('collect') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: is('call fails'),
      inCalls: fc.nat({ max: 60 }),
      when: fc.constantFrom<When>('before', 'before', 'after'),
      status: fc.constantFrom(401, 409, 429, 500, 503, undefined),
    }),
  },
);

const ORDINALS = ['next', '2nd', '3rd'];
const end = (goesOn: boolean): string => (goesOn ? ', and it goes to its end' : '');

/** A happening as a sentence. */
export function told(event: Happening): string {
  switch (event.what) {
    case 'register':
      return `a ${event.nature} version is registered${event.features === undefined ? '' : ` that takes ${event.features} feature than the one before`}`;
    case 'lose':
      return `the ${event.thing} of version ${event.version} is deleted`;
    case 'approve':
      return `version ${event.version} is approved`;
    case 'reject':
      return `version ${event.version} is rejected`;
    case 'edit':
      return `somebody edits the metadata of version ${event.version}`;
    case 'ask for':
      return `ann asks to release version ${event.version}${end(event.through)}`;
    case 'return to':
      return `ann asks to roll back to version ${event.version}${end(event.through)}`;
    case 'lift':
      return `ann lifts the quarantine of version ${event.version}, or of the first that has one${end(event.through)}`;
    case 'hold':
      return `ann holds releases for ${event.hours} h${end(event.through)}`;
    case 'resume':
      return `ann ends the hold${end(event.through)}`;
    case 'sleep':
      return `ann puts it to sleep${end(event.through)}`;
    case 'wake':
      return `ann wakes it${end(event.through)}`;
    case 'hours':
      return event.kept ? 'cdk deploy: it is up on weekdays from 7 to 20' : 'cdk deploy: it has no hours';
    case 'reconcile':
      return `the reconciler looks whether somebody died at work${end(event.through)}`;
    case 'alarm':
      return `the ${event.signal} alarm goes ${event.red ? 'red' : 'green'}`;
    case 'sweep':
      return `red alarms are swept up about which nothing was decided${end(event.through)}`;
    case 'deliver':
      return `${
        event.letter === 0 ? 'the newest event' : `the event sent ${event.letter} before the newest`
      } is delivered, perhaps again${event.through ? ', and what it starts goes to its end' : ''}`;
    case 'go on':
      return `execution ${event.who + 1} of those running goes on for ${event.states} states`;
    case 'die':
      return `execution ${event.who + 1} of those running dies`;
    case 'deploy':
      return `cdk deploy: ${event.instanceType}, ${event.shift}${event.shadow ? ' after a shadow' : ''}`;
    case 'moved by hand':
      return `somebody moves the endpoint to version ${event.version} by hand, if that was healthy and nothing changes`;
    case 'time passes':
      return `${event.seconds < 3600 ? `${event.seconds} s` : `${event.seconds / 3600} h`} pass`;
    case 'call fails':
      return `the ${ORDINALS[event.inCalls] ?? `${event.inCalls + 1}th`} call to the outside fails ${
        event.when === 'before' ? 'and is not carried out' : 'although it was carried out'
      }${event.status === undefined ? '' : ` (HTTP ${event.status}, if it is the API server's)`}`;
    case 'pods':
      return `${event.ready === undefined ? 'all' : `at most ${event.ready}`} of the pods of version ${event.version} are ready from now on`;
    case 'autoscale':
      return `an autoscaler gives version ${event.version} another number of pods`;
    case 'collect':
      return 'the collector removes what releases gave up';
  }
}

/** Happenings in order; a failing one is printed as the story that it tells. */
export class Schedule {
  constructor(public readonly events: readonly Happening[]) {}

  public toString(): string {
    return ['', 'Versions 1, 2 and 3 were released in turn. Then', ...this.events.map(told)].join('\n  - ');
  }
}

/** Schedules of up to so many happenings. */
export function schedules(
  minLength: number,
  maxLength: number,
  target: AnyServingSettings['target'] = 'sagemaker',
): fc.Arbitrary<Schedule> {
  const all =
    target === 'eks'
      ? fc.oneof({ weight: 3, arbitrary: happening }, { weight: 1, arbitrary: onKubernetes })
      : happening;
  return fc.array(all, { minLength, maxLength }).map(events => new Schedule(events));
}

/**
 * What may happen while others are in the middle of a step; who goes on is said by the turns. Nobody moves the endpoint by
 * hand then: nothing could keep it from what a release has verified and not yet recorded.
 */
export type Simultaneous = Exclude<Happening, { readonly what: 'go on' | 'moved by hand' }>;

/** Happenings in order, then some at once. */
export class Throng {
  constructor(
    public readonly before: readonly Happening[],
    public readonly atOnce: readonly Simultaneous[],
    public readonly turns: readonly Turn[],
  ) {}

  public toString(): string {
    return [
      new Schedule(this.before).toString(),
      'and at once, by these turns: ' + this.turns.map(({ who, calls }) => `${who}×${calls}`).join(' '),
      ...this.atOnce.map(told),
    ].join('\n  - ');
  }
}

const turn: fc.Arbitrary<Turn> = fc.record({ who: fc.nat({ max: 5 }), calls: fc.constantFrom(1, 1, 2, 3, 5, 15) });

/** A few happenings, and then up to so many at once. */
export function throngs(most: number): fc.Arbitrary<Throng> {
  const simultaneous = happening.filter(
    (event): event is Simultaneous => !['go on', 'moved by hand'].includes(event.what),
  );
  return fc
    .record({
      before: fc.array(happening, { maxLength: 8 }),
      atOnce: fc.array(simultaneous, { minLength: 2, maxLength: most }),
      turns: fc.array(turn, { minLength: 20, maxLength: 80 }),
    })
    .map(({ before, atOnce, turns }) => new Throng(before, atOnce, turns));
}
