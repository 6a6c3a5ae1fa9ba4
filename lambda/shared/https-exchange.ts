import type { OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';

/** A request, whole. */
export interface HttpsRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string;
}

/** An answer, whole. */
export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** Whom to trust, and as whom to speak. */
export interface HttpsTrust {
  /** PEM of who signed the server's certificate; nobody else is trusted. */
  readonly ca: string;
  /**
   * PEM of a client certificate.
   *
   * @default - none
   */
  readonly cert?: string;
  /**
   * PEM of its key.
   *
   * @default - none
   */
  readonly key?: string;
}

/** Sends requests to one server over connections that are kept. */
export class HttpsExchange {
  private readonly agent: Agent;

  constructor(trust: HttpsTrust) {
    this.agent = new Agent({ ...trust, keepAlive: true });
  }

  /** Sends a request; rejects unless the answer has come whole within `timeoutMs`. */
  send({ method, url, headers, body }: HttpsRequest, timeoutMs: number): Promise<HttpsAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, agent: this.agent });
      // of the whole exchange: a socket's own timeout begins anew with every byte
      const timer = setTimeout(() => {
        outgoing.destroy(new Error(`not answered whole within ${timeoutMs} ms`));
      }, timeoutMs);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      outgoing.once('error', fail);
      outgoing.once('response', incoming => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        // also when the connection is cut before the end
        incoming.once('error', fail);
        incoming.once('end', () => {
          clearTimeout(timer);
          const text = Buffer.concat(chunks).toString();
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
        });
      });
      outgoing.end(body);
    });
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.agent.destroy();
  }
}
