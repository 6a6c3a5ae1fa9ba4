import { Notifier, notificationText, toPaste } from '../../../lambda/shared/notify';
import { fakeClient } from '../support/fake-client';

const NOTIFICATION = {
  subject: 'rain: rolled back from version 2 to version 1',
  what: 'Predictions of version 2 differ from its baseline.',
  did: 'Version 1 serves again.',
  numbers: { 'PSI excess': 1.25, threshold: 0.02 },
  youMay: ['Look at the report.', `Lift the quarantine: ${toPaste('npx mlops lift', 'aws lift')}`],
};

async function published(notification: object = {}): Promise<Record<string, unknown>> {
  const { client, sent } = fakeClient({ Publish: () => ({}) });
  await new Notifier(client, 'arn:topic', 'prod').tell({ ...NOTIFICATION, ...notification });
  return sent[0]?.input ?? {};
}

/** What a subscriber of a protocol gets. */
async function heardBy(protocol: 'default' | 'https', notification: object = {}): Promise<string> {
  const { Message } = await published(notification);
  return (JSON.parse(Message as string) as Record<string, string>)[protocol] ?? '';
}

describe('a notification', () => {
  test('says what happened, what we did, the numbers, and what a person may do, each command on a line to copy', () => {
    expect(notificationText(NOTIFICATION)).toBe(`What happened
Predictions of version 2 differ from its baseline.

What we did
Version 1 serves again.

The numbers
- PSI excess: 1.25
- threshold: 0.02

What you may do
- Look at the report.
- Lift the quarantine:
    npx mlops lift
  or
    aws lift
`);
  });

  test('has no more digits than a person compares', () => {
    const text = notificationText({
      ...NOTIFICATION,
      numbers: { auc: 0.8326876475133649, rows: 123456, run: '0.12345678' },
    });
    expect(text).toContain('- auc: 0.8327\n- rows: 123456\n- run: 0.12345678\n');
  });

  test('says so when there is nothing to do, and leaves out numbers that are not there', () => {
    const text = notificationText({ subject: 's', what: 'w', did: 'd', youMay: [] });
    expect(text).toContain('- Nothing; this is for your information.');
    expect(text).not.toContain('The numbers');
  });

  test('goes to the topic with the environment in front', async () => {
    expect(await published()).toMatchObject({
      TopicArn: 'arn:topic',
      Subject: '[prod] rain: rolled back from version 2 to version 1',
    });
  });

  test('has a subject that SNS takes: one line of ASCII, at most 100 characters', async () => {
    const subject = (await published({ subject: ` a\nb – ${'x'.repeat(200)}` }))['Subject'] as string;
    expect(subject).toHaveLength(100);
    expect(subject).toMatch(/^\[prod\] a b x+\.\.\.$/);
  });

  test('is plain text for e-mail and all who do not ask for anything else', async () => {
    expect(await published()).toMatchObject({ MessageStructure: 'json' });
    expect(await heardBy('default')).toBe(notificationText(NOTIFICATION));
  });

  test('is a custom notification for chats, with its commands as code', async () => {
    expect(JSON.parse(await heardBy('https'))).toEqual({
      version: '1.0',
      source: 'custom',
      content: {
        textType: 'client-markdown',
        title: '[prod] rain: rolled back from version 2 to version 1',
        description:
          '*What happened*\nPredictions of version 2 differ from its baseline.\n\n' +
          '*What we did*\nVersion 1 serves again.\n\n' +
          '*The numbers*\n• PSI excess: 1.25\n• threshold: 0.02',
        nextSteps: ['Look at the report.', 'Lift the quarantine:\n`npx mlops lift`\n  or\n`aws lift`'],
      },
    });
  });

  test('of any length fits into one block of a chat, and says that there is more', async () => {
    const { content } = JSON.parse(await heardBy('https', { what: 'x'.repeat(5000) })) as {
      content: { description: string };
    };
    expect(content.description).toHaveLength(3000);
    expect(content.description).toMatch(/… \(the e-mail has the rest\)$/);
  });
});
