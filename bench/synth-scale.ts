/**
 * `npx tsx bench/synth-scale.ts [--models 100] [--rounds 3] [--json]`: time and memory of a synth, of all environments and of
 * one with many models, each beside an empty app and beside an app of the same resources as plain L1s, in turn and without
 * validation; `docs/cost-of-a-model.md` has the figures.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AppRun, bundleApps, runApp, type Usage } from './app-run';
import { median } from './benchmark';
import { contextOf, ENVIRONMENT, writeEnvironment } from './environment-of-models';
import { resourcesIn } from './resource-count';

const MEASURES = ['seconds', 'cpuSeconds', 'peakMb'] as const;

/** What is synthesised, and what it is compared to. */
interface Line {
  readonly name: string;
  readonly ours: AppRun;
  readonly plain: AppRun;
}

/** Medians of one line; ratios are ours by theirs. */
interface Measured {
  readonly name: string;
  readonly resources: number;
  readonly largestStack: number;
  readonly ours: Usage;
  readonly plain: Usage;
  readonly empty: Usage;
}

async function measure(models: number, rounds: number): Promise<Measured[]> {
  const repository = join(__dirname, '..');
  const folder = mkdtempSync(join(tmpdir(), 'mlops-synth-'));
  try {
    writeEnvironment(models, repository, join(folder, 'root'));
    const context = contextOf(repository);
    const platform = { repository, app: 'platform' };
    await bundleApps(repository, 'bin/platform.ts', 'bench/plain-app.ts', 'bench/empty-app.ts');
    const many = {
      ...platform,
      out: join(folder, 'many'),
      context: { ...context, root: join(folder, 'root') },
      variables: { MLOPS_ENVIRONMENT: ENVIRONMENT },
    };
    const all = { ...platform, out: join(folder, 'all'), context, variables: { MLOPS_ENVIRONMENT: '' } };
    const lines = [
      { name: 'all environments', ours: all, plain: plainOf(all) },
      { name: `${models} models`, ours: many, plain: plainOf(many) },
    ];
    const empty = { repository, app: 'empty-app', out: join(folder, 'empty'), context };
    const measured: Measured[] = [];
    for (const line of lines) measured.push(await compare(line, empty, rounds));
    return measured;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The L1s are read from what ours wrote. */
function plainOf({ repository, out, context }: AppRun): AppRun {
  return { repository, app: 'plain-app', args: [out], out: `${out}-plain`, context };
}

/** In turn, so that whatever else the machine does falls on all three; a first round warms caches and is not counted. */
async function compare({ name, ours, plain }: Line, empty: AppRun, rounds: number): Promise<Measured> {
  const apps = { ours, plain, empty };
  const usages: Record<keyof typeof apps, Usage[]> = { ours: [], plain: [], empty: [] };
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(`${name}, round ${round} of ${rounds} …\n`);
    for (const app of ['ours', 'plain', 'empty'] as const) {
      const usage = await runApp(apps[app]);
      if (round > 0) usages[app].push(usage);
    }
  }
  const counts = resourcesIn(ours.out);
  const again = resourcesIn(plain.out);
  if (total(counts) !== total(again)) {
    throw new Error(`'${name}' has ${total(counts)} resources, must be as many as the plain app's ${total(again)}`);
  }
  return {
    name,
    resources: total(counts),
    largestStack: Math.max(...counts),
    ours: medians(usages.ours),
    plain: medians(usages.plain),
    empty: medians(usages.empty),
  };
}

function medians(usages: readonly Usage[]): Usage {
  const [seconds, cpuSeconds, peakMb] = MEASURES.map(measured => median(usages.map(usage => usage[measured])));
  return { seconds, cpuSeconds, peakMb };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function asText(measured: readonly Measured[]): string {
  const lines = measured.flatMap(({ name, resources, largestStack, ours, plain, empty }) => [
    `${name}: ${resources} resources, ${largestStack} in the largest stack`,
    row('', 'ours', 'plain L1s', 'empty app', 'ours ÷ plain', 'ours ÷ empty'),
    ...MEASURES.map(measure =>
      row(
        measure,
        ours[measure].toFixed(1),
        plain[measure].toFixed(1),
        empty[measure].toFixed(1),
        (ours[measure] / plain[measure]).toFixed(2),
        (ours[measure] / empty[measure]).toFixed(2),
      ),
    ),
    '',
  ]);
  return lines.join('\n');
}

function row(head: string, ...cells: readonly string[]): string {
  return head.padEnd(12) + cells.map(cell => cell.padStart(14)).join('');
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 999) return number;
  throw new Error(`'--${option}' must be a whole number from 1 to 999, got '${text}'`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      models: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const measured = await measure(wholeNumber('models', values.models), wholeNumber('rounds', values.rounds));
  process.stdout.write(values.json ? `${JSON.stringify(measured, null, 2)}\n` : asText(measured));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
