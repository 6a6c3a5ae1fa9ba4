import { z } from 'zod';
import type { ShiftPolicy } from './serving-target';

/**
 * A movement of traffic that is under way, as it stands in the cluster: whoever has the lock goes on with it, whoever
 * began it.
 */
export const movementSchema = z.strictObject({
  /** What answered when it began. */
  from: z.string(),
  towards: z.string(),
  policy: z.strictObject({
    type: z.enum(['ALL_AT_ONCE', 'CANARY', 'LINEAR']),
    stepPercent: z.number(),
    waitSeconds: z.number(),
    maxExecutionSeconds: z.number(),
    alarmNames: z.array(z.string()),
  }),
  since: z.string(),
  /** Number of steps that are taken; 0 while the new version is only named, with no weight. */
  step: z.number().int().nonnegative(),
  stepSince: z.string(),
  /** Since when the new version cannot answer, as one look saw; the next one decides. */
  doubtSince: z.string().optional(),
});
export type Movement = z.infer<typeof movementSchema>;

/** Why the last movement went back by itself. */
export const wentBackSchema = z.strictObject({ towards: z.string(), reason: z.string(), at: z.string() });
export type WentBack = z.infer<typeof wentBackSchema>;

/** What is to be done about a movement now. */
export type Next =
  | { readonly act: 'wait' }
  /** It goes on as this one: a step further, or in doubt, or in doubt no more. */
  | { readonly act: 'write'; readonly movement: Movement }
  /** All traffic has moved, and was watched for as long as it should be. */
  | { readonly act: 'end' }
  | { readonly act: 'back'; readonly reason: string };

/** What is seen of the world while traffic moves. */
export interface Sight {
  readonly now: Date;
  /** Alarms of the policy that are red, in words. */
  readonly red: readonly string[];
  /** Alarms of the policy that do not exist, and so watch nothing. */
  readonly missing: readonly string[];
  /** Why the version that is moved to cannot answer; nothing if it can. */
  readonly unable?: string;
}

/** Percent of the traffic after each step. */
export function stepsOf({ type, stepPercent }: Pick<ShiftPolicy, 'type' | 'stepPercent'>): number[] {
  switch (type) {
    case 'ALL_AT_ONCE':
      return [100];
    case 'CANARY':
      return [stepPercent, 100];
    case 'LINEAR':
      return Array.from({ length: Math.ceil(100 / stepPercent) }, (_, index) =>
        Math.min(100, (index + 1) * stepPercent),
      );
  }
}

/** Between the naming of a new version and its first request: what carries the traffic learns where its pods are. */
const NAMED_SECONDS = 5;
/** A pod may fail one probe. */
const DOUBT_SECONDS = 10;

/** A movement that begins now; `named` for who carries the traffic is to know the new version before it gets any. */
export function begin(from: string, towards: string, policy: ShiftPolicy, now: Date, named: boolean): Movement {
  const { type, stepPercent, waitSeconds, maxExecutionSeconds, alarmNames } = policy;
  const at = now.toISOString();
  return {
    from,
    towards,
    // the old version stays able to serve as the last good one, so there is no end of it to wait for
    policy: { type, stepPercent, waitSeconds, maxExecutionSeconds, alarmNames: [...alarmNames] },
    since: at,
    step: named ? 0 : 1,
    stepSince: at,
  };
}

/** Percent of the traffic that the new version gets. */
export function shareOf({ policy, step }: Movement): number {
  return step === 0 ? 0 : (stepsOf(policy)[step - 1] ?? 100);
}

/** Decides what comes next: back when anything speaks against the new version, on only when it was watched. */
export function next(movement: Movement, { now, red, missing, unable }: Sight): Next {
  const { doubtSince, ...sure } = movement;
  const { policy, since, step, stepSince } = sure;
  const elapsed = (from: string): number => (now.getTime() - Date.parse(from)) / 1000;
  if (red.length > 0) return { act: 'back', reason: red.join('; ') };
  if (missing.length > 0) {
    return {
      act: 'back',
      reason: `nothing watches it: there is no alarm ${missing.map(name => `'${name}'`).join(', ')}`,
    };
  }
  if (unable !== undefined) {
    if (doubtSince === undefined) return { act: 'write', movement: { ...sure, doubtSince: now.toISOString() } };
    return elapsed(doubtSince) < DOUBT_SECONDS ? { act: 'wait' } : { act: 'back', reason: unable };
  }
  const isLast = step >= stepsOf(policy).length;
  const watched = elapsed(stepSince) >= (step === 0 ? NAMED_SECONDS : policy.waitSeconds);
  if (isLast && watched) return { act: 'end' };
  if (elapsed(since) > policy.maxExecutionSeconds) {
    return { act: 'back', reason: `it took longer than the ${policy.maxExecutionSeconds} s that its policy allows` };
  }
  if (watched) return { act: 'write', movement: { ...sure, step: step + 1, stepSince: now.toISOString() } };
  return doubtSince === undefined ? { act: 'wait' } : { act: 'write', movement: sure };
}
