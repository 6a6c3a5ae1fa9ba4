import { type Answer, type Step, trainingMetrics } from '../../../lambda/pipeline-control/training-metrics';

const champion = { version: '1', auc: 0.8 };

test.each<[Step, Answer, object]>([
  ['guard', { outcome: 'skipped' }, { TrainingsSkipped: 1 }],
  ['claim', { outcome: 'in-progress' }, { TrainingsSkipped: 1 }],
  ['gate', { outcome: 'not-better', auc: 0.7 }, { TrainingsLost: 1, ChallengerAuc: 0.7 }],
  [
    'register',
    { outcome: 'registered', auc: 0.9, champion },
    { TrainingsRegistered: 1, ChallengerAuc: 0.9, ChampionAuc: 0.8 },
  ],
  ['record-failure', { outcome: 'failed' }, { TrainingsFailed: 1 }],
])('an execution that ends at %s with %j is counted', (step, answer, counted) => {
  expect(trainingMetrics(step, answer)).toEqual(counted);
});

test.each<[Step, Answer['outcome']]>([
  ['guard', 'continue'],
  ['gate', 'continue'],
  ['gate', 'failed'],
])('one that goes on from %s with %j is not counted yet', (step, outcome) => {
  expect(trainingMetrics(step, { outcome })).toEqual({});
});

test('a run that is found again is not judged again', () => {
  expect(trainingMetrics('claim', { outcome: 'not-better', auc: 0.7, champion })).toEqual({ TrainingsSkipped: 1 });
});

test('an AUC of 0 is a number like any other', () => {
  expect(trainingMetrics('gate', { outcome: 'not-better', auc: 0 })).toEqual({ TrainingsLost: 1, ChallengerAuc: 0 });
});
