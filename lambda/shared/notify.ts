import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { chatMessage } from './chat-message';
import { readable } from './readable';

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
  /** What the person may do, with the command where there is one, as `toPaste` writes it. */
  youMay: string[];
}

/** SNS refuses a longer subject. */
const MAX_SUBJECT = 100;

/** What stands in front of a command that is to be pasted: nothing else begins so. */
export const COMMAND_INDENT = '    ';

/** Tells people: plain text by e-mail, and the same in the shape that chats show. */
export class Notifier {
  constructor(
    private readonly sns: SNSClient,
    private readonly topicArn: string,
    /** Stands in front of each subject: whoever is woken must know first whether it is production. */
    private readonly environmentName: string,
  ) {}

  /** Publishes; an error is the caller's to retry. */
  async tell(notification: Notification): Promise<void> {
    const subject = subjectLine(`[${this.environmentName}] ${notification.subject}`);
    await this.sns.send(
      new PublishCommand({
        TopicArn: this.topicArn,
        Subject: subject,
        // chats listen by HTTPS, and drop without a word whatever is not in their shape
        MessageStructure: 'json',
        Message: JSON.stringify({
          default: notificationText(notification),
          https: JSON.stringify(chatMessage(subject, notification)),
        }),
      }),
    );
  }
}

/** Commands of which any one will do, each on a line of its own, so that one line is what is copied. */
export function toPaste(...commands: string[]): string {
  return `\n${commands.map(command => `${COMMAND_INDENT}${command}`).join('\n  or\n')}`;
}

/** The message's text. */
export function notificationText(notification: Notification): string {
  const numbers = Object.entries(notification.numbers ?? {});
  const sections = [
    `What happened\n${notification.what}`,
    `What we did\n${notification.did}`,
    ...(numbers.length > 0
      ? [`The numbers\n${numbers.map(([name, value]) => `- ${name}: ${readable(value)}`).join('\n')}`]
      : []),
    `What you may do\n${notification.youMay.length > 0 ? notification.youMay.map(step => `- ${step}`).join('\n') : '- Nothing; this is for your information.'}`,
  ];
  return `${sections.join('\n\n').replace(/ +$/gm, '')}\n`;
}

/** SNS takes printable ASCII on one line only, and starts with no space. */
function subjectLine(subject: string): string {
  const line = subject
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return line.length <= MAX_SUBJECT ? line : `${line.slice(0, MAX_SUBJECT - 3)}...`;
}
