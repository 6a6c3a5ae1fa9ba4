import { execFileSync } from 'node:child_process';

/** How often, in milliseconds, it is looked whether the parent is still there. */
const LOOK_EVERY_MS = 500;

/**
 * Calls `orphaned` once the process that started this one is gone: a killed npm or shell tells its children nothing.
 * Returns what ends the watch; it does not keep the process running.
 */
export function watchParent(orphaned: () => void): () => void {
  const parent = process.ppid;
  const npm = npmAbove(parent);
  const timer = setInterval(() => {
    if (process.ppid !== parent || (npm !== undefined && !isThere(npm))) {
      clearInterval(timer);
      orphaned();
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** The npm whose shell started this process: when npm is killed, the shell between the two stays. */
function npmAbove(parent: number): number | undefined {
  if (process.env.npm_lifecycle_event === undefined) {
    return undefined;
  }
  try {
    const above = Number(field('ppid', parent));
    // where the shell has become this process, the parent is npm itself, and above it is whoever may go
    return field('args', above).startsWith('npm ') ? above : undefined;
  } catch {
    // no 'ps' here: the parent alone is watched
    return undefined;
  }
}

function field(name: string, pid: number): string {
  return execFileSync('ps', ['-o', `${name}=`, '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
