import type { ReactionSettings } from '../shared/contracts';

/** What an alarm of a model says. */
export type Signal = keyof ReactionSettings['alarms'];

/** In which words a person is told. */
export const SIGNAL_WORDS: Record<Signal, string> = {
  predictionDrift: 'predictions drift',
  quality: 'quality is below its baseline',
  inputDrift: 'inputs drift',
  samples: 'too few predictions to judge by',
  heartbeat: 'the monitor is silent',
};

/** An alarm as CloudWatch tells it now. */
export interface AlarmNow {
  readonly name: string;
  readonly arn: string;
  readonly red: boolean;
  /** When it came into the state it is in, ISO 8601. */
  readonly changedAt: string;
  /** CloudWatch's own words, with the numbers. */
  readonly stateReason: string;
  readonly metricName: string;
  readonly threshold: number;
}

/** The model's alarms by what they say; one that was deleted is absent. */
export type Alarms = Readonly<Partial<Record<Signal, AlarmNow>>>;
