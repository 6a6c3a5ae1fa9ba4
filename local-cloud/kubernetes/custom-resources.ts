import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { go } from './go';

/** Files of a Go module. */
export interface ModuleFiles {
  readonly module: string;
  /** Checksum of this version, as `go.sum` has it. */
  readonly sum: string;
  readonly folder: string;
  readonly name: RegExp;
}

/** Custom resources that serving needs, from the modules of those who define them; the others take 70 MB for nothing. */
export const DEFINITIONS: readonly ModuleFiles[] = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    sum: 'h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=',
    folder: join('config', 'crd', 'standard'),
    name: /_(gatewayclasses|gateways|httproutes|referencegrants)\.yaml$/,
  },
  {
    module: 'github.com/kedacore/keda/v2@v2.21.0',
    sum: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
    folder: join('config', 'crd', 'bases'),
    name: /^keda\.sh_(scaledobjects|triggerauthentications)\.yaml$/,
  },
];

/** What says which nodes a cluster in Auto Mode may have: Karpenter's, which is in it. */
export const NODE_POOL_DEFINITION: ModuleFiles = {
  module: 'sigs.k8s.io/karpenter@v1.12.0',
  sum: 'h1:SffONGtSqVfTiEBM55OZb5ZVEsBPaEcLuRLL8v98sPo=',
  folder: join('pkg', 'apis', 'crds'),
  name: /^karpenter\.sh_nodepools\.yaml$/,
};

/** How a cluster's proxies are, and how long they wait: what the chart of Envoy Gateway brings, beside what we do not use. */
export const ENVOY_GATEWAY_DEFINITIONS: ModuleFiles = {
  module: 'github.com/envoyproxy/gateway@v1.9.1',
  sum: 'h1:vAVp6/AlBXJ1aOhp1mxL7fNEzVEfjADUguUhm2wzxQY=',
  folder: join('charts', 'gateway-helm', 'charts', 'crds', 'crds', 'generated'),
  name: /^gateway\.envoyproxy\.io_(envoyproxies|backendtrafficpolicies)\.yaml$/,
};

/** Copies definitions into `folder`, one file each. */
export async function copyDefinitions(
  definitions: readonly ModuleFiles[],
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const { module, sum, folder: below, name } of definitions) {
    const answer = await go(['mod', 'download', '-json', module], { folder: tmpdir(), signal });
    const { Dir: root, Sum: got } = JSON.parse(answer) as { Dir: string; Sum: string };
    if (got !== sum) {
      throw new Error(`the module ${module} must have the checksum ${sum}, got ${got}; nothing of it was used`);
    }
    for (const file of readdirSync(join(root, below)).filter(found => name.test(found))) {
      // not the file itself: Go's modules are read-only, and a copy of it would be, too
      writeFileSync(join(folder, file), readFileSync(join(root, below, file)));
    }
  }
}
