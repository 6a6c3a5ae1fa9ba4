import type { ReconcilerPorts } from '../../../lambda/release-reconciler/reconcile';
import type { DriftRecord } from '../../../lambda/shared/ledger';
import { Commands } from '../../../lambda/shared/release-commands';
import { MODEL, type World } from '../release-step/support/world';

/** What the reconciler sees of a world; people are told once of each drift. */
export function reconcilerPorts(
  world: World,
  start: (name: string, input: object) => void,
  told = (): void => undefined,
): ReconcilerPorts {
  const drifts = new Map<string, DriftRecord>();
  const keyOf = (generation: number, serves: string): string => `${generation} ${serves}`;
  return {
    models: () => world.call('reconciler.models', () => [MODEL]),
    state: () => world.call('reconciler.state', () => world.state()),
    serving: () => world.serving.current(),
    tend: (_model, since) => world.serving.tend(since),
    startRelease: (name, input) =>
      world.call('reconciler.startRelease', () => {
        start(name, input);
      }),
    idle: () => Promise.resolve(world.settings?.idle),
    hold: () => world.call('reconciler.hold', () => world.holds.get(MODEL) ?? { model: MODEL, generation: 0 }),
    waiting: () => world.call('reconciler.waiting', () => world.waiting),
    drift: (_model, generation, serves) => world.call('reconciler.drift', () => drifts.get(keyOf(generation, serves))),
    appendDrift: (_model, record) =>
      world.call('reconciler.appendDrift', () => {
        drifts.set(keyOf(record.generation, record.serves), record);
      }),
    tell: () => world.call('reconciler.tell', told),
    publish: () => world.call('reconciler.publish', () => undefined),
    commands: new Commands('arn:aws:states:eu-west-1:000000000000:stateMachine:releases', 'local'),
    now: () => new Date(world.now),
  };
}
