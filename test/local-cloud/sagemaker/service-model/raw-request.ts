import { request } from 'node:http';
import type { RawAnswer } from './answer-check';

/** A request that is not answered by then hangs. */
const DEADLINE_MS = 10_000;

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A request of the JSON protocol for an operation, whatever its body is. */
export function operationRequest(operation: string, body: Uint8Array): RawRequest {
  return {
    method: 'POST',
    path: '/',
    headers: { 'x-amz-target': `SageMaker.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
    body,
  };
}

/**
 * Sends a request as it is, since clients would put some of them right. Rejects when the answer is none that a caller may
 * get: success, an error of the caller's, or not implemented.
 */
export async function send(url: string, { method, path, headers, body }: RawRequest): Promise<RawAnswer> {
  const answer = await new Promise<RawAnswer>((resolve, reject) => {
    const call = request(
      url,
      {
        method,
        path,
        headers: { ...headers, 'content-length': body.length },
        signal: AbortSignal.timeout(DEADLINE_MS),
      },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
  const { status } = answer;
  if (status !== 200 && status !== 501 && !(status >= 400 && status <= 499)) {
    throw new Error(`status ${status}: ${answer.body.slice(0, 500)}`);
  }
  return answer;
}
