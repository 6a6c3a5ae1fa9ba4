/** How often, in milliseconds, it is looked whether the parent is still there. */
const LOOK_EVERY_MS = 500;

/**
 * Calls `orphaned` once the process that started this one is gone: a killed npm or shell tells its children nothing.
 * Returns what ends the watch; it does not keep the process running.
 */
export function watchParent(orphaned: () => void): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer);
      orphaned();
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
