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
export function fakeClient(responders: Partial<Record<string, Responder>>): { client: never; sent: SentCommand[] } {
  const sent: SentCommand[] = [];
  const client = {
    send(command: { constructor: { name: string }; input: Record<string, unknown> }): Promise<unknown> {
      const name = command.constructor.name.replace(/Command$/, '');
      sent.push({ name, input: command.input });
      const responder = responders[name];
      if (responder === undefined) {
        return Promise.reject(new Error(`unexpected command ${name} ${JSON.stringify(command.input)}`));
      }
      // in a promise, so that what a responder throws is a rejection, as the SDK's is
      return Promise.resolve().then(() => responder(command.input) ?? {});
    },
  };
  return { client: client as never, sent };
}

/** An error as the SDK throws it. */
export function serviceError(name: string, message = name, extra: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { name, ...extra });
}
