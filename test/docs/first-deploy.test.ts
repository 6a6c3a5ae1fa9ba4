import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { createPlatform } from '../../lib/platform';
import { HOURS_OF_A_MONTH } from '../../review/cost';
import { readPrices } from '../../review/prices';
import { rootOf } from '../lib/environment-of';

/** The page's steps, in its order: `Model-<name>` as `Model`. */
const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'first-deploy.md'), 'utf8');
const ROWS = PAGE.slice(0, PAGE.indexOf('## Before the first deploy'))
  .split('\n')
  .filter(line => line.startsWith('| `'));
const STEPS = ROWS.map(row => /`([A-Za-z]+)/.exec(row)?.[1] ?? '');

/** Each stack of an environment that has one of each kind, and those on which it stands. */
function stacks(): Map<string, string[]> {
  const environment = {
    tier: 'prod',
    account: '111111111111',
    network: { source: 'create' },
    cluster: { source: 'create' },
    permissionsBoundary: { source: 'create' },
    delivery: { issuer: 'example.com', subjects: ['ours'] },
    models: { rain: { training: { image: { build: '.', file: 'train.py' } } } },
  };
  const [stage] = createPlatform(new App(), { root: rootOf(environment) });
  const all = stage?.synth({ skipValidation: true }).stacks ?? [];
  const kind = (displayName: string) => /\/([A-Za-z]+)/.exec(displayName)?.[1] ?? '';
  return new Map(
    all.map(stack => [
      kind(stack.displayName),
      stack.dependencies.flatMap(on => all.filter(({ id }) => id === on.id).map(other => kind(other.displayName))),
    ]),
  );
}

test('each stack has a step, after the steps of those on which it stands', () => {
  const made = stacks();

  expect([...made.keys()].sort()).toEqual([...STEPS].sort());
  for (const [stack, others] of made) {
    const late = others.filter(other => STEPS.indexOf(other) > STEPS.indexOf(stack));
    expect({ stack, late }).toEqual({ stack, late: [] });
  }
});

test.each([
  ['Foundation', 'key', 'AWS::KMS::Key', 1],
  ['Foundation', 'NAT gateway', 'AWS::EC2::NatGateway', HOURS_OF_A_MONTH],
  ['Foundation', 'its address', 'AWS::EC2::EIP', HOURS_OF_A_MONTH],
  ['Cluster', 'cluster', 'AWS::EKS::Cluster', HOURS_OF_A_MONTH],
  ['Cluster', 'its key', 'AWS::KMS::Key', 1],
  ['Platform', 'alarm', 'AWS::CloudWatch::Alarm', 1],
  ['Model', 'alarm', 'AWS::CloudWatch::Alarm', 1],
  ['Governance', 'its key', 'AWS::KMS::Key', 1],
  ['Governance', 'its alarm', 'AWS::CloudWatch::Alarm', 1],
])('the step %s has the price of the %s from the table', (step, thing, resource, times) => {
  const costs = ROWS[STEPS.indexOf(step)]?.split('|')[3] ?? '';
  const price = readPrices().find(each => each.resource === resource);

  expect(new RegExp(`${thing} ([\\d.]+)`).exec(costs)?.[1]).toBe(((price?.usd ?? Number.NaN) * times).toFixed(2));
});
