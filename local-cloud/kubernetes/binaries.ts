import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BuildOptions, buildControlPlane, DEFINITIONS_FOLDER, STAGES } from './build';

/** What a control plane is made of. kwok plays the nodes. */
export const PARTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

/** One of them. */
export type Part = (typeof PARTS)[number];

/** Everything that a control plane needs from outside. */
export interface KubernetesBinaries {
  /** The program of a part, and the arguments that come before its own. */
  readonly command: (part: Part) => readonly [string, ...string[]];
  /** What kwok has nodes and pods do: its `Stage` objects. */
  readonly stages: string;
  /** Custom resource definitions, one YAML document each. */
  readonly customResources: readonly string[];
}

/** Binaries from `KUBEBUILDER_ASSETS` if it is set; else built here, once. */
export async function kubernetesBinaries(options: BuildOptions = {}): Promise<KubernetesBinaries> {
  const assets = process.env.KUBEBUILDER_ASSETS ?? '';
  if (assets !== '') {
    return releasedBinaries(resolve(assets));
  }
  const { program, folder } = await buildControlPlane(options);
  return { command: part => [program, part], ...filesBeside(folder) };
}

/** A folder of binaries as they are released, with kwok's stages and custom resource definitions beside them. */
function releasedBinaries(folder: string): KubernetesBinaries {
  const missing: string[] = PARTS.filter(part => !isExecutable(join(folder, part)));
  if (!existsSync(join(folder, STAGES))) {
    missing.push(STAGES);
  }
  if (missing.length > 0) {
    throw new Error(
      `'KUBEBUILDER_ASSETS' names ${folder}, which lacks ${missing.join(', ')}; ` +
        'put them there, or leave the variable out to have all of it built',
    );
  }
  return { command: part => [join(folder, part)], ...filesBeside(folder) };
}

function filesBeside(folder: string): Omit<KubernetesBinaries, 'command'> {
  const definitions = join(folder, DEFINITIONS_FOLDER);
  const names = existsSync(definitions) ? readdirSync(definitions).filter(name => name.endsWith('.yaml')) : [];
  return {
    stages: readFileSync(join(folder, STAGES), 'utf8'),
    customResources: names.map(name => readFileSync(join(definitions, name), 'utf8')),
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
