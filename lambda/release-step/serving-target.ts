import type { PackagedVersion } from './ports';

/** A version made able to serve; `id` is the target's own name for it, and two of one version differ by settings. */
export interface Deployment {
  readonly id: string;
  readonly version: string;
}

/** What a serving target does right now. */
export interface Serving {
  /**
   * `absent`: nothing there; `serving`: `deployment` answers; `moving`: on the way to `towards`, while `deployment`, if
   * there is one, still answers; `broken`: answers nothing and cannot be moved, only withdrawn.
   */
  readonly state: 'absent' | 'serving' | 'moving' | 'broken';
  readonly deployment?: Deployment;
  readonly towards?: Deployment;
  /** Why it is broken, or why it last went back by itself. */
  readonly reason?: string;
}

/** How traffic moves. */
export interface ShiftPolicy {
  readonly type: 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR';
  readonly stepPercent: number;
  readonly waitSeconds: number;
  readonly terminationWaitSeconds: number;
  readonly maxExecutionSeconds: number;
  /** Alarms that make the target go back by itself while it moves. */
  readonly alarmNames: readonly string[];
}

/** One request that any sound version must answer. */
export interface Probe {
  readonly id: string;
  readonly instance: Readonly<Record<string, number | string>>;
}

/** What a real prediction proved. */
export interface Verification {
  readonly verified: boolean;
  /** What was seen, in words. */
  readonly detail: string;
}

/**
 * Where a version serves. The release core knows this contract alone; each method may be called again after a crash,
 * and does then what is left to do.
 */
export interface ServingTarget {
  /** Makes a version able to serve; moves no traffic. */
  prepare(version: PackagedVersion): Promise<Deployment>;

  /** Starts to move all traffic to a deployment; only called when the target neither moves nor is broken. */
  shift(deployment: Deployment, policy: ShiftPolicy): Promise<void>;

  /** Proves by a real prediction that this deployment answers. */
  verify(deployment: Deployment, probe: Probe): Promise<Verification>;

  /** Tells what serves. */
  current(): Promise<Serving>;

  /** Tells what is prepared, serving or not. */
  prepared(): Promise<Deployment[]>;

  /** Frees what a deployment needs; never called for what serves or may have to serve again. */
  retire(deployment: Deployment): Promise<void>;

  /** Takes down a target that serves nothing sound, so that the next shift can begin anew. */
  withdraw(): Promise<void>;
}
