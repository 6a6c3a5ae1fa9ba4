import type { LedgerChange } from '../../../lambda/release-step/ports';
import type { SweepPorts } from '../../../lambda/reaction/sweep';
import { MODEL } from '../release-step/support/world';
import type { AlarmRoom } from './alarm-room';
import type { Mutant } from './mutant';
import type { ModelWorld } from './model-world';

type Expected = LedgerChange['expected'];

/** A ledger that does not compare some of what the writer has read; it looks when it writes, not when it is asked to. */
function unconditional(
  forgotten: (expected: Expected, world: ModelWorld) => Expected,
  which: (change: LedgerChange) => boolean = () => true,
): Mutant['ports'] {
  return (ports, world) => ({
    ...ports,
    ledger: {
      ...ports.ledger,
      commit: change =>
        ports.ledger.commit(which(change) ? { ...change, expected: forgotten(change.expected, world) } : change),
    },
  });
}

/** Neither generation nor owner nor lease. */
const everything = (expected: Expected, world: ModelWorld): Expected => ({
  ...expected,
  get generation() {
    return world.state().generation;
  },
  get lockOwner() {
    return world.state().lockOwner;
  },
  get lockExpiresAt() {
    return world.state().lockExpiresAt;
  },
});

/** Each breaks a condition that only matters when others act between what a step reads and what it writes. */
export const CONDITION_MUTANTS: readonly Mutant[] = [
  {
    guard: 'a write is refused when the lock changed hands since it was read',
    breaks: '2',
    ports: unconditional(everything),
  },
  {
    guard: 'of two that find the lock free, one takes it',
    breaks: '2',
    ports: unconditional(everything, ({ expected, state }) => state.generation > expected.generation),
  },
  {
    guard: 'an owner that renews its lease in time keeps its lock',
    breaks: '2',
    ports: unconditional((expected, world) => ({
      ...expected,
      get lockExpiresAt() {
        return world.state().lockExpiresAt;
      },
    })),
  },
  {
    guard: 'of two that hold or resume at once, one comes after the other',
    breaks: '2',
    ports: (ports, world) => ({
      ...ports,
      ledger: {
        ...ports.ledger,
        commitHold: change =>
          ports.ledger.commitHold({
            ...change,
            expected: {
              model: MODEL,
              get generation() {
                return world.holds.get(MODEL)?.generation ?? 0;
              },
            },
          }),
      },
    }),
  },
  {
    guard: 'of two deliveries of one alarm, one decides',
    breaks: '8',
    reaction: ports =>
      Object.assign(Object.create(ports) as SweepPorts, {
        appendReaction: (...[, record]: Parameters<SweepPorts['appendReaction']>) => {
          (ports as AlarmRoom).records.push(record);
          return Promise.resolve('recorded');
        },
      }),
  },
];
