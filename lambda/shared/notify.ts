import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

/** What a person needs at three in the morning. */
export interface Notification {
  /** One line that says which model, and what. */
  subject: string;
  /** What happened. */
  what: string;
  /** What the platform did about it. */
  did: string;
  /** The numbers that were seen. */
  numbers?: Record<string, string | number>;
  /** What the person may do, with the command where there is one. */
  youMay: string[];
}

/** SNS refuses a longer subject. */
const MAX_SUBJECT = 100;

/** Tells people, in plain text that an e-mail, a pager and a chat show alike. */
export class Notifier {
  constructor(
    private readonly sns: SNSClient,
    private readonly topicArn: string,
  ) {}

  /** Publishes; an error is the caller's to retry. */
  async tell(notification: Notification): Promise<void> {
    await this.sns.send(
      new PublishCommand({
        TopicArn: this.topicArn,
        Subject: subjectLine(notification.subject),
        Message: notificationText(notification),
      }),
    );
  }
}

/** The message's text. */
export function notificationText(notification: Notification): string {
  const numbers = Object.entries(notification.numbers ?? {});
  const sections = [
    `What happened\n${notification.what}`,
    `What we did\n${notification.did}`,
    ...(numbers.length > 0 ? [`The numbers\n${numbers.map(([name, value]) => `- ${name}: ${value}`).join('\n')}`] : []),
    `What you may do\n${notification.youMay.length > 0 ? notification.youMay.map(step => `- ${step}`).join('\n') : '- Nothing; this is for your information.'}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** SNS takes printable ASCII on one line only, and starts with no space. */
function subjectLine(subject: string): string {
  const line = subject
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return line.length <= MAX_SUBJECT ? line : `${line.slice(0, MAX_SUBJECT - 3)}...`;
}
