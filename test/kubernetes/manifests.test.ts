import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillTemplate } from '../../lambda/release-step/kubernetes-template';
import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { text } from '../constructs/serving/kubernetes/fixture';
import { type SynthesisedStack, synthesise } from '../support/platform';
import { clientAs, eventually, removeNamespaces } from './support/cluster';

/** Whoever applies for the CDK. */
const CDK = { fieldManager: 'kubectl-client-side-apply' };
const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';

/** Models of all environments that serve on EKS. */
const models = [...synthesise()].flatMap(([environment, stacks]) =>
  stacks
    .filter(({ id, resources }) => id.startsWith('Model-') && Object.values(resources).some(isManifest))
    .map((stack): [string, SynthesisedStack] => [`${environment}/${stack.id}`, stack]),
);

function isManifest({ Type }: { Type: string }): boolean {
  return Type === MANIFEST;
}

/** The objects of a model's namespace, in one that the tests may have for themselves. */
function namespaceObjects({ resources }: SynthesisedStack, own: (text: string) => string): KubernetesObject[] {
  return Object.values(resources)
    .filter(isManifest)
    .flatMap(({ Properties }) => {
      // the network's range is another stack's
      const manifest = text(Properties.Manifest).replaceAll(/<[^<>]*CidrBlock[^<>]*>/g, '10.0.0.0/16');
      return JSON.parse(own(manifest)) as KubernetesObject[];
    })
    .sort((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'));
}

/** The objects of a version, as a release fills them. */
function versionObjects({ resources, assetFolder }: SynthesisedStack, own: (text: string) => string) {
  const settings = Object.values(resources).find(({ Properties }) => /\/serving$/.test(String(Properties.Name)));
  const key = /[0-9a-f]{64}\.json/.exec(JSON.stringify(settings?.Properties.Value))?.[0];
  return fillTemplate(own(readFileSync(join(assetFolder, `asset.${key}`), 'utf8')), {
    version: '1',
    name: 'rain-v1-0123abcd',
    image: `registry.example/model-server@sha256:${'0'.repeat(64)}`,
    artifactUri: 's3://artifacts/rain/model.tar.gz',
    artifactDigest: `sha256:${'0'.repeat(64)}`,
    environment: { MODEL_IMAGE: `registry.example/rain@sha256:${'0'.repeat(64)}` },
  });
}

const namespaces: string[] = [];
afterAll(async () => {
  for (const name of namespaces) {
    await clientAs().delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await removeNamespaces();
});

test('some environment serves a model on EKS', () => {
  expect(models.map(([name]) => name)).toContain('localeks/Model-rain');
});

test.each(models)(
  'the API server takes what %s makes, field by field, and has nothing to say to it',
  async (name, stack) => {
    // GIVEN
    const [environment] = name.split('/');
    const prefix = `mlops-test-${randomBytes(4).toString('hex')}`;
    const own = (manifest: string) => manifest.replaceAll(`mlops-${environment}`, prefix);
    const client = clientAs();
    const objects = namespaceObjects(stack, own);
    const namespace = objects[0]?.metadata.name ?? '';
    namespaces.push(namespace);

    // WHEN
    for (const object of objects) await client.apply(object, CDK);
    for (const object of versionObjects(stack, own)) {
      await client.apply(object, { fieldManager: 'mlops-release' });
    }

    // THEN
    expect(objects[0]).toMatchObject({
      kind: 'Namespace',
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    expect([...client.warnings]).toEqual([]);
    const labels = { 'mlops/model-version': '1' };
    await eventually(
      () => client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels }),
      pods => pods.length > 0,
    );
  },
);
