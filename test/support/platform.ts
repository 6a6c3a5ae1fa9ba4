import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, type Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createPlatform } from '../../lib/platform';

const ROOT = join(__dirname, '..', '..');
const FIXTURES = join(__dirname, '..', 'fixtures');

/** Repository of an environment that has what no environment here has: built images, budgets, a recorder, a boundary. */
export const EVERYTHING = join(FIXTURES, 'everything');
/** Repository of clusters of kinds that no environment here has. */
export const CLUSTERS = join(FIXTURES, 'clusters');

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Record<string, unknown>;
}

/** A stack as it would be deployed. */
export interface SynthesisedStack {
  /** Id within its stage. */
  readonly id: string;
  readonly stackName: string;
  readonly terminationProtection: boolean;
  readonly template: Record<string, unknown>;
  readonly resources: Readonly<Record<string, Resource>>;
  /** Folder of the files that a deploy uploads; of those that hold no JSON nothing is kept. */
  readonly assetFolder: string;
}

/** The stacks of each environment, made with the flags that a deploy has; cdk-nag has seen them. */
export function synthesise(
  options: { root?: string; environmentNames?: string[] } = {},
): Map<string, SynthesisedStack[]> {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ context });
  const stages = createPlatform(app, { root: ROOT, ...options });
  app.synth();
  dropArchives(app.outdir);
  return new Map(stages.map(stage => [stage.node.id, stacksOf(stage)]));
}

/** The stacks of all environments, and of the one that has what none of them has. */
export function synthesiseEverything(): Map<string, SynthesisedStack[]> {
  return new Map([...synthesise(), ...synthesise({ root: EVERYTHING })]);
}

/** Bundles and layers are 80 MB of each assembly, no test reads them, and a test file makes up to a hundred assemblies. */
function dropArchives(folder: string): void {
  const archives = readdirSync(folder).filter(name => name.startsWith('asset.') && !name.endsWith('.json'));
  for (const name of archives) rmSync(join(folder, name), { recursive: true });
}

/** The stacks of a stage. */
export function stacksOf(stage: Stage): SynthesisedStack[] {
  return stage.node.children.filter(Stack.isStack).map(stack => {
    const template = Template.fromStack(stack).toJSON() as Record<string, unknown>;
    return {
      id: stack.node.id,
      stackName: stack.stackName,
      terminationProtection: stack.terminationProtection === true,
      template,
      resources: template.Resources as Record<string, Resource>,
      assetFolder: stage.assetOutdir,
    };
  });
}
