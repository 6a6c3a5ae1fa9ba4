import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from '../kubernetes/api-request';

const TIMEOUT_MS = 15_000;
/** As often as `kubectl` asks again where the server says when to. */
const MOST_TRIES = 10;
/** Whoever is to wait longer hears what the server says instead of a timeout. */
const MOST_SECONDS = 5;

/** What every Kubernetes object has. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
}

/** Objects of a kind, as they are listed. */
export interface KubernetesList<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

/** One line of a watch. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/** What the API server refused. */
export class ClusterApiError extends Error {
  public override readonly name = 'ClusterApiError';

  constructor(
    message: string,
    public readonly status: number,
    public readonly reason: string,
  ) {
    super(message);
  }
}

/** What is sent. */
export interface ClusterRequest {
  readonly body?: object;
  /** @default application/json */
  readonly contentType?: string;
}

/** The API server of one local cluster, as its administrator. */
export class ClusterApi {
  private readonly agent: Agent;

  constructor(private readonly server: ApiServer) {
    this.agent = new Agent({ keepAlive: true, ca: server.certificateAuthority });
  }

  /** Sends a request and reads the whole answer; rejects unless it is a success. */
  public async send<T = KubernetesObject>(method: string, path: string, given: ClusterRequest = {}): Promise<T> {
    const incoming = await this.ask(method, path, given, AbortSignal.timeout(TIMEOUT_MS));
    const text = await textOf(incoming);
    const status = incoming.statusCode ?? 0;
    if (status < 200 || status >= 300) {
      throw refusal(method, path, status, text);
    }
    return JSON.parse(text) as T;
  }

  /** Sends a request; undefined where there is no such object. */
  public async find<T = KubernetesObject>(
    method: string,
    path: string,
    given?: ClusterRequest,
  ): Promise<T | undefined> {
    try {
      return await this.send<T>(method, path, given);
    } catch (error) {
      if (error instanceof ClusterApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Hands each event of a watch to `onEvent`; resolves when the server ends it. */
  public async watch<T>(path: string, signal: AbortSignal, onEvent: (event: WatchEvent<T>) => void): Promise<void> {
    const incoming = await this.ask('GET', path, {}, signal);
    if (incoming.statusCode !== 200) {
      throw refusal('GET', path, incoming.statusCode ?? 0, await textOf(incoming));
    }
    for await (const line of createInterface({ input: incoming, crlfDelay: Infinity })) {
      onEvent(JSON.parse(line) as WatchEvent<T>);
    }
  }

  /** Closes the connections that are kept. */
  public close(): void {
    this.agent.destroy();
  }

  /** Asks again when the server says so, as it does for the objects of a definition that is a moment old. */
  private async ask(
    method: string,
    path: string,
    given: ClusterRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    for (let tries = 1; ; tries += 1) {
      const incoming = await this.open(method, path, given, signal);
      const seconds = Number(incoming.headers['retry-after']);
      // a date is no number, and neither is nothing
      if (incoming.statusCode !== 429 || !(seconds <= MOST_SECONDS) || tries === MOST_TRIES) return incoming;
      incoming.resume();
      await sleep(seconds * 1000, undefined, { signal });
    }
  }

  private open(
    method: string,
    path: string,
    { body, contentType = 'application/json' }: ClusterRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(
        new URL(path, this.server.server),
        {
          method,
          agent: this.agent,
          signal,
          headers: {
            authorization: `Bearer ${this.server.token}`,
            accept: 'application/json',
            ...(text !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
          },
        },
        resolve,
      );
      outgoing.once('error', reject);
      outgoing.end(text);
    });
  }
}

function refusal(method: string, path: string, status: number, text: string): ClusterApiError {
  let said: { message?: string; reason?: string } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    // not every refusal comes as a Status object
  }
  return new ClusterApiError(said.message ?? `${method} ${path}: ${String(status)} ${text}`, status, said.reason ?? '');
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
