import { setImmediate as quiet } from 'node:timers/promises';
import { STEP_BEGINS, type ModelWorld } from './model-world';
import type { Watch } from './watch';

/** The longest time that a step may take; its function is stopped then (`STEP_TIMEOUT` of the release controller). */
const STEP_MS = 120_000;

/** Who goes on, among those who can, and for how many calls to the outside. */
export interface Turn {
  readonly who: number;
  readonly calls: number;
}

/** Somebody who acts, and what world and watch knew of who acts when it acted last. */
interface Actor {
  readonly name: string;
  actor: string;
  input: ModelWorld['input'];
  source: Watch['source'];
  stepBegan: number;
  wakesAt: number;
}

/** A call to the outside that is about to be made. */
interface Waiting {
  readonly by: Actor;
  readonly go: () => void;
}

/**
 * Several who act at the same time: each call to the outside of any of them waits until it is its turn, so between what
 * one reads and what it writes the others may do whatever they do. Time passes when all sleep.
 */
export class Crowd {
  /** In the order in which they came. */
  private readonly actors: Actor[] = [];
  private waiting: Waiting[] = [];
  private now: Actor | undefined;
  private readonly failed: unknown[] = [];

  constructor(
    private readonly world: ModelWorld,
    private readonly watch: Watch,
    private readonly turns: readonly Turn[],
  ) {
    world.turn = call => this.wait(call);
  }

  /** Somebody more. */
  public join(name: string, act: () => Promise<void>): void {
    const by: Actor = { name, actor: '', input: undefined, source: undefined, stepBegan: 0, wakesAt: 0 };
    this.actors.push(by);
    this.waiting.push({
      by,
      go: () => {
        act().catch((error: unknown) => this.failed.push(error));
      },
    });
  }

  /** Somebody dies, between two calls. */
  public leave(name: string): void {
    this.waiting = this.waiting.filter(({ by }) => by.name !== name);
  }

  /** Whoever acts now does nothing for a while. */
  public sleep(seconds: number): void {
    if (this.now !== undefined) this.now.wakesAt = this.world.now + seconds * 1000;
  }

  /** Lets them act until all have come to their end. */
  public async disperse(): Promise<void> {
    for (let turn = 0; this.waiting.length > 0; turn++) {
      const { who, calls } = this.turns[turn % this.turns.length] ?? { who: turn, calls: 1 };
      const chosen = this.awake(who);
      for (let left = calls; left > 0; left--) {
        const next = this.waiting.find(({ by }) => by === chosen);
        if (next === undefined || chosen.wakesAt > this.world.now) break;
        await this.letGo(next);
      }
    }
    this.world.turn = () => undefined;
    if (this.failed.length > 0) throw this.failed[0];
  }

  /** One of those who do not sleep; time passes until there is one. */
  private awake(who: number): Actor {
    const alive = this.actors.filter(actor => this.waiting.some(({ by }) => by === actor));
    const earliest = Math.min(...alive.map(({ wakesAt }) => wakesAt));
    this.world.now = Math.max(this.world.now, earliest);
    const awake = alive.filter(({ wakesAt }) => wakesAt <= this.world.now);
    return awake[who % awake.length] as Actor;
  }

  private async letGo(next: Waiting): Promise<void> {
    const { world, watch } = this;
    const { by } = next;
    this.waiting = this.waiting.filter(other => other !== next);
    this.now = by;
    [world.actor, world.input, watch.source] = [by.actor, by.input, by.source];
    next.go();
    // all there is are promises: when nothing is left to run, it waits again, or has come to its end
    await quiet();
    [by.actor, by.input, by.source] = [world.actor, world.input, watch.source];
    this.now = undefined;
  }

  /** Between two calls of one step no more time passes than it may take: it is stopped then, and tried again. */
  private async wait(call: string): Promise<void> {
    const by = this.now;
    if (by === undefined) throw new Error(`'${call}' is called by nobody`);
    await new Promise<void>(go => this.waiting.push({ by, go }));
    if (call === STEP_BEGINS) by.stepBegan = this.world.now;
    else if (by.input !== undefined && this.world.now - by.stepBegan > STEP_MS) {
      throw new Error(`the step was stopped before '${call}': it took longer than it may`);
    }
  }
}
