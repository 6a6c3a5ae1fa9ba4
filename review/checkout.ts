import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program';

/** One side of a review: a folder with the repository as it is at a commit. */
export interface Checkout {
  /** As the reviewer calls it. */
  readonly name: string;
  readonly folder: string;
  /** Takes away what was made for it. */
  dispose(): Promise<void>;
}

/** The repository as it stands, changes that are not committed included. */
export function workingTree(repository: string): Checkout {
  return { name: 'working tree', folder: repository, dispose: () => Promise.resolve() };
}

/** The repository at a commit, beside the working tree, which is left alone. */
export async function checkOut(repository: string, ref: string, tell: (text: string) => void): Promise<Checkout> {
  const commit = await commitOf(repository, ref);
  const parent = await mkdtemp(join(tmpdir(), 'mlops-review-'));
  const folder = join(parent, 'checkout');
  const git = (...args: string[]) => runProgram({ command: ['git', ...args], folder: repository });
  const dispose = async (): Promise<void> => {
    // git keeps a note of each worktree, which would outlive the folder
    await git('worktree', 'remove', '--force', folder).catch(() => undefined);
    await rm(parent, { recursive: true, force: true });
  };
  try {
    await git('worktree', 'add', '--quiet', '--detach', folder, commit);
    await install(repository, folder, ref, tell);
    return { name: ref, folder, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function commitOf(repository: string, ref: string): Promise<string> {
  try {
    const command = ['git', 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
    return (await runProgram({ command, folder: repository })).trim();
  } catch (error) {
    throw new Error(
      `git knows no commit '${ref}': name a branch, a tag or a commit that is here (in CI, fetch the whole history first)`,
      { cause: error },
    );
  }
}

/** The packages of the commit's own lock file: those of the working tree where the lock file is the same. */
async function install(repository: string, folder: string, ref: string, tell: (text: string) => void): Promise<void> {
  const lock = (of: string): string => readFileSync(join(of, 'package-lock.json'), 'utf8');
  const modules = join(repository, 'node_modules');
  if (lock(folder) === lock(repository) && existsSync(modules)) {
    symlinkSync(modules, join(folder, 'node_modules'));
    return;
  }
  tell(`${ref} has other packages: npm ci …`);
  await runProgram({ command: ['npm', 'ci', '--no-audit', '--no-fund'], folder });
}
