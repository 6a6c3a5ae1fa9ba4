/**
 * `npx tsx bench/kubernetes-rollback.ts [--rounds 20] [--json]`: a rollback by the release steps and the Kubernetes target
 * on a real API server, by step, where the version before has its pods and where it has none.
 *
 * kwok plays the nodes, so a pod is ready at once: what a model server takes to start comes on top of the cold one.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { collect } from '../lambda/version-collector/collect';
import { startControlPlane } from '../local-cloud/kubernetes/control-plane';
import { CLUSTER_VARIABLE, eventually, removeNamespaces } from '../test/kubernetes/support/cluster';
import { came, ReleasedModel } from '../test/kubernetes/support/released-model';
import { MODEL } from '../test/lambda/release-step/support/world';
import { median, percentile } from './benchmark';

const DEFAULT_ROUNDS = 20;
const DAY_SECONDS = 24 * 3600;
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const POD = { apiVersion: 'v1', kind: 'Pod' };

type Before = 'warm' | 'cold';
/** Milliseconds by step, in their order. */
type Taken = Readonly<Record<string, number>>;

/** Rolls a model back so often, and once before to open the connections. */
async function rollBacks(before: Before, rounds: number): Promise<Taken[]> {
  const model = await ReleasedModel.begin({ shift: { type: 'ALL_AT_ONCE', stepPercent: 100, waitSeconds: 0 } });
  await release(model, '1');
  const taken: Taken[] = [];
  for (let round = 0; round <= rounds; round++) {
    const bad = String(round + 2);
    await release(model, bad);
    if (before === 'cold') await stopPods(model, '1');
    const one = await rollBack(model, bad);
    model.world.pass(DAY_SECONDS);
    if (round > 0) taken.push(one);
    // or the quota would be full of versions that nobody needs
    await collect({
      models: () => Promise.resolve([MODEL]),
      state: () => Promise.resolve(model.world.state()),
      settings: () => Promise.resolve(model.settings),
      cluster: () => model.collector,
    });
  }
  return taken;
}

async function release(model: ReleasedModel, version: string): Promise<void> {
  model.register(version);
  const ended = came(await model.ask({ version }));
  if (!ended.startsWith('SUCCEEDED')) throw new Error(`the release of version ${version} ended as ${ended}`);
  model.world.pass(DAY_SECONDS);
}

async function rollBack(model: ReleasedModel, from: string): Promise<Taken> {
  const taken: Record<string, number> = {};
  const began = performance.now();
  let last = { state: '', at: began };
  const next = (state: string) => {
    const at = performance.now();
    // the tries of a step and the waits between them are one
    if (last.state !== '') taken[last.state] = (taken[last.state] ?? 0) + at - last.at;
    last = { state, at };
  };
  const execution = await model.ask({ action: 'rollback', version: '1', from }, next);
  next('');
  if (execution.status !== 'SUCCEEDED') throw new Error(`the rollback ended as ${came(execution)}`);
  return { ...taken, 'all of it': performance.now() - began };
}

/** As if somebody had scaled it to nothing. */
async function stopPods({ administrator, namespace }: ReleasedModel, version: string): Promise<void> {
  const labels = { 'mlops/model-version': version };
  const [deployment] = await administrator.list(DEPLOYMENT, { namespace, labels });
  await administrator.mergePatch(deployment, { spec: { replicas: 0 } }, { fieldManager: 'kubectl' });
  await eventually(
    () => administrator.list(POD, { namespace, labels }),
    pods => pods.length === 0,
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, json: { type: 'boolean', default: false } } });
  const rounds = values.rounds === undefined ? DEFAULT_ROUNDS : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`'--rounds' must be a whole number of at least 1, got '${values.rounds ?? ''}'`);
  }
  const controlPlane = await startControlPlane();
  process.env[CLUSTER_VARIABLE] = controlPlane.kubeconfig;
  try {
    const warm = await rollBacks('warm', rounds);
    const cold = await rollBacks('cold', rounds);
    await removeNamespaces();
    const names = [...new Set([...warm, ...cold].flatMap(one => Object.keys(one)))];
    const steps = names.map(step => ({ step, warm: figures(warm, step), cold: figures(cold, step) }));
    const load = loadavg()[0];
    if (values.json) process.stdout.write(`${JSON.stringify({ rounds, load, steps }, null, 2)}\n`);
    else {
      const line = (...cells: string[]) =>
        void process.stdout.write(
          `${cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(12))).join('')}\n`,
        );
      line(`ms, load ${load.toFixed(1)}`, 'warm median', 'p99', 'cold median', 'p99');
      for (const { step, ...by } of steps) {
        line(step, ...[by.warm, by.cold].flatMap(({ medianMs, p99Ms }) => [String(medianMs), String(p99Ms)]));
      }
    }
  } finally {
    await controlPlane.stop();
  }
}

function figures(all: readonly Taken[], step: string): { medianMs: number; p99Ms: number } {
  const taken = all.map(one => one[step] ?? 0);
  return { medianMs: Math.round(median(taken)), p99Ms: Math.round(percentile(taken, 0.99)) };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
