import { AsyncLocalStorage } from 'node:async_hooks';

/** What an act claimed and what it saw instead: the failure that a person reads, never a stack trace alone. */
export class UnmetExpectation extends Error {
  override readonly name = 'UnmetExpectation';

  constructor(
    readonly expected: string,
    readonly seen: string,
  ) {
    super(`expected ${expected}; saw ${seen}`);
  }
}

/** Where the claims that hold are written down while an act is played. */
const claims = new AsyncLocalStorage<string[]>();

/** Runs `play` and writes down in `held` each claim that holds on the way. */
export function noting<T>(held: string[], play: () => Promise<T>): Promise<T> {
  return claims.run(held, play);
}

/** The failure of a claim. */
export function unmet(expected: string, seen: unknown): UnmetExpectation {
  return new UnmetExpectation(expected, typeof seen === 'string' ? seen : JSON.stringify(seen));
}

/** Asserts one claim of an act. */
export function expectThat(holds: boolean, expected: string, seen: unknown): asserts holds {
  if (!holds) {
    throw unmet(expected, seen);
  }
  const held = claims.getStore();
  if (held !== undefined && !held.includes(expected)) held.push(expected);
}

/** How long and how often a condition of the local cloud is asked for, in real time. */
const DEFAULT_TIMEOUT_SECONDS = 60;
const POLL_MILLISECONDS = 100;

/**
 * Asks until there is an answer. `probe` gives `undefined` for "not yet"; `seen` tells, when time is up, what was
 * there instead.
 */
export async function until<T>(
  expected: string,
  probe: () => Promise<T | undefined>,
  seen: () => Promise<unknown>,
  timeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
): Promise<T> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) {
      claims.getStore()?.push(expected);
      return answer;
    }
    if (performance.now() > deadline) {
      throw new UnmetExpectation(`${expected} within ${timeoutSeconds} s`, JSON.stringify(await seen()));
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MILLISECONDS));
  }
}
