import { Notifier, notificationText } from '../../../lambda/shared/notify';
import { fakeClient } from '../support/fake-client';

const NOTIFICATION = {
  subject: 'rain (prod): rolled back from version 2 to version 1',
  what: 'Predictions of version 2 differ from its baseline.',
  did: 'Version 1 serves again.',
  numbers: { 'PSI excess': 1.25, threshold: 0.02 },
  youMay: ['Look at the report.', 'Lift the quarantine.'],
};

describe('Notifier', () => {
  test('says what happened, what we did, the numbers, and what a person may do', () => {
    expect(notificationText(NOTIFICATION)).toBe(`What happened
Predictions of version 2 differ from its baseline.

What we did
Version 1 serves again.

The numbers
- PSI excess: 1.25
- threshold: 0.02

What you may do
- Look at the report.
- Lift the quarantine.
`);
  });

  test('says so when there is nothing to do, and leaves out numbers that are not there', () => {
    const text = notificationText({ subject: 's', what: 'w', did: 'd', youMay: [] });
    expect(text).toContain('- Nothing; this is for your information.');
    expect(text).not.toContain('The numbers');
  });

  test('publishes to the topic', async () => {
    // GIVEN
    const { client, sent } = fakeClient({ Publish: () => ({}) });

    // WHEN
    await new Notifier(client, 'arn:topic').tell(NOTIFICATION);

    // THEN
    expect(sent[0]?.input).toMatchObject({ TopicArn: 'arn:topic', Subject: NOTIFICATION.subject });
  });

  test('makes a subject that SNS takes: one line of ASCII, at most 100 characters', async () => {
    // GIVEN
    const { client, sent } = fakeClient({ Publish: () => ({}) });

    // WHEN
    await new Notifier(client, 'arn:topic').tell({ ...NOTIFICATION, subject: ` a\nb – ${'x'.repeat(200)}` });

    // THEN
    const subject = sent[0]?.input.Subject as string;
    expect(subject).toHaveLength(100);
    expect(subject).toMatch(/^a b x+\.\.\.$/);
  });
});
