import { letterOf } from '../../../lambda/reaction/letter';
import { SIGNAL_WORDS, type Signal } from '../../../lambda/reaction/signal';
import type { ReactionRecord } from '../../../lambda/shared/ledger';
import { notificationText } from '../../../lambda/shared/notify';
import { Commands } from '../../../lambda/shared/release-commands';

const COMMANDS = new Commands('arn:aws:states:eu-west-1:123456789012:stateMachine:releases', 'prod');

function record(signal: Signal, given: Partial<ReactionRecord> = {}): ReactionRecord {
  return {
    id: 'alarm-1',
    alarm: `rain-${signal}`,
    alarmAt: '2026-11-27T02:59:00.000Z',
    decidedAt: '2026-11-27T02:59:05.000Z',
    decision: 'page',
    reason: SIGNAL_WORDS[signal],
    evidence: {
      signal,
      from: '2',
      to: '1',
      red: [{ metric: 'QualityDelta', threshold: 0.05, since: '2026-11-27T02:59:00.000Z', reason: '0.1 > 0.05' }],
    },
    ...given,
  };
}

test('a page says that nothing was done, the numbers, and each command that may be next', () => {
  const { subject, ...letter } = letterOf('rain', record('quality'), COMMANDS);
  expect(subject).toBe('rain: quality is below its baseline, please look');
  expect(notificationText({ subject, ...letter })).toBe(`What happened
Alarm 'rain-quality' went red at 2026-11-27T02:59:00.000Z: quality is below its baseline.

What we did
Nothing: what serves was not changed, and whether it should be is for a person to say.

The numbers
- serving version: 2
- QualityDelta (threshold 0.05): 0.1 > 0.05 [red since 2026-11-27T02:59:00.000Z]

What you may do
- Check that the labels are right: a late or wrong label feed looks like a bad model.
- If version 2 is at fault, roll back to version 1:
    npx mlops rollback rain --to 1 --environment prod --reason 'WHY'
  or
    aws stepfunctions start-execution --state-machine-arn arn:aws:states:eu-west-1:123456789012:stateMachine:releases --input '{"action":"rollback","model":"rain","version":"1","from":"2","requestedBy":"YOUR NAME","reason":"WHY"}'
- See what serves and what is red:
    npx mlops status rain --environment prod
- Read the whole decision:
    npx mlops explain alarm-1 --environment prod
- The reports lie in the monitoring bucket under reports/model=rain/.
`);
});

test('a retraining is told as what it is: a start, which may still be refused', () => {
  const letter = letterOf('rain', record('inputDrift', { decision: 'retrain' }), COMMANDS);
  expect(letter.subject).toBe('rain: inputs drift, training again');
  expect(letter.did).toContain("The run's guard may still refuse it");
});

test.each(Object.keys(SIGNAL_WORDS) as Signal[])('%s: the letter has advice of its own', signal => {
  const others = (Object.keys(SIGNAL_WORDS) as Signal[]).filter(other => other !== signal);
  const [first] = letterOf('rain', record(signal), COMMANDS).youMay;
  for (const other of others) expect(letterOf('rain', record(other), COMMANDS).youMay).not.toContain(first);
});
