import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../local-cloud/process/ports';
import type { Benchmark } from './benchmark';
import { requestsPerSecond } from './http-load';
import { pythonNumber } from './run-python';

const FEATURES = 8;
const CONNECTIONS = 2;
const SECONDS = 2;
const READY_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 100;

const BODY = JSON.stringify({
  instances: [Object.fromEntries(Array.from({ length: FEATURES }, (_, index) => [`x${index}`, 0.1 * index]))],
});

/** The model server, with its checks, request ids, versions and metrics, one row a request. */
export const modelServer: Benchmark = {
  name: 'model-server',
  unit: `requests/s at ${CONNECTIONS} connections`,
  comparedTo: 'a bare Starlette route around the same model: no checks, ids, versions or metrics',
  rounds: 3,
  async prepare(workbench) {
    const { repository, python, folder } = workbench;
    const model = join(folder, 'model');
    await pythonNumber(workbench, 'make_model.py', [model, String(FEATURES)]);
    const [ours, theirs] = [await freePort(), await freePort()];
    const servers = [
      spawn(python, ['-m', 'model_server'], {
        cwd: join(repository, 'images', 'model-server'),
        env: {
          ...process.env,
          MODEL_NAME: 'bench',
          MODEL_VERSION: '1',
          SM_MODEL_DIR: model,
          SAGEMAKER_BIND_TO_PORT: String(ours),
          MODEL_SERVER_HOST: '127.0.0.1',
        },
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
      spawn(python, [join(repository, 'bench', 'python', 'bare_server.py'), model, String(theirs)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    ];
    const close = () => Promise.all(servers.map(ended)).then(() => undefined);
    try {
      await Promise.all([ready(ours, servers[0]), ready(theirs, servers[1])]);
    } catch (error) {
      await close();
      throw error;
    }
    const load = (port: number) =>
      requestsPerSecond({ port, path: '/invocations', body: BODY, connections: CONNECTIONS, seconds: SECONDS });
    return { ours: () => load(ours), theirs: () => load(theirs), close };
  },
};

async function ready(port: number, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_MILLISECONDS;
  while (performance.now() < deadline && server.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`).catch(() => undefined);
    if (answer?.ok === true) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MILLISECONDS));
  }
  throw new Error(`a server did not answer '/ping' (exit code ${server.exitCode ?? 'none'})`);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.kill()) {
    await once(server, 'exit');
  }
}
