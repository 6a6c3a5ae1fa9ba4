import { request } from 'node:https';

/** How to reach an API server as somebody. */
export interface ApiServer {
  readonly server: string;
  readonly certificateAuthority: string;
  readonly token: string;
}

/** What it answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** Far beyond what any of these requests takes. */
const TIMEOUT_MS = 10_000;

/** One request to an API server; a text is sent as YAML, anything else as JSON. */
export function apiRequest(api: ApiServer, method: string, path: string, body?: string | object): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, api.server),
      {
        method,
        ca: api.certificateAuthority,
        timeout: TIMEOUT_MS,
        headers: {
          authorization: `Bearer ${api.token}`,
          accept: 'application/json',
          'content-type': typeof body === 'string' ? 'application/yaml' : 'application/json',
        },
      },
      incoming => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => {
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer within ${TIMEOUT_MS} ms`)));
    outgoing.once('error', reject);
    outgoing.end(typeof body === 'object' ? JSON.stringify(body) : body);
  });
}
