/** A command as a test sees it. */
export interface SentCommand {
  readonly name: string;
  readonly input: Record<string, unknown>;
}

/** Answers one command. */
export type Responder = (input: Record<string, unknown>) => unknown;

/**
 * An AWS SDK client that answers from functions by the command's name (`GetParameter`) and keeps what was sent. A
 * command without a responder fails the test.
 */
export function fakeClient<Client>(responders: Record<string, Responder>): { client: Client; sent: SentCommand[] } {
  const sent: SentCommand[] = [];
  const client = {
    async send(command: { constructor: { name: string }; input: Record<string, unknown> }): Promise<unknown> {
      const name = command.constructor.name.replace(/Command$/, '');
      sent.push({ name, input: command.input });
      const responder = responders[name];
      if (responder === undefined) throw new Error(`unexpected command ${name} ${JSON.stringify(command.input)}`);
      return responder(command.input) ?? {};
    },
  };
  return { client: client as Client, sent };
}

/** An error as the SDK throws it. */
export function serviceError(name: string, message = name, extra: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { name, ...extra });
}
