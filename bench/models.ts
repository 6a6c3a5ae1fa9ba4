/**
 * `npx tsx bench/models.ts [--models 1,10,100] [--requests 1,5] [--json]`: what a model adds to an environment, in resources,
 * template and synth, and in requests to AWS; `docs/cost-of-a-model.md` reads it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleApps } from './app-run';
import { perModel } from './growth';
import { requestsWith, type Counts, type ModelRequests } from './model-requests';
import { templatesOf, type Templates } from './model-templates';

/** So many models are extrapolated to. */
const MANY = 100;

interface Measured {
  readonly templates: readonly Templates[];
  readonly requests: readonly ModelRequests[];
}

async function measure(templateCounts: readonly number[], requestCounts: readonly number[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-models-'));
  const templates: Templates[] = [];
  const requests: ModelRequests[] = [];
  const repository = join(__dirname, '..');
  try {
    await bundleApps(repository, 'bin/platform.ts');
    for (const count of templateCounts) {
      process.stderr.write(`synth of ${count} models …\n`);
      templates.push(await templatesOf(count, repository, folder));
    }
    for (const count of requestCounts) {
      process.stderr.write(`a release and an idle day of ${count} models …\n`);
      requests.push(await requestsWith(count));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { templates, requests };
}

function asText({ templates, requests }: Measured): string {
  const lines = [row('models', 'synth s', 'shared', 'shared kB', 'of models', 'their kB')];
  for (const { models, synthSeconds, shared, ofModels } of templates) {
    lines.push(
      row(
        models,
        synthSeconds.toFixed(1),
        total(shared.resources),
        kilobytes(shared.bytes),
        total(ofModels.resources),
        kilobytes(ofModels.bytes),
      ),
    );
  }
  const one = templates.at(0);
  if (one !== undefined) {
    lines.push('', `resources of ${one.models} models by type:`);
    for (const [type, count] of Object.entries(one.ofModels.resources).sort())
      lines.push(`${String(count).padStart(4)} ${type}`);
  }
  for (const [title, of] of [
    ['requests of an idle day, a look at all models once an hour', r => r.idleDay],
    ['requests of one release', r => r.release],
    ['state transitions', r => r.transitions],
  ] as [string, (requests: ModelRequests) => Counts][]) {
    lines.push(
      '',
      `${title}:`,
      row(...requests.map(({ models }) => `of ${models}`), 'a model', 'shared', `of ${MANY}`),
    );
    const keys = [...new Set(requests.flatMap(each => Object.keys(of(each))))].sort();
    for (const key of keys) {
      const points = requests.map(each => ({ models: each.models, value: of(each)[key] ?? 0 }));
      const { slope, fixed } = perModel(points);
      lines.push(`${row(...points.map(({ value }) => value), slope, fixed, fixed + MANY * slope)}  ${key}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function row(...cells: readonly (string | number)[]): string {
  return cells.map(cell => String(cell).padStart(11)).join('');
}

function total(resources: Counts): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0);
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(0);
}

function counts(option: string, text: string): number[] {
  const found = text === '' ? [] : text.split(',').map(Number);
  if (!found.every(count => Number.isInteger(count) && count >= 1 && count <= 999)) {
    throw new Error(`'--${option}' must be whole numbers from 1 to 999 with commas between them, got '${text}'`);
  }
  return found;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      models: { type: 'string', default: '1,10,100' },
      requests: { type: 'string', default: '1,5' },
      json: { type: 'boolean', default: false },
    },
  });
  const measured = await measure(counts('models', values.models), counts('requests', values.requests));
  process.stdout.write(values.json ? `${JSON.stringify(measured, null, 2)}\n` : asText(measured));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
