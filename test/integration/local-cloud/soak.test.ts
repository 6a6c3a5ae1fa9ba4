import { readdirSync } from 'node:fs';
import { SageMakerClient, UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { LocalCloud } from '../../../local-cloud/start';
import { NodeHeap } from '../../support/node-heap';
import { call } from './callers';
import { commandOf, descendantsOf, listeningPorts, openFiles, residentBytes } from '../../support/processes';
import { clientOf, eventually } from './stack';
import {
  createTinyConfig,
  createTinyEndpoint,
  deleteTinyConfig,
  deleteTinyEndpoint,
  settled,
  startTinyCloud,
} from './tiny-endpoint';

/** More of them by `SOAK_CYCLES=1000`. */
const CYCLES = Number(process.env.SOAK_CYCLES ?? 100);
/** Compiled code and caches come in these; what comes later is a leak. */
const WARM_UP = 20;
/** Of so many cycles, one goes wrong on the way. */
const WRONG_EVERY = 5;
const SECONDS_PER_CYCLE = 3;
/** Compiled code goes on to grow a little (of 300 cycles, nothing else was left); one unclosed client is 40 kB a cycle. */
const HEAP_MARGIN = 2_000_000;
const CODE_PER_CYCLE = 2_000;
/** The same for pages, which are given back late. */
const RESIDENT_MARGIN = 20_000_000;
/** MiniStack keeps, as AWS does, what each endpoint leaves behind: its metrics, log groups and the roles' sessions. */
const KEPT_BY_MINISTACK = 100_000;

let cloud: LocalCloud;
let sagemaker: SageMakerClient;
let runtime: SageMakerRuntimeClient;

beforeAll(async () => {
  cloud = await startTinyCloud({ auth: false });
  sagemaker = new SageMakerClient(clientOf(cloud));
  runtime = new SageMakerRuntimeClient({ ...clientOf(cloud), maxAttempts: 1 });
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

/** What an endpoint answers to a few predictions, as the versions that answered. */
async function predictions(endpoint: string): Promise<string[]> {
  const calls = await Promise.all(['a', 'b', 'c'].map(payload => call(runtime, endpoint, payload)));
  return calls.map(({ version, error, wrong }) => wrong ?? error ?? version ?? '');
}

/** A life of an endpoint under a name of its own, so that what is kept by name shows too. */
async function cycle(number: number): Promise<void> {
  const [endpoint, first, second] = [`soak-${number}`, `first-${number}`, `second-${number}`];
  await createTinyEndpoint(sagemaker, endpoint, { version: first });
  expect(await predictions(endpoint)).toEqual([first, first, first]);
  if (number % WRONG_EVERY === 0) {
    await goWrong(endpoint, number);
  }
  expect(await update(endpoint, second)).toBe(second);
  expect(await predictions(endpoint)).toEqual([second, second, second]);
  await deleteTinyEndpoint(sagemaker, endpoint, [first, second]);
}

/** A model server dies, and an update to a version that does not start is taken back. */
async function goWrong(endpoint: string, number: number): Promise<void> {
  const { version, pid } = await call(runtime, endpoint, 'who is there');
  if (version === undefined || pid === undefined) {
    throw new Error(`endpoint '${endpoint}' did not answer`);
  }
  process.kill(pid, 'SIGKILL');
  // the first may meet the server as it dies
  await call(runtime, endpoint, 'who is there now');
  expect(await predictions(endpoint)).toEqual([version, version, version]);
  const broken = `broken-${number}`;
  expect(await update(endpoint, broken)).toBe(version);
  await deleteTinyConfig(sagemaker, broken);
}

/** Updates an endpoint to a new configuration and returns the name of the one that it then has. */
async function update(endpoint: string, version: string): Promise<string | undefined> {
  const EndpointConfigName = await createTinyConfig(sagemaker, { version });
  await sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));
  return (await settled(sagemaker, endpoint)).EndpointConfigName;
}

/** Files and folders of the cloud, but for the compiler's cache of the server's own source. */
function files(): string[] {
  return readdirSync(cloud.scratchDir, { recursive: true, encoding: 'utf8' }).filter(name => !name.startsWith('tsx-'));
}

function processOf(module: string): number {
  const pid = descendantsOf(process.pid).find(each => commandOf(each).includes(module));
  if (pid === undefined) {
    throw new Error(`no process below this one runs ${module}`);
  }
  return pid;
}

test(
  'endpoints that come and go leave no process, port, file or memory behind',
  async () => {
    // GIVEN a cloud that has done it a few times
    const server = processOf('sagemaker/server.ts');
    const ministack = processOf('mlops_local');
    const heap = await NodeHeap.open(server, cloud.logs.sagemaker);
    const measure = async () => {
      const processes = descendantsOf(process.pid);
      return {
        processes,
        ports: listeningPorts(processes).sort(),
        files: files(),
        openFiles: openFiles(server).length,
        heap: await heap.liveBytes(),
        resident: residentBytes(server),
        ministack: residentBytes(ministack),
      };
    };
    for (let number = 0; number < WARM_UP; number++) {
      await cycle(number);
    }
    const warm = await measure();

    // WHEN
    for (let number = WARM_UP; number < CYCLES; number++) {
      await cycle(number);
    }

    // THEN the last process of an endpoint that is gone is gone too
    await eventually(() =>
      Promise.resolve(descendantsOf(process.pid).length <= warm.processes.length ? true : undefined),
    );
    const after = await measure();
    heap.close();
    process.stdout.write(`soak: ${JSON.stringify({ cycles: CYCLES, warm: figures(warm), after: figures(after) })}\n`);
    expect(after.processes).toEqual(warm.processes);
    expect(after.ports).toEqual(warm.ports);
    expect(after.files).toEqual(warm.files);
    // a connection or two of the pools may be open or not
    expect(after.openFiles).toBeLessThanOrEqual(warm.openFiles + 5);
    expect(after.heap).toBeLessThan(warm.heap + HEAP_MARGIN + (CYCLES - WARM_UP) * CODE_PER_CYCLE);
    expect(after.resident).toBeLessThan(warm.resident + RESIDENT_MARGIN);
    expect(after.ministack).toBeLessThan(warm.ministack + (CYCLES - WARM_UP) * KEPT_BY_MINISTACK);
  },
  CYCLES * SECONDS_PER_CYCLE * 1000,
);

function figures(measured: { openFiles: number; heap: number; resident: number; ministack: number }) {
  const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;
  const { openFiles: open, heap, resident, ministack } = measured;
  return { openFiles: open, heapMB: megabytes(heap), rssMB: megabytes(resident), ministackMB: megabytes(ministack) };
}
