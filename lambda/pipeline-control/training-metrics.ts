import type { PipelineOutput, TrainingMetricName } from '../shared/contracts';

/** Steps that may be an execution's last. */
export type Step = 'guard' | 'claim' | 'gate' | 'register' | 'record-failure';

/** What a step may answer. */
export type Answer = { outcome: 'continue' | 'failed' } | Pick<PipelineOutput, 'outcome' | 'auc' | 'champion'>;

const ENDS: Readonly<Record<Step, TrainingMetricName>> = {
  // no job was started
  guard: 'TrainingsSkipped',
  claim: 'TrainingsSkipped',
  gate: 'TrainingsLost',
  register: 'TrainingsRegistered',
  'record-failure': 'TrainingsFailed',
};

/** What a step's answer adds to the model's metrics: nothing, unless an execution ends with it. */
export function trainingMetrics(step: Step, answer: Answer): Partial<Record<TrainingMetricName, number>> {
  if (answer.outcome === 'continue') return {};
  // what gave up is recorded by the step that comes then
  if (answer.outcome === 'failed' && step !== 'record-failure') return {};
  const ended = { [ENDS[step]]: 1 };
  // a run that was found again was judged before
  if (!('auc' in answer) || answer.auc === undefined || step === 'claim') return ended;
  return {
    ...ended,
    ChallengerAuc: answer.auc,
    ...(answer.champion === undefined ? {} : { ChampionAuc: answer.champion.auc }),
  };
}
