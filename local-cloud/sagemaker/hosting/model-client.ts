import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** Servers close idle connections after some seconds (uvicorn: 5); ours are closed before, so none is found dead. */
const IDLE_CONNECTION_MS = 3000;
const PING_TIMEOUT_MS = 2000;

/** An answer of a model server. */
export interface ModelAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The model has not answered in time. */
export class ModelTimeoutError extends Error {
  public override readonly name = 'ModelTimeoutError';
}

/** Nobody listens where the model server should: the request was not carried anywhere. */
export class UnreachableModelError extends Error {
  public override readonly name = 'UnreachableModelError';
}

/** HTTP to one model server on this machine, over connections that are kept. */
export class ModelClient {
  private readonly agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });

  constructor(private readonly port: number) {}

  /** Whether the server says that it is ready. */
  public async ping(): Promise<boolean> {
    try {
      const { status } = await this.send('GET', '/ping', {}, undefined, PING_TIMEOUT_MS);
      return status === 200;
    } catch {
      return false;
    }
  }

  /** Sends a request to the model; rejects when it cannot be reached (`UnreachableModelError`), breaks off, or takes too long. */
  public async invoke(
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    timeoutMs: number,
  ): Promise<ModelAnswer> {
    return this.send('POST', '/invocations', headers, body, timeoutMs);
  }

  /** Closes the kept connections. */
  public close(): void {
    this.agent.destroy();
  }

  private closeIdle(): void {
    for (const sockets of Object.values(this.agent.freeSockets)) {
      sockets?.forEach(socket => socket.destroy());
    }
  }

  private async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
    timeoutMs: number,
  ): Promise<ModelAnswer> {
    const attempt = { reused: false, answered: false };
    try {
      return await this.exchange(method, path, headers, body, timeoutMs, attempt);
    } catch (error) {
      // the other kept connections are most likely as dead, and each would cost another request
      if (isConnectionError(error)) this.closeIdle();
      if (!attempt.reused || attempt.answered || !isConnectionError(error)) {
        throw error;
      }
      return this.sendAgain(method, path, headers, body, timeoutMs, error);
    }
  }

  /** A kept connection that the server closed just then has most likely carried nothing: a new one has to show more. */
  private async sendAgain(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
    timeoutMs: number,
    first: Error,
  ): Promise<ModelAnswer> {
    try {
      return await this.exchange(method, path, headers, body, timeoutMs, { reused: false, answered: false });
    } catch (error) {
      // nobody is there any more, perhaps because of this very request: it counts as broken off and meets no other server
      throw error instanceof UnreachableModelError ? first : error;
    }
  }

  private exchange(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
    timeoutMs: number,
    attempt: { reused: boolean; answered: boolean },
  ): Promise<ModelAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          agent: this.agent,
          headers: { ...headers, ...(body !== undefined && { 'content-length': String(body.length) }) },
        },
        incoming => {
          attempt.answered = true;
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', finish);
          incoming.on('end', () => {
            clearTimeout(timer);
            resolve({ status: incoming.statusCode ?? 500, headers: incoming.headers, body: Buffer.concat(chunks) });
          });
        },
      );
      const timer = setTimeout(() => {
        finish(new ModelTimeoutError(`no answer within ${timeoutMs} ms`));
        outgoing.destroy();
      }, timeoutMs);
      outgoing.on('error', finish);
      outgoing.end(body);

      function finish(error: Error): void {
        clearTimeout(timer);
        attempt.reused = outgoing.reusedSocket;
        reject(codeOf(error) === 'ECONNREFUSED' ? new UnreachableModelError(error.message, { cause: error }) : error);
      }
    });
  }
}

function isConnectionError(error: unknown): error is Error {
  return ['ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
