import type { PackagedVersion } from './ports';

/** A version made able to serve; `id` is the target's own name for it, and two of one version differ by settings. */
export interface Deployment {
  readonly id: string;
  readonly version: string;
  /** Target's name for the deployment that is to be kept able to serve beside it. */
  readonly standby?: string;
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
  /** Whether it cannot be moved right now although it serves, e.g. while its capacity changes; that ends by itself. */
  readonly busy?: boolean;
  /**
   * Whether it may be moved elsewhere although it moves: of itself it does not go on. Else a movement can only be waited
   * for.
   */
  readonly yields?: boolean;
  /** Whether what it moves from can take all traffic back right now, where it yields. */
  readonly returns?: boolean;
  /** Whether it runs at another than its usual place, where the quickest way back has left it; `tidy` brings it home. */
  readonly outOfPlace?: boolean;
  /** What gets a copy of each request beside `deployment`; nobody gets its answers. */
  readonly shadow?: Deployment;
  /** Instances that run and are paid for, of every version; absent where none are counted. */
  readonly instances?: number;
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
  /** Whether it is the way back to a version that was healthy: then the quickest way there is, unguarded. */
  readonly back?: boolean;
}

/** Since when the version serves that does. */
export interface ServingSince {
  readonly activatedAt?: string;
  readonly now: Date;
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
  /**
   * Makes a version able to serve; moves no traffic. `previous` is what serves now and may have to serve again: a target
   * that keeps a warm standby keeps it.
   */
  prepare(version: PackagedVersion, previous?: Deployment): Promise<Deployment>;

  /**
   * Starts to give a deployment a copy of each request; what serves goes on to answer all of them. Throws
   * `TargetBusyError` when it must be asked again later.
   */
  shadow(deployment: Deployment): Promise<void>;

  /**
   * Starts to move all traffic to a deployment; only called when the target is not broken, and when it moves only if it
   * yields. Throws `TargetBusyError` when it must be asked again later, e.g. since the deployment is not ready yet. A
   * shadow ends before traffic moves forward, and with the way back.
   */
  shift(deployment: Deployment, policy: ShiftPolicy): Promise<void>;

  /**
   * Takes the next step of a movement, if it is due: on, or to its end, or back, as the policy says by which it began.
   * Called at each look at a movement that yields, by whoever has the lock; a target that moves by itself has none.
   */
  proceed?(): Promise<void>;

  /** Proves by a real prediction that this deployment answers. */
  verify(deployment: Deployment, probe: Probe): Promise<Verification>;

  /** Tells what serves. */
  current(): Promise<Serving>;

  /** Tells what is prepared, serving or not. */
  prepared(): Promise<Deployment[]>;

  /**
   * Starts to bring what serves to its usual place, if a way back has left it at another, or in another shape than the
   * settings say, and to end a shadow that is left; no other version answers meanwhile. Waits for nothing.
   */
  tidy(): Promise<void>;

  /**
   * Brings what belongs to the serving deployment to the settings: scaling by itself, the warm standby's size and end. It
   * moves no traffic at all, so it needs no lock. Waits for nothing; what moves is tended the next time.
   */
  tend(since: ServingSince): Promise<void>;

  /** Frees what a deployment needs, as far as it is not in use; never called for what may have to serve again. */
  retire(deployment: Deployment): Promise<void>;

  /**
   * Starts to take down all that costs by the hour, of every version; nothing answers until the next shift. Only called
   * when nothing moves, and again and again until `current` says `absent`. What a version is made of stays known, so that
   * `prepare` and `shift` bring it back. Throws `TargetBusyError` when it must be asked again later.
   */
  rest(): Promise<void>;

  /** Takes down a target that serves nothing sound, so that the next shift can begin anew. */
  withdraw(): Promise<void>;
}
