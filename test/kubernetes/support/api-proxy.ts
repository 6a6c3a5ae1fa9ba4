import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connectionOf } from '../../support/kubeconfig-file';
import { selfSignedCertificate } from '../../support/self-signed-certificate';
import { CLUSTER_VARIABLE } from './cluster';

/** What goes wrong with one request. */
export type Fault =
  /** Something in front of the API server answers in its place. */
  | { readonly type: 'answer'; readonly status: number; readonly retryAfterSeconds?: number }
  /** It is done, and the answer never comes. */
  | { readonly type: 'silence' }
  /** It is done, and the connection is cut in the middle of the answer. */
  | { readonly type: 'cut' }
  /** Something happens before the API server hears of it. */
  | { readonly type: 'before'; readonly act: () => Promise<unknown> };

/** A request as it is seen on the wire. */
export interface SeenRequest {
  readonly method: string;
  /** Its path without the query. */
  readonly path: string;
}

/** A server in front of the API server, with a TLS of its own: whoever asks it asks over real connections, which break. */
export class ApiProxy {
  /** What becomes of a request; nothing where it is only handed on. */
  fault: (seen: SeenRequest) => Fault | undefined = () => undefined;
  readonly certificate: string;
  private readonly server: Server;
  private readonly upstream = connectionOf(process.env[CLUSTER_VARIABLE] ?? '');
  private readonly agent = new Agent({ ca: this.upstream.ca, keepAlive: true });

  private constructor() {
    const { cert, key } = selfSignedCertificate();
    this.certificate = cert;
    this.server = createServer({ cert, key }, (incoming, outgoing) => {
      this.answer(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
    });
  }

  static async start(): Promise<ApiProxy> {
    const proxy = new ApiProxy();
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    const { method = 'GET', url = '/' } = incoming;
    const fault = this.fault({ method, path: url.replace(/\?.*$/, '') });
    if (fault?.type === 'answer') {
      const { status, retryAfterSeconds } = fault;
      outgoing.writeHead(status, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) });
      outgoing.end('<html>not now</html>');
      return;
    }
    if (fault?.type === 'before') await fault.act();
    const answered = await this.handOn(incoming, body);
    if (fault?.type === 'silence') return;
    outgoing.writeHead(answered.status, { ...answered.headers, 'content-length': Buffer.byteLength(answered.body) });
    if (fault?.type === 'cut') {
      outgoing.write(answered.body.slice(0, answered.body.length / 2), () => outgoing.destroy());
      return;
    }
    outgoing.end(answered.body);
  }

  private async handOn(
    { method, url = '/', headers }: IncomingMessage,
    body: string,
  ): Promise<{ status: number; headers: Record<string, string>; body: string }> {
    const { authorization, accept } = headers;
    const type = headers['content-type'];
    const outgoing = request(new URL(url, this.upstream.server), {
      method,
      agent: this.agent,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(accept !== undefined && { accept }),
        ...(type !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
      },
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 0,
      headers: { 'content-type': answer.headers['content-type'] ?? '' },
      body: await textOf(answer),
    };
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
