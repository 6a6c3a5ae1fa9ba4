import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillTemplate } from '../../../lambda/release-step/kubernetes-template';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { text } from '../../constructs/serving/kubernetes/fixture';
import type { SynthesisedStack } from '../../support/platform';

const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';
const DIGEST = `sha256:${'0'.repeat(64)}`;

/** What of a stack is read. */
export type StackFiles = Pick<SynthesisedStack, 'resources' | 'assetFolder'>;

/** The objects that a stack gives to kubectl, namespaces first; `own` makes them the test's. */
export function stackObjects({ resources }: StackFiles, own: (text: string) => string): KubernetesObject[] {
  return Object.values(resources)
    .filter(({ Type }) => Type === MANIFEST)
    .flatMap(({ Properties }) => {
      const manifest = text(Properties.Manifest)
        // the network's range is another stack's
        .replaceAll(/<[^<>]*CidrBlock[^<>]*>/g, '10.0.0.0/16')
        // and so are names that only a deployment knows
        .replaceAll(/<([^<>]*)>/g, 'known-when-deployed');
      return JSON.parse(own(manifest)) as KubernetesObject[];
    })
    .sort((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'));
}

/** The objects of a version as a release fills them, and of a batch where the model has batches. */
export function versionObjects(
  { resources, assetFolder }: StackFiles,
  own: (text: string) => string,
): KubernetesObject[] {
  const settings = Object.values(resources).find(
    ({ Type, Properties }) => Type === 'AWS::SSM::Parameter' && /\/serving$/.test(String(Properties.Name)),
  );
  const keys = [...(JSON.stringify(settings?.Properties.Value) ?? '').matchAll(/[0-9a-f]{64}\.json/g)].map(
    ([key]) => key,
  );
  return [...new Set(keys)].flatMap((key, index) => {
    const template = own(readFileSync(join(assetFolder, `asset.${key}`), 'utf8'))
      .replaceAll('${mlops:batch-input-uri}', 's3://lake/rain/in/')
      .replaceAll('${mlops:batch-output-uri}', 's3://lake/rain/out/');
    return fillTemplate(template, {
      version: '1',
      name: `rain-v1-0123abc${index}`,
      image: `registry.example/model-server@${DIGEST}`,
      artifactUri: 's3://artifacts/rain/model.tar.gz',
      artifactDigest: DIGEST,
      environment: { MODEL_IMAGE: `registry.example/rain@${DIGEST}` },
    });
  });
}
