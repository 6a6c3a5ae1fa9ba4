import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { createPlatform } from '../../lib/platform';
import { rootOf } from './environment-of';

const EVERYTHING = {
  tier: 'dev',
  network: { source: 'create' },
  cluster: { source: 'create' },
  governance: { trail: true },
  images: { trainer: { build: 'image' }, modelServer: 'server:1' },
  permissionsBoundary: { source: 'create' },
  delivery: {
    issuer: 'token.actions.githubusercontent.com',
    subjects: ['repo:acme/models:environment:dev'],
    mergeSubjects: ['repo:acme/models:ref:refs/heads/main'],
  },
  // nothing is on the cluster, so that no reference says what comes first
  models: { rain: { training: { triggers: { merge: true } } }, snow: {} },
};

/** Stacks of the environment by their ids, each with those that must be there before it, by the cloud assembly. */
function order(): { id: string; before: string[] }[] {
  const root = rootOf(EVERYTHING);
  mkdirSync(join(root, 'image'));
  writeFileSync(join(root, 'image', 'Dockerfile'), 'FROM scratch');
  const [stage] = createPlatform(new App(), { root, environmentNames: ['dev'] });
  const { stacks } = stage.synth();
  const idOf = (artifact: { id: string }) => stacks.find(({ id }) => id === artifact.id)?.hierarchicalId.slice(4) ?? '';
  return stacks.map(stack => ({
    id: idOf(stack),
    before: stack.dependencies.map(idOf).filter(id => id !== ''),
  }));
}

const stacks = order();
const before = new Map(stacks.map(stack => [stack.id, stack.before]));

test('models go first, then what they share, then data and cluster, then what all stands on', () => {
  // the CDK CLI destroys in the reverse of the order in which it deploys, which is that of the assembly
  const torn = stacks.map(({ id }) => id).reverse();
  const at = (id: string): number => torn.indexOf(id);

  expect([...torn].sort()).toEqual([
    'Boundary',
    'Cluster',
    'Data',
    'Delivery',
    'Foundation',
    'Governance',
    'Images',
    'Model-rain',
    'Model-snow',
    'Observability',
    'Platform',
  ]);
  // and what only looks at the others
  const first = ['Governance', 'Model-rain', 'Model-snow', 'Observability'];
  expect(first.filter(id => at(id) > at('Platform'))).toEqual([]);
  expect(['Cluster', 'Data', 'Delivery', 'Foundation'].filter(id => at(id) < at('Platform'))).toEqual([]);
  expect(['Cluster', 'Data'].filter(id => at(id) > at('Foundation'))).toEqual([]);
  expect(at('Images')).toBeGreaterThan(Math.max(at('Model-rain'), at('Model-snow')));
  // no role may outlive what bounds it
  expect(torn.at(-1)).toBe('Boundary');
});

test('each stack says on which it stands, whatever refers to what', () => {
  // the dashboard shows alarms of what keeps the evidence too
  expect(before.get('Observability')).toEqual(expect.arrayContaining(['Platform', 'Governance']));
  expect(before.get('Governance')).toContain('Platform');
  expect(before.get('Model-rain')).toEqual(expect.arrayContaining(['Platform', 'Data', 'Foundation', 'Images']));
  expect(before.get('Platform')).toEqual(expect.arrayContaining(['Data', 'Cluster', 'Delivery']));
  expect(before.get('Cluster')).toContain('Foundation');
  expect(before.get('Data')).toContain('Foundation');
});

test('every stack stands on what bounds its roles, and that on none', () => {
  const reaches = (id: string): string[] => (before.get(id) ?? []).flatMap(next => [next, ...reaches(next)]);
  const unbounded = stacks.map(({ id }) => id).filter(id => id !== 'Boundary' && !reaches(id).includes('Boundary'));

  expect(unbounded).toEqual([]);
  expect(before.get('Boundary')).toEqual([]);
});

test('no model stands on another one', () => {
  const models = stacks.filter(({ id }) => id.startsWith('Model-'));

  expect(models.flatMap(({ before }) => before).filter(id => id.startsWith('Model-'))).toEqual([]);
});
