/**
 * Shifts the wall clock of a Node process by the local cloud's movable clock.
 *
 * Preloaded (`node --require`) into processes of the local cloud only: `Date` without arguments and `Date.now` are
 * ahead by the milliseconds that the file named by MLOPS_LOCAL_CLOCK_FILE holds. Timers and `performance` stay real.
 */
'use strict';

const path = process.env.MLOPS_LOCAL_CLOCK_FILE;

if (path) {
  const { readFileSync } = require('node:fs');
  const RealDate = Date;
  const realNow = Date.now;
  const monotonic = performance.now.bind(performance);
  // Reading the file on each call would cost more than most callers do with the time.
  const MAX_AGE_MS = 20;
  let offset = 0;
  let readAt = -Infinity;

  const currentOffset = () => {
    const now = monotonic();
    if (now - readAt >= MAX_AGE_MS) {
      readAt = now;
      try {
        const read = Number(readFileSync(path, 'ascii'));
        // A clock that cannot be read keeps its last offset.
        if (Number.isFinite(read)) offset = read;
      } catch {
        // No file yet: not shifted.
      }
    }
    return offset;
  };
  const now = () => realNow() + currentOffset();

  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    // `Date()` as a function ignores its arguments and tells the current time.
    apply: target => new target(now()).toString(),
    get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
  });
  RealDate.prototype.constructor = globalThis.Date;
}
