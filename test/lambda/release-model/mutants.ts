import type { SweepPorts } from '../../../lambda/reaction/sweep';
import type { LedgerPort, RegistryPort } from '../../../lambda/release-step/ports';
import { result } from '../../../lambda/release-step/step-context';
import type { VersionRequest } from '../../../lambda/shared/contracts';
import type { LedgerState } from '../../../lambda/shared/ledger';
import { SCHEMA } from '../release-step/support/world';
import type { ModelWorld } from './model-world';
import type { Mutant } from './mutant';

/** A ledger with some of its operations replaced. */
function ledger(change: (ledger: LedgerPort, world: ModelWorld) => Partial<LedgerPort>): Mutant['ports'] {
  return (ports, world) => ({ ...ports, ledger: { ...ports.ledger, ...change(ports.ledger, world) } });
}

/** A state that is read otherwise than it is; what is written is put back on what is. */
function misread(misreading: (state: LedgerState, world: ModelWorld) => LedgerState): Mutant['ports'] {
  return ledger((port, world) => ({
    state: async model => misreading(await port.state(model), world),
    commit: change => port.commit({ ...change, expected: world.state() }),
  }));
}

function registry(change: (registry: RegistryPort) => Partial<RegistryPort>): Mutant['ports'] {
  return ports => ({ ...ports, registry: { ...ports.registry, ...change(ports.registry) } });
}

/** The reaction's ports, some of them replaced. */
function reaction(change: (ports: SweepPorts) => Partial<SweepPorts>): Mutant['reaction'] {
  return ports => Object.assign(Object.create(ports) as SweepPorts, change(ports));
}

/** Each breaks one guard; the model test must notice every one. */
export const MUTANTS: readonly Mutant[] = [
  {
    guard: 'a release waits while another one holds the lock',
    breaks: '2',
    ports: misread((state, world) =>
      world.input?.step === 'acquire' ? { ...state, lockOwner: undefined, lockExpiresAt: undefined } : state,
    ),
  },
  {
    guard: 'a writer that lost the lock is refused',
    breaks: '2',
    ports: misread((state, { input }) => {
      if (input === undefined || input.step === 'acquire' || input.journal === undefined) return state;
      return { ...state, lockOwner: input.execution, generation: input.journal.generation };
    }),
  },
  {
    guard: 'each taking of the lock has its own generation',
    breaks: '2',
    ports: misread((state, { input }) =>
      input?.step === 'acquire' && state.lockOwner !== input.execution && state.generation > 0
        ? { ...state, generation: state.generation - 1 }
        : state,
    ),
  },
  {
    guard: 'the lock of a dead execution expires',
    breaks: '6',
    ports: ledger(port => ({
      state: async model => {
        const state = await port.state(model);
        return state.lockExpiresAt === undefined ? state : { ...state, lockExpiresAt: '9999-12-31T00:00:00.000Z' };
      },
      commit: async change => {
        const { lockExpiresAt } = await port.state(change.state.model);
        return port.commit({ ...change, expected: { ...change.expected, lockExpiresAt } });
      },
    })),
  },
  {
    guard: 'a rollback that died is finished before anything else is done',
    breaks: '6',
    ports: misread((state, { input }) =>
      input?.step === 'acquire' && state.underway !== undefined && state.lockOwner !== input.execution
        ? { ...state, underway: { ...state.underway, action: 'release' } }
        : state,
    ),
  },
  {
    guard: 'only what is approved serves',
    breaks: '1',
    ports: registry(port => ({
      describe: async (model, version) => {
        const packaged = await port.describe(model, version);
        return packaged === undefined ? undefined : { ...packaged, approval: 'Approved' };
      },
    })),
  },
  {
    guard: 'what is quarantined does not serve',
    breaks: '1',
    ports: ledger(port => ({
      version: async (model, version) => {
        const known = await port.version(model, version);
        return known?.status === 'quarantined' ? { ...known, status: 'retired' } : known;
      },
    })),
  },
  {
    guard: 'what was rolled back is quarantined and rejected',
    breaks: 'liveness',
    ports: ledger(port => ({
      commit: change =>
        port.commit({ ...change, versions: change.versions?.filter(({ status }) => status !== 'quarantined') }),
    })),
  },
  {
    guard: 'one automatic rollback for each cooldown',
    breaks: '4',
    ports: ports => ({ ...ports, settings: { ...ports.settings, cooldownSeconds: () => Promise.resolve(0) } }),
    reaction: reaction(ports => ({
      settings: async model => {
        const settings = await ports.settings(model);
        return settings === undefined ? undefined : { ...settings, cooldownSeconds: 0 };
      },
    })),
  },
  {
    guard: 'a hold stops approvals and alarms',
    breaks: 'hold',
    ports: ledger(() => ({ hold: model => Promise.resolve({ model, generation: 0 }) })),
    reaction: reaction(() => ({ hold: model => Promise.resolve({ model, generation: 0 }) })),
  },
  {
    guard: 'a shadow gives way to a rollback',
    breaks: 'way',
    ports: ledger(() => ({ waiting: () => Promise.resolve(undefined) })),
  },
  {
    guard: 'a rollback goes only to what was healthy here',
    breaks: '3',
    ports: ledger((port, world) => ({
      state: async model => {
        const state = await port.state(model);
        if (world.input?.step !== 'eligible' || state.current === undefined) return state;
        return { ...state, healthy: [...new Set([...state.healthy, ...world.packages.keys()])] };
      },
      version: async (model, version) =>
        (await port.version(model, version)) ?? { version, status: 'healthy', reason: '', at: '', by: '' },
    })),
  },
  {
    guard: 'what has lost its artifact does not serve',
    breaks: 'whole',
    ports: registry(() => ({ artifact: () => Promise.resolve({}) })),
  },
  {
    guard: 'what has lost its image does not serve',
    breaks: 'whole',
    ports: registry(() => ({ image: () => Promise.resolve({ state: 'elsewhere' }) })),
  },
  {
    guard: 'what has lost its baseline does not serve',
    breaks: 'whole',
    ports: registry(port => ({
      describe: async (model, version) => {
        const packaged = await port.describe(model, version);
        return packaged === undefined ? undefined : { ...packaged, baselineUri: undefined };
      },
    })),
  },
  {
    guard: 'an approval makes nothing serve that could not answer what callers send',
    breaks: 'callers',
    ports: registry(port => ({
      baseline: async uri => {
        const stored = await port.baseline(uri);
        if (stored.state === 'lost') return stored;
        return { state: 'found', baseline: { ...stored.baseline, schema: SCHEMA } };
      },
    })),
  },
  {
    guard: 'a rollback is not refused for a schema',
    breaks: 'way back',
    ports: (ports, world) => ({
      ...ports,
      registry: {
        ...ports.registry,
        baseline: async uri => {
          const wanted = [...world.packages.values()].find(({ baselineUri }) => baselineUri === uri)?.version ?? '';
          const more = world.features(wanted) > world.features(world.state().current ?? '');
          const { action } = (world.input?.request ?? {}) as Partial<VersionRequest>;
          if (action !== 'rollback' || !more) return ports.registry.baseline(uri);
          return { state: 'lost', problem: 'it needs what is not sent' };
        },
      },
    }),
  },
  {
    guard: 'a rollback passes over what has lost something',
    breaks: 'way back',
    step: async (run, input) => {
      const judged = await run(input);
      if (input.step !== 'eligible' || judged.journal.passedOver === undefined) return judged;
      return result('refused', judged.journal, { ending: { outcome: 'refused', detail: 'it is gone', youMay: [] } });
    },
  },
  {
    guard: 'what serves is proven by a prediction',
    breaks: '6',
    step: async (run, input) =>
      input.step === 'verify' && input.journal !== undefined ? result('verified', input.journal) : run(input),
  },
  {
    guard: 'a release that failed is undone',
    breaks: '6',
    step: async (run, input) =>
      input.step === 'undo' && input.journal !== undefined
        ? result('undone', input.journal, { ending: { outcome: 'undone', detail: 'nothing was done', youMay: [] } })
        : run(input),
  },
  {
    guard: 'what somebody moved by hand is left alone',
    breaks: 'hand',
    ports: misread((state, { input, packages }) =>
      input?.step === 'eligible' ? { ...state, movedTo: [...packages.keys()] } : state,
    ),
  },
  {
    guard: 'the version to go back to is kept',
    breaks: '6',
    ports: ledger((port, world) => ({
      state: async model => {
        const state = await port.state(model);
        return world.input?.step === 'conclude' ? { ...state, healthy: [] } : state;
      },
      commit: change =>
        port.commit(
          world.input?.step === 'conclude'
            ? { ...change, state: { ...change.state, healthy: world.state().healthy } }
            : change,
        ),
    })),
  },
  {
    guard: 'an approval that comes late displaces nothing',
    breaks: '5',
    ports: (ports, world) => ({
      ...ports,
      registry: {
        ...ports.registry,
        describe: async (model, version) => {
          const packaged = await ports.registry.describe(model, version);
          return packaged === undefined ? undefined : { ...packaged, approvedAt: undefined };
        },
      },
      ledger: {
        ...ports.ledger,
        version: async (model, version) => {
          const known = await ports.ledger.version(model, version);
          return known === undefined || world.input?.step !== 'eligible' ? known : { ...known, approvedAt: undefined };
        },
      },
    }),
  },
  {
    guard: 'the same approval starts one release',
    breaks: '5',
    trigger: ports => {
      let starts = 0;
      return { ...ports, start: (name, input) => ports.start(`${name}-${++starts}`, input) };
    },
  },
  {
    guard: 'the same alarm starts one rollback',
    breaks: '5',
    reaction: ports => {
      let starts = 0;
      return Object.assign(Object.create(ports) as SweepPorts, {
        recorded: () => Promise.resolve(undefined),
        reactions: () => Promise.resolve([]),
        startRelease: (name: string, input: VersionRequest) => ports.startRelease(`${name}-${++starts}`, input),
      });
    },
  },
  {
    guard: 'every release leaves a record',
    breaks: '8',
    ports: ledger(port => ({
      append: () => Promise.resolve(),
      commit: change => port.commit({ ...change, releases: [] }),
    })),
  },
  {
    guard: 'a person is told of every end',
    breaks: '8',
    ports: ports => ({ ...ports, notifier: { tell: () => Promise.resolve() } }),
  },
  {
    guard: 'a regression of a young version is rolled back',
    breaks: 'liveness',
    reaction: reaction(ports => ({
      alarms: async names => (await ports.alarms(names)).map(alarm => ({ ...alarm, red: false })),
    })),
  },
];
