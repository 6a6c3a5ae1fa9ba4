import type { Notification } from './notify';
import { readable } from './readable';

/**
 * A custom notification of Amazon Q Developer in chat applications. It delivers events of AWS services and messages of
 * this shape, and drops all others without a word.
 *
 * @see https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export interface ChatMessage {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly content: {
    /** The markdown of whichever chat shows it. */
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
  };
}

/** What one block of a Slack message holds; the e-mail has the rest. */
const MAX_DESCRIPTION = 3000;

/** A notification as chats show it: no thread, since nobody is woken by an answer in a thread. */
export function chatMessage(title: string, { what, did, numbers = {}, youMay }: Notification): ChatMessage {
  const lines = Object.entries(numbers).map(([name, value]) => `• ${name}: ${readable(value)}`);
  const sections = [
    `*What happened*\n${what}`,
    `*What we did*\n${did}`,
    ...(lines.length === 0 ? [] : [`*The numbers*\n${lines.join('\n')}`]),
  ];
  return {
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title,
      description: shortened(sections.join('\n\n')),
      nextSteps: youMay.length === 0 ? ['Nothing; this is for your information.'] : youMay.map(asMarkdown),
    },
  };
}

/** Commands as code: a chat would make other quotes and dashes of them. */
function asMarkdown(step: string): string {
  return step
    .split('\n')
    .map(line => line.trimEnd().replace(/^ {4}(.*)$/, '`$1`'))
    .join('\n');
}

function shortened(text: string): string {
  const rest = '… (the e-mail has the rest)';
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - rest.length)}${rest}`;
}
