import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

type Storage = AsyncLocalStorage<unknown>;

/**
 * Node's environment, which ends what jest-circus leaves behind: an AsyncLocalStorage for each test file, and before
 * Node 24 each of them slows every promise of all files after it in the same process (six times after a hundred files). It can go when no older Node
 * is tested on.
 */
export default class Environment extends TestEnvironment {
  private readonly run = AsyncLocalStorage.prototype.run;
  private readonly begun = new Set<Storage>();

  public override async setup(): Promise<void> {
    await super.setup();
    const { run, begun } = this;
    AsyncLocalStorage.prototype.run = function (this: Storage, ...given: Parameters<Storage['run']>) {
      begun.add(this);
      return run.apply(this, given);
    } as Storage['run'];
  }

  public override async teardown(): Promise<void> {
    AsyncLocalStorage.prototype.run = this.run;
    for (const storage of this.begun) storage.disable();
    await super.teardown();
  }
}
