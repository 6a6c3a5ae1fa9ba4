import { connect, type Socket } from 'node:net';

/** What is sent again and again. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

const HEAD_END = '\r\n\r\n';

/**
 * Requests answered in a second over a few connections that stay open, each sending its next request once the last is
 * answered. Node's own client would cost more than the servers that are measured.
 */
export async function requestsPerSecond(load: Load): Promise<number> {
  const request = [
    `POST ${load.path} HTTP/1.1`,
    `Host: 127.0.0.1:${load.port}`,
    ...Object.entries({ 'Content-Type': 'application/json', ...load.headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    `Content-Length: ${Buffer.byteLength(load.body)}`,
    '',
    load.body,
  ].join('\r\n');
  const began = performance.now();
  const deadline = began + load.seconds * 1000;
  const answered = await Promise.all(
    Array.from({ length: load.connections }, () => ask(connect(load.port, '127.0.0.1'), request, deadline)),
  );
  return answered.reduce((sum, count) => sum + count, 0) / ((performance.now() - began) / 1000);
}

function ask(socket: Socket, request: string, deadline: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let received = '';
    socket.setNoDelay(true);
    socket.on('connect', () => socket.write(request));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the server closed the connection after ${answered} answers`)));
    socket.on('data', (data: Buffer) => {
      received += data.toString('latin1');
      const length = answerLength(received);
      if (length === undefined || received.length < length) {
        return;
      }
      if (!received.startsWith('HTTP/1.1 200')) {
        reject(new Error(`the server answered '${received.slice(0, length)}'`));
        socket.destroy();
        return;
      }
      answered += 1;
      received = received.slice(length);
      if (performance.now() < deadline) {
        socket.write(request);
      } else {
        resolve(answered);
        socket.destroy();
      }
    });
  });
}

/** Bytes of the first answer, once its head is there. */
function answerLength(received: string): number | undefined {
  const head = received.indexOf(HEAD_END);
  if (head === -1) {
    return undefined;
  }
  const length = /^content-length: *(\d+)/im.exec(received.slice(0, head));
  if (length === null) {
    throw new Error('the server answered without a content-length');
  }
  return head + HEAD_END.length + Number(length[1]);
}
