import { App } from 'aws-cdk-lib';
import { createPlatform } from '../../lib/platform';
import { rootOf } from './environment-of';

const EVERYTHING = {
  tier: 'dev',
  network: { source: 'create' },
  cluster: { source: 'create' },
  governance: { trail: true },
  // nothing is on the cluster, so that no reference says what comes first
  models: { rain: {}, snow: {} },
};

/** Stacks of the environment by their ids, each with those that must be there before it, by the cloud assembly. */
function order(): { id: string; before: string[] }[] {
  const [stage] = createPlatform(new App(), { root: rootOf(EVERYTHING), environmentNames: ['dev'] });
  const { stacks } = stage.synth();
  const idOf = (artifact: { id: string }) => stacks.find(({ id }) => id === artifact.id)?.hierarchicalId.slice(4) ?? '';
  return stacks.map(stack => ({
    id: idOf(stack),
    before: stack.dependencies.map(idOf).filter(id => id !== ''),
  }));
}

test('models go first, then what they share, then data and cluster, then what all stands on', () => {
  const stacks = order();
  // the CDK CLI destroys in the reverse of the order in which it deploys, which is that of the assembly
  const torn = stacks.map(({ id }) => id).reverse();
  const before = new Map(stacks.map(stack => [stack.id, stack.before]));

  // and what only looks at the others
  expect(torn.slice(0, 4).sort()).toEqual(['Governance', 'Model-rain', 'Model-snow', 'Observability']);
  expect(torn[4]).toBe('Platform');
  expect(torn.slice(5, 7).sort()).toEqual(['Cluster', 'Data']);
  expect(torn.slice(7)).toEqual(['Foundation']);
  // the dashboard shows alarms of what keeps the evidence too
  expect(before.get('Observability')).toEqual(expect.arrayContaining(['Platform', 'Governance']));
  expect(before.get('Model-rain')).toEqual(expect.arrayContaining(['Platform', 'Data', 'Foundation']));
  expect(before.get('Platform')).toEqual(expect.arrayContaining(['Data', 'Cluster']));
  expect(before.get('Cluster')).toEqual(['Foundation']);
  expect(before.get('Data')).toEqual(['Foundation']);
});

test('no model stands on another one', () => {
  const models = order().filter(({ id }) => id.startsWith('Model-'));

  expect(models.flatMap(({ before }) => before).filter(id => id.startsWith('Model-'))).toEqual([]);
});
