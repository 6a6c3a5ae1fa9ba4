import fc from 'fast-check';
import type { ReleaseInput } from '../../../lambda/shared/contracts';
import { rollbackTarget } from '../../../lambda/shared/ledger';
import type { Execution } from '../../support/state-machine';
import { release, request, start } from './support/machine';
import { COOLDOWN_SECONDS, World, type Nature } from './support/world';

/** What may happen to an environment; a schedule is a list of these. */
type Happening =
  | { readonly what: 'register'; readonly nature: Nature }
  | {
      readonly what: 'approve' | 'reject' | 'ask for' | 'lift' | 'return by hand';
      readonly version: number;
      readonly through: boolean;
    }
  | { readonly what: 'alarm'; readonly late: boolean; readonly through: boolean }
  | { readonly what: 'go on'; readonly who: number; readonly states: number }
  | { readonly what: 'die'; readonly who: number }
  | { readonly what: 'time passes'; readonly seconds: number }
  | { readonly what: 'call fails'; readonly inCalls: number; readonly when: 'before' | 'after' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('register' as const),
      nature: fc.constantFrom<Nature>('sound', 'mute', 'mute', 'crashing'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'approve' as const,
        'approve' as const,
        'reject' as const,
        'ask for' as const,
        'lift' as const,
        'return by hand' as const,
      ),
      version: fc.integer({ min: 1, max: 5 }),
      through: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('alarm' as const), late: fc.boolean(), through: fc.boolean() }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('go on' as const),
      who: fc.nat({ max: 3 }),
      states: fc.constantFrom(1, 2, 5, 10, 20, 1000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('die' as const), who: fc.nat({ max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('time passes' as const), seconds: fc.constantFrom(60, 3600, 9 * 3600) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('call fails' as const),
      inCalls: fc.nat({ max: 12 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
);

/** Lives through a schedule, and keeps an eye on what always holds. */
class Life {
  public readonly world = new World();
  public readonly broken: string[] = [];
  private running: Execution[] = [];
  private started = 0;
  private lastServed: string | undefined;
  private failIn = -1;
  private failWhen: 'before' | 'after' = 'before';
  /** Versions that were approved when the lock was taken, or since. */
  private mayServe = new Set<string>();

  constructor() {
    for (const version of ['1', '2', '3']) this.world.register(version);
    this.world.fault = () => (this.failIn-- === 0 ? this.failWhen : undefined);
    this.world.watch = (act, version) => {
      this.lookAtAct(act, version);
    };
    this.world.watchCommit = (change, before) => {
      const { state } = change;
      if (state.generation < before.generation || state.generation > before.generation + 1) {
        this.broken.push(`generation went from ${String(before.generation)} to ${String(state.generation)}`);
      }
      const taken = state.lockOwner !== before.lockOwner && state.lockOwner !== undefined;
      if (taken && state.generation !== before.generation + 1)
        this.broken.push('the lock was taken without a new generation');
      if (taken) this.mayServe = new Set(this.approved());
      for (const record of change.releases ?? []) {
        if (record.action !== 'rollback' || record.outcome !== 'succeeded') continue;
        const known = this.world.versions.get(record.version);
        if (known?.status !== 'healthy')
          this.broken.push(`rolled back to ${record.version}, which is ${known?.status ?? 'unknown'}`);
        if (!record.requestedBy.startsWith('alarm:')) continue;
        const last = before.lastAutomaticRollbackAt;
        if (last !== undefined && Date.parse(last) + COOLDOWN_SECONDS * 1000 > this.world.now) {
          this.broken.push(`second automatic rollback within the cooldown that began at ${last}`);
        }
      }
    };
  }

  public async happen(event: Happening): Promise<void> {
    const { world } = this;
    switch (event.what) {
      case 'register':
        if (world.packages.size < 5) world.register(String(world.packages.size + 1), event.nature);
        break;
      case 'approve':
        this.decide(event.version, 'Approved');
        break;
      case 'reject':
        this.decide(event.version, 'Rejected');
        break;
      case 'ask for':
        this.ask({ version: String(event.version) });
        break;
      case 'lift':
        this.ask({ action: 'lift-quarantine', version: this.quarantined() ?? String(event.version) });
        break;
      case 'return by hand':
        this.ask({ action: 'rollback', version: this.world.state().healthy[1] ?? String(event.version) });
        break;
      case 'alarm':
        this.alarm(event.late);
        break;
      case 'go on':
        await this.goOn(event.who, event.states);
        break;
      case 'die':
        this.running = this.running.filter((_execution, index) => index !== event.who);
        break;
      case 'time passes':
        world.pass(event.seconds);
        break;
      case 'call fails':
        this.failIn = event.inCalls;
        this.failWhen = event.when;
    }
    if ('through' in event && event.through) await this.goOn(-1, 1000);
    this.lookAtTraffic();
  }

  /** Whoever still lives comes to an end; whoever died has left a lock that expires; then one more request comes. */
  public async settle(): Promise<void> {
    this.failIn = -1;
    while (this.running.length > 0) await this.goOn(0, 1000);
    this.world.pass(24 * 3600);
    await start(this.world, 'last', request({ version: '999' })).run();
    this.lookAtTraffic();
    const { current, lockOwner } = this.world.state();
    const serving = this.world.target.look();
    if (lockOwner !== undefined) this.broken.push(`the lock is still held by ${lockOwner}`);
    if (current === undefined) return;
    if (serving.state !== 'serving' || serving.deployment?.version !== current) {
      this.broken.push(`the ledger says ${current}, but the target is ${JSON.stringify(serving)}`);
    }
    if (this.world.natures.get(current) !== 'sound') this.broken.push(`version ${current} is recorded, but not sound`);
  }

  /** The system can still release a sound version, whatever happened. */
  public async recovers(): Promise<void> {
    this.world.register('42');
    const execution = await release(this.world, '42', 'recovery');
    if (execution.status !== 'SUCCEEDED') this.broken.push(`no release is possible any more: ${execution.cause ?? ''}`);
  }

  private decide(number: number, approval: 'Approved' | 'Rejected'): void {
    const version = String(1 + (number % this.world.packages.size));
    this.world.setApproval(version, approval);
    if (approval === 'Rejected') return;
    this.mayServe.add(version);
    this.ask({ version, requestedBy: 'registry approval' });
  }

  private approved(): string[] {
    return [...this.world.packages.values()]
      .filter(({ approval }) => approval === 'Approved')
      .map(({ version }) => version);
  }

  private quarantined(): string | undefined {
    return [...this.world.versions.values()].find(record => record.status === 'quarantined')?.version;
  }

  private alarm(late: boolean): void {
    const { current } = this.world.state();
    const from = late ? this.lastServed : current;
    this.lastServed = current;
    const to = from === undefined ? undefined : rollbackTarget(this.world.state(), from);
    if (from === undefined || to === undefined) return;
    this.ask({ action: 'rollback', version: to, from, requestedBy: 'alarm:drift' });
  }

  private ask(input: Partial<ReleaseInput> & { version: string }): void {
    this.started += 1;
    this.running.push(start(this.world, `e${String(this.started)}`, request(input)));
  }

  /** Lets an execution go on; -1 is the one that began last. */
  private async goOn(who: number, states: number): Promise<void> {
    const execution = this.running.at(who < 0 ? who : who % Math.max(this.running.length, 1));
    if (execution === undefined) return;
    for (let left = states; left > 0 && execution.status === 'RUNNING'; left--) {
      await execution.advance();
      this.lookAtTraffic();
    }
    if (execution.status === 'RUNNING') return;
    this.running = this.running.filter(other => other !== execution);
    if (execution.error?.startsWith('Unexpected') === true) this.broken.push(`the machine came to ${execution.error}`);
  }

  /** One writer: whoever acts holds the lock. What moves was approved and is not quarantined, or served soundly before. */
  private lookAtAct(act: string, version: string | undefined): void {
    const { lockOwner, current } = this.world.state();
    if (lockOwner !== this.world.actor)
      this.broken.push(`${act} by ${this.world.actor}, but the lock is ${lockOwner ?? 'free'}`);
    if (version === undefined) return;
    if (act === 'retire' && this.world.target.look().deployment?.version === version) {
      this.broken.push(`version ${version} was retired while it served`);
    }
    if (act !== 'shift' || version === current) return;
    if (!this.mayServe.has(version)) this.broken.push(`version ${version} was shifted to without being approved`);
    if (this.world.versions.get(version)?.status === 'quarantined') {
      this.broken.push(`version ${version} was shifted to while it was quarantined`);
    }
  }

  /** Once a version was recorded, something always answers. */
  private lookAtTraffic(): void {
    if (this.world.state().current === undefined) return;
    const { state, deployment } = this.world.target.look();
    if (state === 'absent' || state === 'broken' || deployment === undefined) {
      this.broken.push(`traffic is without a version: ${state}`);
    }
  }
}

/** Three versions have served, so that there is somewhere to go back to, twice. */
async function begin(): Promise<Life> {
  const life = new Life();
  for (const version of [0, 1, 2]) await life.happen({ what: 'approve', version, through: true });
  return life;
}

/** More with `RELEASE_SCHEDULES=10000`. */
const SCHEDULES = Number(process.env.RELEASE_SCHEDULES ?? 60);

test('what always holds, holds in every schedule of approvals, alarms, deaths and faults', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async schedule => {
      // GIVEN
      const life = await begin();

      // WHEN
      for (const event of schedule) await life.happen(event);
      await life.settle();
      await life.recovers();

      // THEN
      expect(life.broken).toEqual([]);
    }),
    { numRuns: SCHEDULES },
  );
}, 600_000);

test('the schedules reach what they are to test', async () => {
  const wanted = [
    'lift-quarantine refused',
    'lift-quarantine succeeded',
    'release failed',
    'release refused',
    'release succeeded',
    'release undone',
    'rollback refused',
    'rollback succeeded',
  ];
  const seen = new Set<string>();
  for (const schedule of fc.sample(fc.array(happening, { minLength: 30, maxLength: 40 }), { seed: 1, numRuns: 200 })) {
    const life = await begin();
    for (const event of schedule) await life.happen(event);
    await life.settle();
    for (const { action, outcome } of life.world.releases) seen.add(`${action} ${outcome}`);
    if (wanted.every(ending => seen.has(ending))) break;
  }
  expect([...seen]).toEqual(expect.arrayContaining(wanted));
});
