import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runApp } from './app-run';
import { contextOf, ENVIRONMENT, writeEnvironment } from './environment-of-models';

/** What an environment with so many models is made of. */
export interface Templates {
  readonly models: number;
  readonly synthSeconds: number;
  /** Of the stacks that all models share. */
  readonly shared: Size;
  /** Of all the models' stacks together. */
  readonly ofModels: Size;
}

/** Of one template or several. */
export interface Size {
  readonly bytes: number;
  /** Number of resources by their type. */
  readonly resources: Readonly<Record<string, number>>;
}

/** Synthesises the platform's own app with so many copies of its example. */
export async function templatesOf(models: number, repository: string, folder: string): Promise<Templates> {
  const root = join(folder, `root-${models}`);
  const out = join(folder, `cdk.out-${models}`);
  writeEnvironment(models, repository, root);
  const { seconds: synthSeconds } = await runApp({
    repository,
    app: 'platform',
    out,
    context: { ...contextOf(repository), root },
    variables: { MLOPS_ENVIRONMENT: ENVIRONMENT },
  });
  const assembly = join(out, `assembly-${ENVIRONMENT}`);
  const files = readdirSync(assembly).filter(file => file.endsWith('.template.json'));
  const size = (chosen: readonly string[]) => sizeOf(chosen.map(file => readFileSync(join(assembly, file), 'utf8')));
  const templates = {
    models,
    synthSeconds,
    shared: size(files.filter(file => !file.includes('Model'))),
    ofModels: size(files.filter(file => file.includes('Model'))),
  };
  rmSync(out, { recursive: true });
  return templates;
}

function sizeOf(templates: readonly string[]): Size {
  const resources: Record<string, number> = {};
  for (const template of templates) {
    const { Resources } = JSON.parse(template) as { Resources: Record<string, { Type: string }> };
    for (const { Type } of Object.values(Resources)) resources[Type] = (resources[Type] ?? 0) + 1;
  }
  return { bytes: templates.reduce((sum, template) => sum + Buffer.byteLength(template), 0), resources };
}
