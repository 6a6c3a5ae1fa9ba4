import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestEnvironment } from 'jest-environment-node';

type Storage = AsyncLocalStorage<unknown>;

/**
 * Node's environment, which ends what a test file leaves behind.
 *
 * The CDK never deletes a cloud assembly (80 MB each), and a run makes hundreds: each file has a temporary folder of its
 * own, which goes with it.
 *
 * jest-circus leaves an AsyncLocalStorage for each test file, and before Node 24 each of them slows every promise of all
 * files after it in the same process (six times after a hundred files). That can go when no older Node is tested on.
 */
export default class Environment extends TestEnvironment {
  private readonly run = AsyncLocalStorage.prototype.run;
  private readonly begun = new Set<Storage>();
  private readonly outerFolder = process.env.TMPDIR;
  private readonly folder = mkdtempSync(join(tmpdir(), 'test-'));

  public override async setup(): Promise<void> {
    await super.setup();
    // Node's own modules read the one, tests and the programs that they start the other
    process.env.TMPDIR = this.folder;
    this.global.process.env.TMPDIR = this.folder;
    const { run, begun } = this;
    AsyncLocalStorage.prototype.run = function (this: Storage, ...given: Parameters<Storage['run']>) {
      begun.add(this);
      return run.apply(this, given);
    } as Storage['run'];
  }

  public override async teardown(): Promise<void> {
    AsyncLocalStorage.prototype.run = this.run;
    for (const storage of this.begun) storage.disable();
    if (this.outerFolder === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.outerFolder;
    // a server that is about to end may still write
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    await super.teardown();
  }
}
