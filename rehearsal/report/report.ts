/**
 * What a rehearsal leaves behind: `report.json` is this shape, and the page is drawn from it and from nothing else.
 *
 * Times are ISO 8601 UTC. Those of the model's life (`at`, `…At`) are local-cloud time, whose clock the acts move on;
 * only `startedAt` and everything in seconds are the machine's own.
 */
export interface Report {
  /** Whether every act that ran held what it claims. */
  readonly ok: boolean;
  readonly environment: string;
  readonly model: string;
  /** When the rehearsal began, by the machine's own clock. */
  readonly startedAt: string;
  readonly wallSeconds: number;
  /** Acts in the order played; those never reached are absent. */
  readonly acts: readonly ActReport[];
  /** How many acts there are, so that a short list shows as such. */
  readonly actsPlanned: number;
  readonly predictions: { readonly sent: number; readonly failed: number };
  readonly versions: readonly VersionReport[];
  /** Absent when no act came as far as a rollback. */
  readonly rollback?: RollbackReport;
  /** Absent when the deploy failed. */
  readonly deploy?: DeployReport;
  /** Whether the local cloud refused what a role does not allow. */
  readonly iamEnforced: boolean;
  /** What this rehearsal cannot show, in plain words, each a clause, e.g. `the roles of the state machines`. */
  readonly notChecked: readonly string[];
  /** Every role of the platform with each right that it has. Empty when the platform was not torn down. */
  readonly rights: readonly RoleRights[];
  /** Which version served since when, and why it came. */
  readonly serving: readonly ServingChange[];
  readonly windows: readonly MonitoredWindow[];
  readonly thresholds: AlarmThresholds;
  readonly traffic: readonly TrafficSample[];
  /** Every change of state of the model's alarms. */
  readonly alarms: readonly AlarmChange[];
  /** What a person was told, word for word. */
  readonly notifications: readonly Notice[];
  /** Most memory that the rehearsal and the local cloud held together. */
  readonly peakMemoryBytes?: number;
  /** The first act that did not hold, if any. */
  readonly failure?: Failure;
}

/** A role of the platform, and what became of its rights. */
export interface RoleRights {
  readonly role: string;
  /** Service principals that may take the role, e.g. `lambda.amazonaws.com`. */
  readonly services: readonly string[];
  readonly rights: readonly Right[];
  /** Requests that were refused. */
  readonly denied: readonly { readonly action: string; readonly resource: string; readonly count: number }[];
}

/** One action on one resource, as the policies write them: both may be patterns. */
export interface Right {
  readonly action: string;
  readonly resource: string;
  /** How many requests it allowed. */
  readonly used: number;
  /** Whether one of those requests is denied when the record is decided again without this right. */
  readonly needed: boolean;
  /** Why the role has it although nothing used it; absent where it was used. */
  readonly reason?: string;
}

/** One act: what it claimed and what bears it out. */
export interface ActReport {
  readonly id: number;
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** Facts seen, by a short name in camelCase; anything that JSON can hold. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** Each claim that was checked and held, as a clause: `version 1 still serves`. */
  readonly claims?: readonly string[];
  /** Local-cloud time when it began and ended; it places the act on the charts. */
  readonly from?: string;
  readonly to?: string;
}

export interface VersionReport {
  /** A number in a string. */
  readonly version: string;
  readonly runId: string;
  /** Area under the ROC curve on its own held-out rows; `null` when none was measured. */
  readonly auc: number | null;
  /** As of the end: what the registry and the ledger say, e.g. `Approved, serving` or `Rejected, quarantined`. */
  readonly status: string;
  /** Where it came from, in a clause: `trained on 4,000 rows of W1`. */
  readonly note?: string;
}

/** The first automatic rollback; all four times lie on one clock. */
export interface RollbackReport {
  readonly alarm: string;
  readonly alarmAt: string;
  readonly decidedAt: string;
  readonly trafficMovedAt: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export interface DeployReport {
  readonly stacks: number;
  readonly resources: number;
  readonly seconds: number;
  /** Resource types (or logical ids) that the local cloud accepts and remembers, but does not run. */
  readonly recordedOnly: readonly string[];
}

export interface ServingChange {
  readonly at: string;
  readonly version: string;
  readonly action: 'release' | 'rollback';
  readonly reason: string;
}

/** One judged window of the monitors. A value is absent when the monitor did not judge it. */
export interface MonitoredWindow {
  /** End of the window. */
  readonly at: string;
  readonly version: string;
  readonly samples: number;
  /** Predictions of the horizon whose labels have arrived. */
  readonly labels?: number;
  readonly predictionPsiExcess?: number;
  readonly driftedFeatureShare?: number;
  /** The version's own baseline minus its live quality; positive is worse. */
  readonly qualityDelta?: number;
  readonly auc?: number;
}

/** From which value on an alarm counts a window as bad; absent when there is no such alarm. */
export interface AlarmThresholds {
  readonly predictionPsiExcess?: number;
  readonly driftedFeatureShare?: number;
  readonly qualityDelta?: number;
}

/** Predictions asked for in one stretch of traffic. */
export interface TrafficSample {
  readonly at: string;
  readonly sent: number;
  readonly failed: number;
}

export interface AlarmChange {
  readonly at: string;
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly reason: string;
}

export interface Notice {
  readonly at: string;
  readonly subject: string;
  readonly text: string;
}

export interface Failure {
  /** Id of the act. */
  readonly act: number;
  readonly expected: string;
  readonly seen: string;
  /** Files in which to look on. */
  readonly logs: readonly string[];
}
