import type { EnvironmentChange } from './compare';

/** What a finding is about, in the order in which a reviewer wants to know. */
export const TOPICS = [
  'data at risk',
  'public exposure',
  'rights widened',
  'network widened',
  'encryption weakened',
  'alarms weakened',
  'release safety',
  'traces lost',
  'failures lost',
  'deployment',
  'quota',
] as const;
export type Topic = (typeof TOPICS)[number];

/** `danger` may do harm that is hard to undo; `look` is for a person to judge. */
export type Level = 'danger' | 'look';

/** One thing that a person must know of a change. */
export interface Finding {
  readonly topic: Topic;
  readonly level: Level;
  readonly stack: string;
  /**
   * Resource that it is about.
   *
   * @default - the whole stack
   */
  readonly logicalId?: string;
  /** What happens, in words. */
  readonly says: string;
}

/** Looks at an environment's change for one kind of thing. */
export type Rule = (change: EnvironmentChange) => readonly Finding[];
