import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SynthesisedStack, Template } from './canonical';
import type { Environments } from './compare';

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly displayName?: string;
  readonly properties?: {
    readonly directoryName?: string;
    readonly displayName?: string;
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly terminationProtection?: boolean;
  };
}

/** Stacks outside of any stage. */
const NO_STAGE = 'app';

/** Every stack of a cloud assembly, by the stage, which is the environment. */
export function readAssembly(folder: string): Environments {
  const environments = new Map<string, SynthesisedStack[]>();
  collect(folder, NO_STAGE, environments);
  return environments;
}

function collect(folder: string, environment: string, found: Map<string, SynthesisedStack[]>): void {
  const file = join(folder, 'manifest.json');
  if (!existsSync(file)) {
    throw new Error(`'${file}' is missing: the folder is no cloud assembly`);
  }
  const { artifacts = {} } = readJson(file) as { artifacts?: Record<string, Artifact> };
  for (const [id, artifact] of Object.entries(artifacts)) {
    const { properties = {} } = artifact;
    if (artifact.type === 'cdk:cloud-assembly' && properties.directoryName !== undefined) {
      collect(join(folder, properties.directoryName), properties.displayName ?? id, found);
    } else if (artifact.type === 'aws:cloudformation:stack' && properties.templateFile !== undefined) {
      const displayName = artifact.displayName ?? properties.displayName ?? id;
      const template = readJson(join(folder, properties.templateFile)) as Template;
      const stack: SynthesisedStack = {
        id: displayName.split('/').at(-1) ?? id,
        stackName: properties.stackName ?? id,
        terminationProtection: properties.terminationProtection === true,
        target: (artifact.environment ?? 'aws://unknown-account/unknown-region').replace('aws://', ''),
        template,
      };
      found.set(environment, [...(found.get(environment) ?? []), stack, ...nestedStacks(folder, stack)]);
    }
  }
}

/** Templates of nested stacks, which lie beside as assets. */
function nestedStacks(folder: string, parent: SynthesisedStack): SynthesisedStack[] {
  const resources = (parent.template.Resources ?? {}) as Record<string, { Type: string; Metadata?: object }>;
  return Object.entries(resources).flatMap(([logicalId, { Type, Metadata }]) => {
    const file = (Metadata as Record<string, string> | undefined)?.['aws:asset:path'];
    if (Type !== 'AWS::CloudFormation::Stack' || file === undefined) {
      return [];
    }
    const nested: SynthesisedStack = {
      ...parent,
      id: `${parent.id}.${logicalId}`,
      stackName: `${parent.stackName}.${logicalId}`,
      template: readJson(join(folder, file)) as Template,
    };
    return [nested, ...nestedStacks(folder, nested)];
  });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
