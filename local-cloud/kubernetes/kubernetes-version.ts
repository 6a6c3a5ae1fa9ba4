import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Go module whose program is the control plane. */
export const MODULE_FOLDER = join(__dirname, 'control-plane');
/** The minor version that `go.mod` itself requires: the newest that EKS offers. */
const DEFAULT_MINOR = '1.37';

/** A version of Kubernetes that can be built here. */
export interface KubernetesVersion {
  /** Such as `v1.37.2`. */
  readonly release: string;
  /** Such as `1.37`. */
  readonly minor: string;
  /** The file that pins it with all that it needs; its checksums lie beside it. */
  readonly moduleFile: string;
}

/** The version of a minor such as `1.35`; the default one without. */
export function kubernetesVersion(minor: string = DEFAULT_MINOR): KubernetesVersion {
  const files = moduleFiles();
  const moduleFile = files.get(minor);
  if (moduleFile === undefined) {
    throw new Error(
      `'MLOPS_KUBERNETES_VERSION' must be one of ${[...files.keys()].sort().join(', ')}, got '${minor}'; ` +
        `another needs a 'go-${minor}.mod' in ${MODULE_FOLDER}`,
    );
  }
  const release = /^\s*k8s\.io\/kubernetes (v\S+)/m.exec(readFileSync(moduleFile, 'utf8'))?.[1];
  if (release?.startsWith(`v${minor}.`) !== true) {
    throw new Error(`${moduleFile} must require a release of Kubernetes ${minor}, got ${release ?? 'none'}`);
  }
  return { release, minor, moduleFile };
}

/** Minor version → its module file. */
function moduleFiles(): Map<string, string> {
  const older = readdirSync(MODULE_FOLDER).flatMap(name => {
    const minor = /^go-(\d+\.\d+)\.mod$/.exec(name)?.[1];
    return minor === undefined ? [] : [[minor, join(MODULE_FOLDER, name)] as const];
  });
  return new Map([[DEFAULT_MINOR, join(MODULE_FOLDER, 'go.mod')], ...older]);
}
