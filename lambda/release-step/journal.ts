import type { Hold } from '../shared/ledger';
import type { WorkRequest } from './request';
import type { Deployment } from './serving-target';
import type { ShadowComparison } from './shadow-verdict';

/** What a step is asked to do; each is one state of the machine. */
export const STEPS = [
  'hold',
  'acquire',
  'eligible',
  'prepare',
  'shadow',
  'sleep',
  'shift',
  'settle',
  'verify',
  'record',
  'conclude',
  'undo',
  'finish',
  'tell',
] as const;
export type Step = (typeof STEPS)[number];

/** How a release ended, and what a person may do about it. */
export interface Ending {
  readonly outcome: 'succeeded' | 'refused' | 'undone' | 'failed';
  readonly detail: string;
  readonly youMay: readonly string[];
  readonly numbers?: Readonly<Record<string, string | number>>;
}

/** A version that would have done, and why it may not serve. */
export interface PassedOver {
  readonly version: string;
  readonly reason: string;
}

/** The work of an execution that died, which another one finishes or undoes. */
export interface TakenOver {
  /** Name of the execution that died. */
  readonly id: string;
  readonly request: WorkRequest;
}

/** What an execution knows of its version's time as a shadow. */
export interface ShadowJournal {
  /** Why there was none, although the model's settings ask for it. */
  readonly skipped?: string;
  /** Since when it waits for somebody else's movement to end. */
  readonly busySince?: string;
  /** When the target was asked for it. */
  readonly startedAt?: string;
  /** Since when it gets copies. */
  readonly inServiceAt?: string;
  /** What counts the pairs of answers. */
  readonly pairing?: string;
  /** What was seen, once its time was over. */
  readonly comparison?: ShadowComparison;
  /** What was made of it, in words. */
  readonly verdict?: string;
}

/** What an execution knows of itself; handed from step to step, and safe to hand over twice. */
export interface Journal {
  /** Number of the lock that this execution holds; 0 when it holds none. */
  readonly generation: number;
  /** When it got the lock, or began to wait for it. */
  readonly startedAt: string;
  /** Whether it noted in the ledger that it waits for the lock. */
  readonly waits?: boolean;
  /** What it took over from an execution that died. */
  readonly takenOver?: TakenOver;
  /** Version that shadowed although no release looked at it any more. */
  readonly leftShadow?: string;
  /** Whether all there is to do is to bring what serves to its usual place. */
  readonly leftOutOfPlace?: boolean;
  /** Whether it took traffic that stood divided although no release looked at it any more. */
  readonly leftMovement?: boolean;
  /** The hold that a person's own request went past. */
  readonly passedHold?: Hold;
  /** What served when it began, if the ledger knew it as the current version. */
  readonly before?: Deployment;
  /** Whether nothing ran when it began, on purpose: where it leads to nothing, nothing runs again. */
  readonly foundAsleep?: boolean;
  /** Since when it takes down what served. */
  readonly takesDownSince?: string;
  /** Version that was current when it began. */
  readonly from?: string;
  /** Version that is made to serve, where it is another than the one that was asked for, or none was named. */
  readonly chosen?: string;
  /** Versions that were tried before it, the one that was asked for first. */
  readonly passedOver?: readonly PassedOver[];
  /** What callers meet who go on sending what they sent to the version before. */
  readonly callersMeet?: readonly string[];
  /** What served when it began, where somebody had moved it past the releases. */
  readonly movedByHand?: Deployment;
  /** Whether what serves was seen to be what the ledger says. */
  readonly inOrder?: boolean;
  /** Versions that were healthy here beside the one that serves and the one that is to serve. */
  readonly otherHealthy?: readonly string[];
  /** What it wants to serve. */
  readonly deployment?: Deployment;
  readonly shadow?: ShadowJournal;
  /** Whether its version only shadowed, and ended that for somebody who could not wait. */
  readonly gaveWay?: boolean;
  readonly shiftStartedAt?: string;
  /** Since when it waits for somebody else's movement to end. */
  readonly busySince?: string;
  readonly trafficMovedAt?: string;
  /** What the probe saw. */
  readonly verification?: string;
  readonly undo?: {
    readonly since: string;
    readonly attempts: number;
    /** Version that the way back left. */
    readonly from?: string;
    /** What it last waited for, in words. */
    readonly waitsFor?: string;
  };
  /** Whether the ledger already has this release's record. */
  readonly recorded?: boolean;
  readonly ending?: Ending;
  /** What could not be tidied up, in words; none of it harms what serves. */
  readonly leftovers?: readonly string[];
}

/** Input of the step function. */
export interface StepInput {
  readonly step: Step;
  /** ARN of the execution; it owns the lock. */
  readonly execution: string;
  /** Input of the execution, not yet checked. */
  readonly request: unknown;
  readonly journal?: Journal;
  /** Error that another step ended with, after its retries. */
  readonly error?: { readonly Error?: string; readonly Cause?: string };
}

/** What became of a step; the machine's choices read it. */
export type Kind =
  | 'held'
  | 'acquired'
  | 'busy'
  | 'eligible'
  | 'lift'
  | 'sleep'
  | 'falling-asleep'
  | 'asleep'
  | 'refused'
  | 'astray'
  | 'prepared'
  | 'to-shadow'
  | 'shadowing'
  | 'shadowed'
  | 'yielded'
  | 'shifting'
  | 'settled'
  | 'failed'
  | 'verified'
  | 'recorded'
  | 'concluded'
  | 'undoing'
  | 'undone'
  | 'finished'
  | 'lost'
  | 'told';

/** Output of the step function. */
export interface StepResult {
  readonly kind: Kind;
  /** How long to wait before the next look, where there is one. */
  readonly waitSeconds: number;
  readonly journal: Journal;
  /** Of the last step: what the execution ends with. */
  readonly output?: ReleaseOutput;
}

/** Output of an execution that ended as it should: `succeeded` or `refused`. */
export interface ReleaseOutput {
  readonly outcome: Ending['outcome'];
  readonly action: string;
  readonly model: string;
  /** Absent where the request is about none. */
  readonly version?: string;
  readonly detail: string;
  readonly generation: number;
  readonly trafficMovedAt?: string;
}

const MAX_POLL_SECONDS = 60;

/** After this long nobody waits for seconds any more, and looks are to be spared: an execution's history is bounded. */
const LONG_SECONDS = 3600;
/** A waiter's note in the ledger must be renewed before it is taken for a dead one's (`WAITING_MS`). */
const LONG_POLL_SECONDS = 150;

/**
 * Seconds until the next look: a tenth of the time that has passed, so that a quick change is seen at once. A release may
 * wait for the lock, for another's change, shadow for a day, shift and go back, and all of it must stay below the 25,000
 * events of an execution's history.
 */
export function pollDelay(since: string, now: Date, pollSeconds: number): number {
  const elapsed = (now.getTime() - Date.parse(since)) / 1000;
  const longest = elapsed < LONG_SECONDS ? MAX_POLL_SECONDS : LONG_POLL_SECONDS;
  return Math.max(pollSeconds, Math.min(longest, Math.floor(elapsed / 10)));
}
