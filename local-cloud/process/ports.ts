import { createServer } from 'node:net';

/** So many ports are not given again soon: more than are ever waited for at once, and few of those that there are. */
const REMEMBERED = 1000;
const lately: number[] = [];

/**
 * A loopback port that nothing listens on now and that was not given to another caller lately: who gets it takes a while
 * to listen there, and would be mistaken for one who got the same and was faster.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await bindOnce(0);
    if (!lately.includes(port)) {
      lately.push(port);
      if (lately.length > REMEMBERED) {
        lately.shift();
      }
      return port;
    }
  }
}

/** Throws unless `port` can be listened on. */
export async function assertPortIsFree(port: number): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`'port' must be a whole number from 1 to 65535, got ${String(port)}`);
  }
  try {
    await bindOnce(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(
      `'port' ${String(port)} cannot be used (${code}); choose another, or none to have a free one found`,
      {
        cause: error,
      },
    );
  }
}

function bindOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') {
          reject(new Error('the system gave no port'));
        } else {
          resolve(address.port);
        }
      });
    });
  });
}
