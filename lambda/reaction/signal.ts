import type { ReactionSettings } from '../shared/contracts';
import type { AlarmRule, WindowValue } from './windows';

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

/** Signals of the model itself, the gravest first. The others say that there is nothing to judge by. */
export const MODEL_SIGNALS: readonly Signal[] = ['quality', 'predictionDrift', 'inputDrift'];

/** The metric that an alarm watches. */
export interface AlarmMetric {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** An alarm as CloudWatch tells it now. */
export interface AlarmNow {
  readonly name: string;
  readonly arn: string;
  readonly red: boolean;
  /** When it came into the state it is in, ISO 8601. */
  readonly changedAt: string;
  /** CloudWatch's own words, with the numbers. */
  readonly stateReason: string;
  readonly metric: AlarmMetric;
  readonly rule: AlarmRule;
}

/** An alarm with the windows that it may have gone red about; none were read where it is not red. */
export interface JudgedAlarm extends AlarmNow {
  readonly windows: readonly WindowValue[];
}

/** The model's alarms by what they say; one that was deleted is absent. */
export type Alarms = Readonly<Partial<Record<Signal, JudgedAlarm>>>;
