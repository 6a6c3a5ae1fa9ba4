import { type Claim, type ErasureLock, type Holder, LEASE_MS, PAUSE_MS } from '../../../lambda/erasure/lock';

/** The lock of one model, in memory. */
export class MemoryLock implements ErasureLock {
  held: (Holder & { call?: string }) | undefined;

  take({ owner, call, now }: Claim): Promise<Holder | undefined> {
    const { held } = this;
    const isFree = held === undefined || Date.parse(held.expiresAt) <= now.getTime();
    const isKept = held?.owner === owner && (held.call === undefined || held.call === call);
    if (!isFree && !isKept) return Promise.resolve(held);
    this.held = { owner, call, since: now.toISOString(), expiresAt: new Date(now.getTime() + LEASE_MS).toISOString() };
    return Promise.resolve(undefined);
  }

  leave({ owner, call, now }: Claim, how: 'done' | 'paused'): Promise<void> {
    if (this.held?.call !== call) return Promise.resolve();
    const expiresAt = new Date(now.getTime() + PAUSE_MS).toISOString();
    this.held = how === 'done' ? undefined : { owner, since: now.toISOString(), expiresAt };
    return Promise.resolve();
  }
}
