import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyDefinitions, DEFINITIONS } from './custom-resources';
import { go } from './go';
import { type KubernetesVersion, kubernetesVersion, MODULE_FOLDER } from './kubernetes-version';

/** Git ignores it. */
export const CACHE = join(__dirname, '..', '..', '.local-cloud', 'kubernetes');
/** kwok's stages, beside the binaries. */
export const STAGES = 'kwok-stages.yaml';
/** Custom resource definitions, beside the binaries. */
export const DEFINITIONS_FOLDER = 'crds';
/** Enough to tell two states of the sources apart. */
const DIGEST_LENGTH = 12;

/** What to build, and how. */
export interface BuildOptions {
  /**
   * Minor version of Kubernetes, such as `1.35`.
   *
   * @default - `MLOPS_KUBERNETES_VERSION`, else the newest that EKS offers
   */
  readonly version?: string;
  /**
   * What to do where nothing was built yet from these sources: to build takes minutes, or a quarter of an hour.
   *
   * @default build
   */
  readonly ifMissing?: 'build' | 'fail';
  /**
   * Told about each step that takes long.
   *
   * @default - nothing is told
   */
  readonly onProgress?: (message: string) => void;
  /**
   * Ends the build, with all that it has started.
   *
   * @default - nothing ends it
   */
  readonly signal?: AbortSignal;
}

/** A built control plane. */
export interface BuiltControlPlane {
  /** One program for all parts; its first argument names the part. */
  readonly program: string;
  /** The folder with kwok's stages and custom resource definitions. */
  readonly folder: string;
}

/** Builds the control plane, or reuses what was built from the same sources. */
export async function buildControlPlane(options: BuildOptions = {}): Promise<BuiltControlPlane> {
  const version = kubernetesVersion(options.version ?? asked());
  const folder = join(CACHE, `${version.release}-${digestOf(version)}`);
  const built = { program: join(folder, 'control-plane'), folder };
  if (existsSync(folder)) {
    return built;
  }
  if (options.ifMissing === 'fail') {
    throw new Error(
      `the control plane of Kubernetes ${version.release} is not built; build it once with 'npm run kubernetes:build', or ` +
        "name a folder with binaries by 'KUBEBUILDER_ASSETS'",
    );
  }
  options.onProgress?.(
    `building the control plane of Kubernetes ${version.release} from its Go modules; once, and in minutes`,
  );
  const started = performance.now();
  mkdirSync(CACHE, { recursive: true });
  // two that build at once do not meet: what is there under its name is whole
  const half = mkdtempSync(join(CACHE, 'half-'));
  try {
    // what takes minutes comes last, when nothing else can fail
    writeFileSync(join(half, STAGES), await kwokStages(version, options.signal));
    mkdirSync(join(half, DEFINITIONS_FOLDER));
    await copyDefinitions(DEFINITIONS, join(half, DEFINITIONS_FOLDER), options.signal);
    await compile(version, join(half, 'control-plane'), options.signal);
    rename(half, folder);
    removeOlder(version, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  options.onProgress?.(`built in ${((performance.now() - started) / 1000).toFixed(0)} s: ${folder}`);
  return built;
}

function asked(): string | undefined {
  const given = process.env.MLOPS_KUBERNETES_VERSION ?? '';
  return given === '' ? undefined : given;
}

async function compile(version: KubernetesVersion, program: string, signal?: AbortSignal): Promise<void> {
  const [major = '', minor = ''] = version.minor.split('.');
  const stamps = { gitVersion: version.release, gitMajor: major, gitMinor: minor };
  // without a stamp it takes itself for v0.0.0, and refuses to work with its own version's features
  const linked = Object.entries(stamps).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  const flags = [`-modfile=${version.moduleFile}`, '-mod=readonly', '-trimpath', '-buildvcs=false'];
  await go(['build', ...flags, `-ldflags=-s -w ${linked.join(' ')}`, '-o', program, '.'], {
    folder: MODULE_FOLDER,
    signal,
  });
}

/** Initialised nodes with heartbeats, whose pods are ready at once. */
async function kwokStages(version: KubernetesVersion, signal?: AbortSignal): Promise<string> {
  // `go list -m` would tell no folder of a module that this machine has not met yet
  const args = ['mod', 'download', `-modfile=${version.moduleFile}`, '-json', 'sigs.k8s.io/kwok'];
  const { Dir: module } = JSON.parse(await go(args, { folder: MODULE_FOLDER, signal })) as { readonly Dir: string };
  return ['node/fast', 'node/heartbeat-with-lease', 'pod/fast']
    .flatMap(stage => {
      const folder = join(module, 'kustomize', 'stage', stage);
      return readdirSync(folder)
        .filter(name => name.endsWith('.yaml') && name !== 'kustomization.yaml')
        .map(name => readFileSync(join(folder, name), 'utf8'));
    })
    .join('\n---\n');
}

function digestOf({ moduleFile }: KubernetesVersion): string {
  const sources = readdirSync(MODULE_FOLDER)
    .filter(name => name.endsWith('.go'))
    .map(name => join(MODULE_FOLDER, name));
  const definitions = DEFINITIONS.map(({ module, name }) => `${module} ${name.source}`).join(' ');
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${definitions}\n`);
  for (const file of [...sources, moduleFile, moduleFile.replace(/\.mod$/, '.sum')]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, DIGEST_LENGTH);
}

function rename(half: string, whole: string): void {
  try {
    renameSync(half, whole);
  } catch (error) {
    // another has built the same in the meantime
    if (!existsSync(whole)) {
      throw error;
    }
  }
}

/** What was built of the same release from other sources: each takes a quarter of a gigabyte. */
function removeOlder({ release }: KubernetesVersion, kept: string): void {
  for (const name of readdirSync(CACHE).filter(entry => entry.startsWith(`${release}-`))) {
    if (join(CACHE, name) !== kept) {
      rmSync(join(CACHE, name), { recursive: true, force: true });
    }
  }
}
