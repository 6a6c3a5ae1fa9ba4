import { Agent, request } from 'node:http';
import type { SignedRequest } from './signed-request';

/** Milliseconds from each request to the end of its answer, one after another over one connection. */
export async function latencies(endpoint: string, requests: readonly SignedRequest[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const taken: number[] = [];
  try {
    for (const each of requests) {
      const began = performance.now();
      await send(endpoint, agent, each);
      taken.push(performance.now() - began);
    }
  } finally {
    agent.destroy();
  }
  return taken;
}

function send(endpoint: string, agent: Agent, { path, headers, body }: SignedRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request(`${endpoint}${path}`, { method: 'POST', agent, headers }, answer => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        answer.statusCode === 200
          ? resolve()
          : reject(new Error(`answered ${String(answer.statusCode)} '${Buffer.concat(chunks).toString()}'`)),
      );
    })
      .on('error', reject)
      .end(body);
  });
}
