/** Whose requests are looked for. */
export interface Requester {
  /** The person's key. */
  readonly key: string;
  /** Ids of other requests that were about the person, as their answers gave them. */
  readonly requestIds: readonly string[];
}

/** Ends the key in the id of a request that is made of it. */
const SEPARATOR = '/';

/**
 * Whether a request was about the person: its id is the key, or begins with the key and a `/`, or was given. Nothing less
 * than a `/` ends the key, or the requests of `ada-2` would go with those of `ada`.
 */
export function isTheirRequest({ key, requestIds }: Requester): (requestId: string) => boolean {
  const theirs = new Set(requestIds);
  const whole = key.trim();
  return id => id === whole || id.startsWith(`${whole}${SEPARATOR}`) || theirs.has(id);
}
