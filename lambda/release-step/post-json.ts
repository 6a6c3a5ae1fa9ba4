import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const ANSWER_MS = 10_000;

/**
 * Posts JSON to a URL, by the name of another host than the URL's if one is given: then a certificate must be for that
 * name. Not by `fetch`, which always names the URL's host.
 */
export function postJson(url: string, body: string, hostname?: string): Promise<{ status: number; body: string }> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(hostname === undefined ? {} : { host: hostname }),
  };
  return new Promise((resolve, reject) => {
    // of the whole exchange, and of no connection that a gateway may have closed since the last one
    const signal = AbortSignal.timeout(ANSWER_MS);
    const outgoing = request(url, { method: 'POST', headers, signal, agent: false }, incoming => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
