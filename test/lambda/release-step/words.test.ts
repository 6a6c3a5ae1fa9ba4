import type { Ending, Journal } from '../../../lambda/release-step/journal';
import type { ReleaseRequest } from '../../../lambda/release-step/request';
import { holdNotification, releaseNotification } from '../../../lambda/release-step/words';
import { notificationText } from '../../../lambda/shared/notify';

const TOLD = {
  id: 'alarm-1',
  execution: 'arn:aws:states:eu-west-1:123456789012:execution:releases:alarm-1',
  environmentName: 'prod',
};
const JOURNAL: Journal = { generation: 3, startedAt: '2026-11-27T03:00:00.000Z', from: '2' };

function letter(request: Partial<ReleaseRequest>, ending: Partial<Ending>, journal: Partial<Journal> = {}) {
  const notification = releaseNotification(
    { action: 'release', model: 'rain', version: '3', requestedBy: 'ann', reason: 'it is better', ...request },
    { ...JOURNAL, ...journal },
    { outcome: 'succeeded', detail: 'version 3 serves', youMay: [], ...ending },
    TOLD,
  );
  return { subject: notification.subject, text: notificationText(notification) };
}

test('a rollback by an alarm is one letter: what, why, the numbers, and the way back', () => {
  const { subject, text } = letter(
    {
      action: 'rollback',
      version: '1',
      from: '2',
      requestedBy: 'alarm:rain-PredictionDrift',
      reason: 'predictions drift while version 2 serves for 40 min',
      evidence: {
        alarm: 'rain-PredictionDrift',
        alarmAt: '2026-11-27T02:59:00.000Z',
        red: [
          {
            metric: 'PredictionPsiExcess',
            threshold: 0.02,
            since: '2026-11-27T02:59:00.000Z',
            windows: [
              { end: '2026-11-27T02:59:00.000Z', value: 1.25 },
              { end: '2026-11-27T02:30:00.000Z', value: 6.131236429114937 },
            ],
            reason: 'Threshold Crossed: 2 out of the last 3 datapoints',
          },
        ],
      },
    },
    { detail: 'version 1 serves instead of version 2; version 1 answered a prediction with 1' },
  );
  expect(subject).toBe('rain: rolled back from version 2 to version 1');
  expect(text).toBe(`What happened
The alarm 'rain-PredictionDrift' asked to go back to version 1. The reason given: predictions drift while version 2 serves for 40 min

What we did
Version 1 serves instead of version 2; version 1 answered a prediction with 1.

The numbers
- PredictionPsiExcess (threshold 0.02): 6.131, 1.25 [red since 2026-11-27T02:59:00.000Z]
- alarm: rain-PredictionDrift
- alarmAt: 2026-11-27T02:59:00.000Z

What you may do
- Find out what is wrong with version 2; it is rejected and quarantined, and approving it again changes nothing by itself.
- If it was rolled back wrongly, lift its quarantine, then approve it again:
    npx mlops lift-quarantine rain 2 --environment prod --reason 'WHY'
  or
    aws stepfunctions start-execution --state-machine-arn arn:aws:states:eu-west-1:123456789012:stateMachine:releases --input '{"action":"lift-quarantine","model":"rain","version":"2","requestedBy":"YOUR NAME","reason":"WHY"}'
- The whole story:
    npx mlops explain alarm-1 --environment prod
  or
    aws stepfunctions describe-execution --execution-arn ${TOLD.execution}
`);
});

test('a release by an approval names who approved, and how to go back', () => {
  const { subject, text } = letter({ evidence: { approvedAt: '2026-11-27T02:59:00.000Z' } }, {});
  expect(subject).toBe('rain: version 3 serves');
  expect(text).toContain("An approval by 'ann' asked to release version 3.");
  expect(text).toContain(
    'If it does harm, go back to version 2:\n    npx mlops rollback rain --to 2 --environment prod',
  );
});

test('an approval of which the registry does not know the person is one of the registry', () => {
  const { text } = letter(
    { requestedBy: 'registry approval', evidence: { approvedAt: '2026-11-27T02:59:00.000Z' } },
    {},
  );
  expect(text).toContain('An approval in the model registry asked to release version 3.');
});

test('the first release of a model offers nothing to go back to', () => {
  expect(letter({}, {}, { from: undefined }).text).not.toContain('go back');
});

test('a release that was undone lets people sleep, and tells how to ask again', () => {
  const { subject, text } = letter({}, { outcome: 'undone', detail: 'an alarm went red; version 2 serves, as before' });
  expect(subject).toBe('rain: release of version 3 failed and was undone');
  expect(text).toContain('- Nobody has to act now: what served before serves.');
  expect(text).toContain('npx mlops release rain 3 --environment prod');
});

describe('a rollback that was undone', () => {
  const back = { action: 'rollback', version: '1', from: '2' } as const;
  const undone = { outcome: 'undone', detail: 'version 1 does not start; version 2 serves, as before' } as const;

  test('wakes people: what the alarm speaks against serves on', () => {
    const { subject, text } = letter({ ...back, requestedBy: 'alarm:rain-quality' }, undone, { otherHealthy: ['0'] });
    expect(subject).toBe('rain: rollback to version 1 FAILED, version 2 serves on');
    expect(text).toContain('- Act now: version 2, which the alarm speaks against, serves on.\n');
    expect(text).toContain('Put right what kept version 1 from serving, then:\n    npx mlops rollback rain --to 1');
    expect(text).toContain('Or go back to version 0, which was healthy here too:\n    npx mlops rollback rain --to 0');
    expect(text).toContain('If no version can serve soundly, take the callers away');
    expect(text).not.toContain('Nobody has to act now');
  });

  test('says so to a person who asked, and offers no other version where there is none', () => {
    const { text } = letter({ ...back, requestedBy: 'ann' }, undone);
    expect(text).toContain('- Act now: version 2, which was to leave, serves on.\n');
    expect(text).not.toContain('healthy here too');
  });

  test('keeps what the step that ended it had to say', () => {
    const { text } = letter(back, { ...undone, youMay: ['Ask the network team.'] });
    expect(text).toMatch(/- Act now: .*- Ask the network team\./s);
  });
});

describe('a version that was brought back because something else served', () => {
  const back = { action: 'rollback', version: '2', from: '2' } as const;

  test('is no rollback from itself, and nobody is told to distrust it', () => {
    const { subject, text } = letter(back, { detail: 'version 2 serves' });
    expect(subject).toBe('rain: version 2 serves again');
    expect(text).toContain('What served in its place is neither rejected nor quarantined');
    expect(text).not.toMatch(/what is wrong with version 2|lift-quarantine/);
  });

  test('serves, though its letter says that the way to it was not the one asked for', () => {
    const { text } = letter(back, { outcome: 'undone', detail: 'a probe failed; version 2 serves, as before' });
    expect(text).toContain('Nobody has to act now');
    expect(text).not.toContain('Act now');
  });
});

test.each([
  ['release', '3', 'bring version 2 back, at once:\n    npx mlops rollback rain --to 2 '],
  ['rollback', '1', 'go to version 1, at once:\n    npx mlops rollback rain --to 1 '],
] as const)('after a %s that failed the way out is not one that quarantines what is good', (action, version, words) => {
  const { text } = letter({ action, version }, { outcome: 'failed', detail: 'nothing serves' });
  expect(text).toContain(words);
});

test('a failure asks to look now, and keeps what its step had to say', () => {
  const { subject, text } = letter(
    {},
    { outcome: 'failed', detail: 'nothing serves', youMay: ['Ask the network team.'] },
  );
  expect(subject).toBe('rain: release of version 3 FAILED, please look');
  expect(text).toMatch(
    /- Look now at what serves:\n {4}npx mlops status rain --environment prod\n.*- Ask the network team\./s,
  );
});

test('a refusal has no more advice than its reason gives', () => {
  const { subject, text } = letter({}, { outcome: 'refused', detail: "'rain' is held", youMay: ['End the hold.'] });
  expect(subject).toBe('rain: release of version 3 refused');
  expect(text).toMatch(/What you may do\n- End the hold\.\n- The whole story:/);
});

test('a hold says what it stops and how it ends', () => {
  const notification = holdNotification(
    { action: 'hold', model: 'rain', requestedBy: 'ann', reason: 'season' },
    { outcome: 'succeeded', detail: 'held until tomorrow', youMay: [] },
    TOLD,
  );
  expect(notification.subject).toBe('rain: held');
  expect(notificationText(notification)).toMatch(
    /no alarm rolls one back.*- End it before its time:\n {4}npx mlops resume rain --environment prod/s,
  );
});
