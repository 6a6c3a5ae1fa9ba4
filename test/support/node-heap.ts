import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const ASK_EVERY_MS = 500;
/** Collected in one pass is only what no finalizer holds. */
const COLLECTIONS = 3;

/**
 * The live heap of another Node process, by its debugger: resident memory hardly tells a small leak from the collector's
 * own mind, what is left after a collection does.
 */
export class NodeHeap {
  private nextId = 1;
  private received: Buffer = Buffer.alloc(0);
  private readonly answers = new Map<number, (result: Record<string, number>) => void>();

  private constructor(private readonly socket: Duplex) {
    socket.on('data', (data: Buffer) => this.read(data));
  }

  /** Has the process open its debugger, which it tells in its log. */
  public static async open(pid: number, logFile: string): Promise<NodeHeap> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      // the port is the same for every process, and another may have it for a while
      process.kill(pid, 'SIGUSR1');
      await sleep(ASK_EVERY_MS);
      const log = readFileSync(logFile, 'utf8');
      const url = /Debugger listening on ws:\/\/(\S+)/.exec(log)?.[1];
      if (url !== undefined) {
        return new NodeHeap(await upgraded(`http://${url}`));
      }
      if (performance.now() > deadline) {
        const refused = /Starting inspector on .*/.exec(log)?.[0];
        throw new Error(`process ${pid} opened no debugger: ${refused ?? 'its log tells nothing'}`);
      }
    }
  }

  /** Bytes in use after a full collection. */
  public async liveBytes(): Promise<number> {
    for (let pass = 0; pass < COLLECTIONS; pass++) {
      await this.call('HeapProfiler.collectGarbage');
    }
    return (await this.call('Runtime.getHeapUsage')).usedSize ?? 0;
  }

  /** Leaves the process alone again. */
  public close(): void {
    this.socket.destroy();
  }

  private call(method: string): Promise<Record<string, number>> {
    const id = this.nextId++;
    return new Promise(resolve => {
      this.answers.set(id, resolve);
      this.socket.write(frame(JSON.stringify({ id, method })));
    });
  }

  private read(data: Buffer): void {
    this.received = Buffer.concat([this.received, data]);
    for (;;) {
      const message = unframed(this.received);
      if (message === undefined) return;
      this.received = message.rest;
      const { id, result } = JSON.parse(message.text) as { id?: number; result?: Record<string, number> };
      if (id !== undefined && result !== undefined) {
        this.answers.get(id)?.(result);
        this.answers.delete(id);
      }
    }
  }
}

function upgraded(url: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    request(url, { headers })
      .on('upgrade', (_, socket) => resolve(socket))
      .on('response', ({ statusCode }) => reject(new Error(`the debugger answered with status ${String(statusCode)}`)))
      .on('error', reject)
      .end();
  });
}

/** A text message of up to 125 bytes; all of ours are shorter. A client has to mask it. */
function frame(text: string): Buffer {
  const mask = randomBytes(4);
  const payload = Buffer.from(text).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}

/** The first message of the debugger, which sends each in one frame without a mask; undefined while it is not all there. */
function unframed(received: Buffer): { text: string; rest: Buffer } | undefined {
  if (received.length < 2) return undefined;
  const short = (received[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (received.length < start) return undefined;
  const length = short === 126 ? received.readUInt16BE(2) : short === 127 ? Number(received.readBigUInt64BE(2)) : short;
  if (received.length < start + length) return undefined;
  return { text: received.toString('utf8', start, start + length), rest: received.subarray(start + length) };
}
