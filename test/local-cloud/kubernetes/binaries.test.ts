import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubernetesBinaries, PARTS } from '../../../local-cloud/kubernetes/binaries';

let folder: string;
const before = process.env.KUBEBUILDER_ASSETS;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubernetes-assets-'));
  process.env.KUBEBUILDER_ASSETS = folder;
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env.KUBEBUILDER_ASSETS;
  else process.env.KUBEBUILDER_ASSETS = before;
});

function put(name: string, text = ''): void {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
}

test('a folder of binaries is used as it is', async () => {
  // GIVEN
  for (const part of PARTS) put(part);
  put('kwok-stages.yaml', 'kind: Stage');
  mkdirSync(join(folder, 'crds'));
  put(join('crds', 'routes.yaml'), 'kind: CustomResourceDefinition');

  // WHEN
  const binaries = await kubernetesBinaries();

  // THEN
  expect(binaries.command('kube-apiserver')).toEqual([join(folder, 'kube-apiserver')]);
  expect(binaries.stages).toBe('kind: Stage');
  expect(binaries.customResources).toEqual(['kind: CustomResourceDefinition']);
});

test('a folder that lacks some fails with what it lacks', async () => {
  // GIVEN what `setup-envtest` brings
  put('etcd');
  put('kube-apiserver');

  // WHEN
  const binaries = kubernetesBinaries();

  // THEN
  await expect(binaries).rejects.toThrow(
    `'KUBEBUILDER_ASSETS' names ${folder}, which lacks kube-controller-manager, kube-scheduler, kwok, kwok-stages.yaml; ` +
      'put them there, or leave the variable out to have all of it built',
  );
});
