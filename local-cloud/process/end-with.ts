import type { ChildProcess } from 'node:child_process';
import { Reaper } from './reaper';

/**
 * Has the process group of `child`, which must lead one (`detached`), end with this process: when `signal` aborts, when
 * this process exits, and should it be killed. Returns what ends the group now, and what lets go of it once it is gone.
 */
export function endWith(child: ChildProcess, signal?: AbortSignal): { end: () => void; release: () => void } {
  const { pid } = child;
  const end = (): void => {
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it has ended already
    }
  };
  const reaper = new Reaper();
  if (pid !== undefined) reaper.watch(pid);
  signal?.addEventListener('abort', end, { once: true });
  process.once('exit', end);
  if (signal?.aborted === true) end();
  const release = (): void => {
    signal?.removeEventListener('abort', end);
    process.removeListener('exit', end);
    if (pid !== undefined) reaper.release(pid);
    reaper.close();
  };
  return { end, release };
}
