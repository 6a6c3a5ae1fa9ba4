/**
 * The local EKS as a process of its own, started when the first cluster is made: prints `eks ready http://127.0.0.1:PORT`,
 * and ends, with every process that it has started, on SIGTERM, on SIGINT, and when its standard input closes.
 */
import { createServer } from 'node:http';
import { ClusterService } from './cluster-service';
import { listen, urlOf } from './listen';
import { readOptions } from './options';

async function main(): Promise<void> {
  const service = new ClusterService(readOptions(process.env));
  const server = createServer((request, response) => {
    void service.answer(request, response);
  });
  await listen(server, 0);
  let closing = false;
  const end = (): void => {
    if (!closing) {
      closing = true;
      server.close();
      server.closeAllConnections();
      service.stop().then(() => process.exit(0), fail);
    }
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.stdin.on('end', end).on('close', end).on('error', end).resume();
  process.stdout.write(`eks ready ${urlOf(server)}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
