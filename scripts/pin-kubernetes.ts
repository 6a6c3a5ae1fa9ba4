// `npm run kubernetes:pin -- v1.35.4`: pins a release of Kubernetes, with all that it needs, for the local control plane.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { go } from '../local-cloud/kubernetes/go';
import { kubernetesVersion, MODULE_FOLDER } from '../local-cloud/kubernetes/kubernetes-version';

/** Of kwok, which plays the nodes of any release. */
const KWOK = { version: 'v0.8.0', minor: 36 };
/** kwok does not compile with those of an older Kubernetes, which in turn takes the newer ones. */
const AT_LEAST_KWOKS = ['k8s.io/cri-api', 'k8s.io/cri-client'];

async function main(release: string | undefined): Promise<void> {
  const parts = /^v1\.(\d+)\.(\d+)$/.exec(release ?? '');
  if (release === undefined || parts === null) {
    throw new Error(`name a release such as v1.35.4, got '${release ?? ''}'`);
  }
  const [, minor, patch] = parts;
  const answer = await go(['mod', 'download', '-json', `k8s.io/kubernetes@${release}`], { folder: tmpdir() });
  const { Dir: sources } = JSON.parse(answer) as { Dir: string };
  const file = kubernetesVersion().minor === `1.${minor}` ? 'go.mod' : `go-1.${minor}.mod`;
  const newer = Number(minor) < KWOK.minor ? AT_LEAST_KWOKS : [];
  const text = moduleFile(readFileSync(join(sources, 'go.mod'), 'utf8'), release, `v0.${minor}.${patch}`, newer);
  writeFileSync(join(MODULE_FOLDER, file), text);
  await go(['mod', 'tidy', `-modfile=${file}`], { folder: MODULE_FOLDER });
  console.log(`pinned ${release} in ${join(MODULE_FOLDER, file)}`);
}

/** From Kubernetes' own: the Go and the etcd that it is tested with, and its parts as they are published. */
function moduleFile(theirs: string, release: string, staging: string, newer: readonly string[]): string {
  const found = (pattern: RegExp): string => {
    const value = pattern.exec(theirs)?.[1];
    if (value === undefined) {
      throw new Error(`the go.mod of Kubernetes ${release} has nothing like ${String(pattern)}`);
    }
    return value;
  };
  const parts = [...theirs.matchAll(/^\t(k8s\.io\/\S+) => \.\/staging\//gm)]
    .map(([, part]) => part)
    .filter(part => !newer.includes(part));
  return `module mlops-blueprint/control-plane

go ${found(/^go (\S+)$/m)}

require (
	go.etcd.io/etcd/server/v3 ${found(/^\tgo\.etcd\.io\/etcd\/server\/v3 (\S+)/m)}
	k8s.io/kubernetes ${release}
	sigs.k8s.io/kwok ${KWOK.version}
)

// Kubernetes' own go.mod names folders of its repository here; each is published as a module of the matching version
replace (
${parts.map(part => `\t${part} => ${part} ${staging}`).join('\n')}
)
`;
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
