import { type Findings, reconcile, type ReconcilerPorts } from '../../../lambda/release-reconciler/reconcile';
import type { Serving, ServingSince } from '../../../lambda/release-step/serving-target';
import {
  releaseInput,
  type IdleRequest,
  type IdleSettings,
  type ReconcileRequest,
} from '../../../lambda/shared/contracts';
import type { DriftRecord, HoldState, LedgerState, Waiting } from '../../../lambda/shared/ledger';
import type { Notification } from '../../../lambda/shared/notify';
import { Commands } from '../../../lambda/shared/release-commands';

const EXPIRED = '2026-11-24T00:00:00.000Z';
const serves = (version: string): Serving => ({ state: 'serving', deployment: { id: `d-${version}`, version } });

/** Version 2 of 'rain' should serve, and does. */
class World implements ReconcilerPorts {
  readonly states: LedgerState[] = [{ model: 'rain', current: '2', healthy: ['2', '1'], generation: 7 }];
  readonly endpoints = new Map<string, Serving | Error>([['rain', serves('2')]]);
  readonly started = new Map<string, ReconcileRequest | IdleRequest>();
  settings: IdleSettings | undefined;
  held: HoldState = { model: 'rain', generation: 0 };
  readonly drifts: DriftRecord[] = [];
  readonly tended: (string | undefined)[] = [];
  readonly told: Notification[] = [];
  readonly published: [number, boolean][] = [];
  seen: Findings['models'] = new Map();
  readonly commands = new Commands('arn:aws:states:eu-west-1:111111111111:stateMachine:releases', 'local');
  time = Date.parse(EXPIRED);
  waits: Waiting | undefined;
  /** Happens between the first and the second look at the ledger. */
  meanwhile: () => void = () => undefined;

  change(change: Partial<LedgerState>): this {
    this.states[0] = { ...this.states[0], ...change };
    return this;
  }
  models(): Promise<string[]> {
    return Promise.resolve(this.states.map(({ model }) => model));
  }
  state(model: string): Promise<LedgerState> {
    const found = this.states.find(state => state.model === model);
    return found === undefined ? Promise.reject(new Error('no such model')) : Promise.resolve(found);
  }
  serving(model: string): Promise<Serving | undefined> {
    const found = this.endpoints.get(model);
    this.meanwhile();
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  }
  tend(model: string, { activatedAt }: ServingSince): Promise<void> {
    this.tended.push(model, activatedAt);
    return Promise.resolve();
  }
  startRelease(name: string, input: ReconcileRequest | IdleRequest): Promise<void> {
    this.started.set(name, input);
    return Promise.resolve();
  }
  idle(): Promise<IdleSettings | undefined> {
    return Promise.resolve(this.settings);
  }
  hold(): Promise<HoldState> {
    return Promise.resolve(this.held);
  }
  waiting(): Promise<Waiting | undefined> {
    return Promise.resolve(this.waits);
  }
  drift(_model: string, generation: number, what: string): Promise<DriftRecord | undefined> {
    return Promise.resolve(this.drifts.find(drift => drift.generation === generation && drift.serves === what));
  }
  appendDrift(_model: string, record: DriftRecord): Promise<void> {
    this.drifts.push(record);
    return Promise.resolve();
  }
  tell(notification: Notification): Promise<void> {
    this.told.push(notification);
    return Promise.resolve();
  }
  publish({ drifted, complete, models }: Findings): Promise<void> {
    this.published.push([drifted, complete]);
    this.seen = models;
    return Promise.resolve();
  }
  now(): Date {
    return new Date(this.time);
  }
}

const UNDERWAY = {
  id: 'dead',
  action: 'release' as const,
  version: '3',
  requestedBy: 'ann',
  reason: 'r',
  startedAt: EXPIRED,
};
const LOCKED = { lockOwner: 'arn:dead', lockExpiresAt: EXPIRED, underway: UNDERWAY };

describe('a lock that has expired', () => {
  test('has the release machine finish or undo what its owner left', async () => {
    const world = new World().change(LOCKED);

    await reconcile(world);

    const input = releaseInput.parse(world.started.get('reconcile-rain-7-0'));
    expect(input).toEqual({
      action: 'reconcile',
      model: 'rain',
      requestedBy: 'reconciler',
      reason: `the execution of 'dead' died: its lock expired at ${EXPIRED}`,
    });
  });

  test('makes one execution, and another one an hour later if none took the lock', async () => {
    const world = new World().change(LOCKED);
    for (const minutes of [0, 5, 59, 60]) {
      world.time = Date.parse(EXPIRED) + minutes * 60_000;
      await reconcile(world);
    }
    expect([...world.started.keys()]).toEqual(['reconcile-rain-7-0', 'reconcile-rain-7-1']);
  });

  test('of a model that was removed is left alone: a refusal each hour tells nobody anything', async () => {
    const world = new World().change(LOCKED);
    world.endpoints.clear();
    await reconcile(world);
    expect(world.started.size).toBe(0);
    expect(world.published).toEqual([[0, true]]);
  });

  test('is left alone until it has', async () => {
    const world = new World().change({ ...LOCKED, lockExpiresAt: '2026-11-24T00:00:01.000Z' });
    await reconcile(world);
    expect(world.started.size).toBe(0);
  });

  test('of a model with the longest name makes a name that Step Functions takes', async () => {
    const model = 'm'.repeat(63);
    const world = new World().change({ ...LOCKED, model, generation: 123_456_789 });
    world.endpoints.set(model, serves('2'));
    world.time += 90 * 24 * 3_600_000;
    await reconcile(world);
    expect([...world.started.keys()][0]?.length).toBeLessThanOrEqual(80);
  });
});

describe('drift', () => {
  const drifted = (): World => {
    const world = new World();
    world.endpoints.set('rain', serves('1'));
    return world;
  };

  test('is told to a person once, recorded, and counted at each look', async () => {
    const world = drifted();

    await reconcile(world);
    await reconcile(world);

    expect(world.told).toHaveLength(1);
    expect(world.told[0]?.what).toContain("version 2 should serve, but what serves is version 1 by 'd-1'");
    expect(world.drifts).toEqual([{ current: '2', serves: "version 1 by 'd-1'", at: EXPIRED, generation: 7 }]);
    expect(world.published).toEqual([
      [1, true],
      [1, true],
    ]);
  });

  test('is told with a way back that is at once and heeds no alarm, not with a release', async () => {
    const world = drifted();
    await reconcile(world);
    const youMay = world.told[0]?.youMay.join('\n') ?? '';
    expect(youMay).toContain('bring version 2 back, at once: \n    npx mlops rollback rain --to 2 ');
    expect(youMay).not.toContain('mlops release');
  });

  test('moves no traffic', async () => {
    const world = drifted();
    await reconcile(world);
    expect(world.started.size).toBe(0);
  });

  test('to yet something else, or after another release, is told again', async () => {
    const world = drifted();
    await reconcile(world);
    world.endpoints.set('rain', { state: 'absent' });
    await reconcile(world);
    world.change({ generation: 8 });
    await reconcile(world);
    expect(world.told).toHaveLength(3);
  });

  test('that could not be told is told at the next look', async () => {
    const world = drifted();
    const tell = world.tell.bind(world);
    world.tell = () => Promise.reject(new Error('throttled'));
    await expect(reconcile(world)).rejects.toThrow("'rain': Error: throttled");
    world.tell = tell;
    await reconcile(world);
    expect(world.told).toHaveLength(1);
  });

  test('is none while a release is under way', async () => {
    const world = drifted().change({ ...LOCKED, lockExpiresAt: '2027-01-01T00:00:00.000Z' });
    await reconcile(world);
    expect(world.published).toEqual([[0, true]]);
  });

  test.each([
    ['began', LOCKED],
    ['began and ended', { current: '1', generation: 8 }],
  ])('is none when a release %s between the two looks', async (_what, change) => {
    const world = drifted();
    world.meanwhile = () => void world.change(change);
    await reconcile(world);
    expect(world.told).toEqual([]);
  });

  test.each<[string, Serving]>([
    ['nothing', { state: 'absent' }],
    ['a broken endpoint', { state: 'broken', deployment: { id: 'd-2', version: '2' } }],
    ['something that no release made', { state: 'serving', deployment: { id: 'by-hand', version: 'unknown' } }],
    ['two fleets at once', { state: 'serving' }],
    ['a way to another version', { ...serves('2'), state: 'moving', towards: { id: 'd-1', version: '1' } }],
  ])('is %s', async (_what, serving) => {
    const world = new World();
    world.endpoints.set('rain', serving);
    await reconcile(world);
    expect(world.told).toHaveLength(1);
  });

  test.each<[string, Serving]>([
    ['a change of instances', { ...serves('2'), state: 'moving', towards: { id: 'd-2', version: '2' } }],
    ["AWS's own upkeep", { ...serves('2'), state: 'moving' }],
    ['a change of capacity', { ...serves('2'), busy: true }],
  ])('is not %s', async (_what, serving) => {
    const world = new World();
    world.endpoints.set('rain', serving);
    await reconcile(world);
    expect(world.told).toEqual([]);
  });

  test('is what serves although nothing was ever released', async () => {
    const world = new World().change({ current: undefined });
    await reconcile(world);
    expect(world.told[0]?.what).toContain('no version was ever released');
  });

  test('is nothing where nothing was released and nothing serves, or the model was removed', async () => {
    const fresh = new World().change({ current: undefined });
    fresh.endpoints.set('rain', { state: 'absent' });
    await reconcile(fresh);
    const removed = new World();
    removed.endpoints.clear();
    await reconcile(removed);
    expect([...fresh.told, ...removed.told]).toEqual([]);
  });
});

describe('a version that shadows although no release is under way', () => {
  const shadowed: Serving = { ...serves('2'), shadow: { id: 'd-3', version: '3' } };

  test('is ended by the release machine, once in an hour', async () => {
    const world = new World();
    world.endpoints.set('rain', shadowed);
    await reconcile(world);
    await reconcile(world);
    expect([...world.started.values()]).toEqual([
      expect.objectContaining({
        action: 'reconcile',
        reason: "version 3 shadows version 2, and no release of 'rain' is under way",
      }),
    ]);
    world.time += 3_600_000;
    await reconcile(world);
    expect(world.started.size).toBe(2);
    for (const name of world.started.keys()) expect(name.length).toBeLessThanOrEqual(80);
    expect(world.told).toEqual([]);
  });

  test.each<[string, (world: World) => void]>([
    [
      'somebody waits who ends it',
      world => {
        world.waits = { id: 'r', action: 'rollback', version: '1', requestedBy: 'ann', at: EXPIRED };
      },
    ],
    ['a release has the lock', world => world.change({ ...LOCKED, lockExpiresAt: '2027-01-01T00:00:00.000Z' })],
    [
      'one took it meanwhile',
      world => {
        world.meanwhile = () => world.change({ lockOwner: 'arn:other', lockExpiresAt: '2027-01-01T00:00:00.000Z' });
      },
    ],
  ])('is left alone while %s', async (_, arrange) => {
    const world = new World();
    world.endpoints.set('rain', shadowed);
    arrange(world);
    await reconcile(world);
    expect(world.started.size).toBe(0);
  });
});

describe('traffic that stands divided although no release is under way', () => {
  const divided: Serving = {
    ...serves('2'),
    state: 'moving',
    towards: { id: 'd-3', version: '3' },
    yields: true,
    returns: true,
  };
  const left = (serving: Serving, movedTo?: string[]): World => {
    const world = new World().change({ movedTo });
    world.endpoints.set('rain', serving);
    return world;
  };

  test('is brought together by the release machine, which tries every ten minutes', async () => {
    const world = left(divided, ['3']);
    await reconcile(world);
    await reconcile(world);
    expect([...world.started.values()]).toEqual([
      expect.objectContaining({
        action: 'reconcile',
        reason: "traffic is on the way from version 2 to version 3, and no release of 'rain' is under way",
      }),
    ]);
    world.time += 600_000;
    await reconcile(world);
    expect(world.started.size).toBe(2);
    for (const name of world.started.keys()) expect(name.length).toBeLessThanOrEqual(80);
    expect(world.told).toEqual([]);
  });

  test.each<[string, Serving, string[]]>([
    ['what it came from cannot answer', { ...divided, returns: false }, ['3']],
    ['no release began it', divided, []],
    ['the target goes on with it by itself', { ...divided, yields: undefined, returns: undefined }, ['3']],
  ])('is told of and left alone while %s', async (_, serving, movedTo) => {
    const world = left(serving, movedTo);
    await reconcile(world);
    expect(world.started.size).toBe(0);
    expect(world.told).toHaveLength(1);
  });
});

describe('a version that serves where a way back has left it', () => {
  const outOfPlace: Serving = { ...serves('2'), outOfPlace: true };

  test('is brought home by the release machine, which tries four times a day', async () => {
    const world = new World();
    world.endpoints.set('rain', outOfPlace);
    for (const hours of [0, 1, 6, 12, 18, 23]) {
      world.time = Date.parse(EXPIRED) + hours * 3_600_000;
      await reconcile(world);
    }
    expect(world.started.size).toBe(4);
    expect(releaseInput.parse([...world.started.values()][0])).toMatchObject({
      action: 'reconcile',
      reason: "version 2 serves where a rollback left it, without scaling, and no release of 'rain' is under way",
    });
    for (const name of world.started.keys()) expect(name.length).toBeLessThanOrEqual(80);
  });

  test('is no drift: it is the version that the ledger says', async () => {
    const world = new World();
    world.endpoints.set('rain', outOfPlace);
    await reconcile(world);
    expect(world.published).toEqual([[0, true]]);
    expect(world.told).toEqual([]);
  });

  test('is left alone while it changes: it may be on its way home', async () => {
    const world = new World();
    world.endpoints.set('rain', { ...outOfPlace, busy: true });
    await reconcile(world);
    expect(world.started.size).toBe(0);
  });
});

test.each<[string, Partial<Serving>]>([
  ['a shadow beside it', { shadow: { id: 'd-3', version: '3' } }],
  ['itself at the place of a standby', { outOfPlace: true }],
])('a version that was moved by hand, with %s, is told of and left alone', async (_, left) => {
  const world = new World();
  world.endpoints.set('rain', { ...serves('1'), ...left });
  await reconcile(world);
  expect(world.started.size).toBe(0);
  expect(world.told).toHaveLength(1);
});

describe('what serves is tended', () => {
  test('where it is what the ledger says', async () => {
    const world = new World().change({ activatedAt: EXPIRED });
    await reconcile(world);
    expect(world.tended).toEqual(['rain', EXPIRED]);
  });

  test('not where it is something else, nor while a release is under way', async () => {
    const drifted = new World();
    drifted.endpoints.set('rain', serves('1'));
    await reconcile(drifted);
    const busy = new World().change({ ...LOCKED, lockExpiresAt: '2027-01-01T00:00:00.000Z' });
    await reconcile(busy);
    expect([...drifted.tended, ...busy.tended]).toEqual([]);
  });
});

describe('what serves is published', () => {
  test('by its version in the ledger, and by its instances, while a release is under way too', async () => {
    const world = new World();
    world.endpoints.set('rain', { ...serves('1'), instances: 0 });
    const busy = new World().change({ ...LOCKED, lockExpiresAt: '2027-01-01T00:00:00.000Z' });
    busy.endpoints.set('rain', { ...serves('2'), instances: 3 });
    await reconcile(world);
    await reconcile(busy);

    expect([...world.seen]).toEqual([['rain', { version: '2', instances: 0 }]]);
    expect([...busy.seen]).toEqual([['rain', { version: '2', instances: 3 }]]);
  });

  test('without what is not known: a version that was never released, instances that nobody counts', async () => {
    const world = new World().change({ current: undefined });
    world.endpoints.set('rain', { state: 'absent' });
    await reconcile(world);
    expect([...world.seen]).toEqual([['rain', {}]]);
  });

  test('not of a model that the environment has no more', async () => {
    const world = new World();
    world.endpoints.clear();
    await reconcile(world);
    expect([...world.seen]).toEqual([]);
  });
});

test('one model that fails stops none of the others, and the heartbeat is missing', async () => {
  const world = new World();
  world.states.unshift({ model: 'broken', current: '1', healthy: ['1'], generation: 1 });
  world.endpoints.set('broken', new Error('throttled'));
  world.endpoints.set('rain', serves('1'));

  await expect(reconcile(world)).rejects.toThrow("1 of 2 models failed: 'broken': Error: throttled");

  expect(world.told).toHaveLength(1);
  expect(world.published).toEqual([[1, false]]);
});

describe('a model with hours', () => {
  const AWAKE = { days: ['TUE' as const], from: '07:00', to: '20:00', timeZone: 'Europe/Berlin' };
  const ASLEEP = { since: '2026-11-23T19:00:00.000Z', requestedBy: 'schedule:idle', reason: 'r' };
  const at = (time: string): World => {
    const world = new World().change({ activatedAt: '2026-11-24T12:00:00.000Z' });
    world.settings = { awake: AWAKE };
    world.time = Date.parse(`2026-11-24T${time}:00.000Z`);
    return world;
  };

  test('is put to sleep by the release machine when they are over', async () => {
    const world = at('19:00');

    await reconcile(world);

    const [name, input] = [...world.started][0] ?? [];
    expect(name).toMatch(/^sleep-rain-\d+$/);
    expect(releaseInput.parse(input)).toMatchObject({ action: 'sleep', model: 'rain', requestedBy: 'schedule:idle' });
    expect(world.tended).toEqual([]);
  });

  test('is asked for once by looks that follow each other, and again after an hour', async () => {
    const world = at('19:01');

    await reconcile(world);
    world.time += 5 * 60_000;
    await reconcile(world);
    expect(world.started.size).toBe(1);
    world.time += 3_600_000;
    await reconcile(world);

    expect(world.started.size).toBe(2);
  });

  test('is left as it is while a person holds it', async () => {
    const world = at('19:00');
    const hold = { until: '2026-11-25T00:00:00.000Z', reason: 'r', requestedBy: 'ann', since: EXPIRED };
    world.held = { model: 'rain', generation: 1, hold };

    await reconcile(world);

    expect(world.started.size).toBe(0);
    expect(world.tended).toEqual(['rain', '2026-11-24T12:00:00.000Z']);
  });

  test('is neither drift nor tended while it sleeps, and has no instance and no serving version', async () => {
    const world = at('05:59').change({ asleep: ASLEEP });
    world.endpoints.set('rain', { state: 'absent' });

    await reconcile(world);

    expect([world.told, world.tended, world.published]).toEqual([[], [], [[0, true]]]);
    expect(world.seen.get('rain')).toEqual({ instances: 0 });
    expect(world.started.size).toBe(0);
  });

  test('is woken when they begin', async () => {
    const world = at('06:00').change({ asleep: ASLEEP });
    world.endpoints.set('rain', { state: 'absent' });

    await reconcile(world);

    expect([...world.started.values()]).toMatchObject([{ action: 'wake', requestedBy: 'schedule:idle' }]);
  });

  test('is not moved while something else serves than should, of which a person is told', async () => {
    const world = at('05:59').change({ asleep: ASLEEP });
    world.endpoints.set('rain', serves('2'));

    await reconcile(world);

    expect(world.started.size).toBe(0);
    expect(world.drifts).toMatchObject([{ current: '2', asleep: true }]);
    expect(world.told[0]?.what).toContain('version 2 should sleep');
    expect(world.told[0]?.youMay.join()).toContain('mlops wake rain');
  });
});
