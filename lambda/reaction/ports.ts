import type { PipelineInput, ReactionSettings, VersionRequest } from '../shared/contracts';
import type { HoldState, LedgerState, ReactionRecord, ReleaseRecord } from '../shared/ledger';
import type { Notification } from '../shared/notify';
import type { Commands } from '../shared/release-commands';
import type { AlarmNow } from './signal';
import type { WindowValue } from './windows';

/** What the reaction needs of the world. */
export interface ReactionPorts {
  /** Nothing if the model has no reaction, e.g. since it was removed. */
  settings(model: string): Promise<ReactionSettings | undefined>;
  /** Alarms by name as they are now; one that does not exist is left out. */
  alarms(names: readonly string[]): Promise<AlarmNow[]>;
  /** The values of an alarm's metric, in the windows that end after `since`. */
  windows(alarm: AlarmNow, since: Date): Promise<WindowValue[]>;
  state(model: string): Promise<LedgerState>;
  hold(model: string): Promise<HoldState>;
  /** The newest releases, the oldest first. */
  releases(model: string, newest: number): Promise<ReleaseRecord[]>;
  reactions(model: string, since: string): Promise<ReactionRecord[]>;
  /** The reaction to one alarm transition. */
  recorded(model: string, id: string): Promise<ReactionRecord | undefined>;
  appendReaction(model: string, record: ReactionRecord): Promise<'recorded' | 'already-recorded'>;
  /** Starts an execution; the second start under one name does nothing. */
  startRelease(name: string, input: VersionRequest): Promise<void>;
  startPipeline(name: string, input: PipelineInput): Promise<void>;
  /** What a person can paste. */
  readonly commands: Commands;
  tell(notification: Notification): Promise<void>;
  now(): Date;
}
