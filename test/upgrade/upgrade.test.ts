import { type EnvironmentChange, compareEnvironment, type ResourceChange } from '../../review/compare';
import { exportsInUse } from '../../review/rules/exports';
import { ConfigError } from '../../lib/config/config-error';
import { synthesise } from '../support/platform';
import { EARLIER } from './earlier';
import { mayGo } from './may-go';
import { type Edit, KEY_STAYS, rootWith, TIER } from './migrated';

/**
 * From the templates of the earlier version to the present ones, as docs/upgrading.md tells it. What holds something, and
 * what serves, must come across; the rest may be made anew.
 */

/** Drift starts a training of itself now. */
const RETRAINS: Edit = { path: ['models', 'rain', 'reaction', 'retrain'] };

const ON_EKS: readonly Edit[] = [
  RETRAINS,
  { path: ['cluster', 'network'] },
  { path: ['network'], value: { source: 'create', natGateways: 1 } },
];

/** What a deploy with these edits would do to an environment of the earlier version. */
function upgrade(name: string, edits: readonly Edit[]): EnvironmentChange {
  const root = rootWith(name, EARLIER.files[name] ?? '', edits);
  const now = synthesise({ root, environmentNames: [name] }).get(name) ?? [];
  return compareEnvironment(
    name,
    EARLIER.stacks[name] ?? [],
    now.map(stack => ({ ...stack, target: '' })),
  );
}

/** What is there no more, or anew and empty. */
function lost({ resources }: EnvironmentChange): ResourceChange[] {
  return resources.filter(resource => !['added', 'changed'].includes(resource.impact) && !mayGo(resource));
}

function named(changes: readonly ResourceChange[]): string[] {
  return changes.map(({ stack, logicalId, type, impact }) => `${stack}/${logicalId} (${type}) ${impact}`).sort();
}

describe.each([
  ['dev', [TIER, KEY_STAYS]],
  ['local', [TIER, RETRAINS, KEY_STAYS]],
  ['staging', [{ ...TIER, value: 'prod' }, KEY_STAYS]],
  ['prod', [{ ...TIER, value: 'prod' }, KEY_STAYS]],
] as const)('%s of the earlier version', (name, edits) => {
  const change = upgrade(name, edits);

  test('keeps all that holds data, and all by which a model serves', () => {
    expect(named(lost(change))).toEqual([]);
  });

  test('is really another one now', () => {
    expect(change.resources.length).toBeGreaterThan(0);
  });

  test('withdraws no export that a stack of the earlier version imports', () => {
    expect(exportsInUse(change).map(({ says }) => says)).toEqual([]);
  });

  test('encrypts under the key under which its data is', () => {
    const keys = (stacks: EnvironmentChange['before']) =>
      stacks.flatMap(({ id, resources }) =>
        Object.entries(resources).flatMap(([logicalId, { Type, DeletionPolicy }]) =>
          Type === 'AWS::KMS::Key' ? [`${id}/${logicalId} ${DeletionPolicy}`] : [],
        ),
      );

    expect(keys(change.after)).toEqual(expect.arrayContaining(keys(change.before)));
    expect(keys(change.before)).toHaveLength(1);
    expect(change.resources.flatMap(({ leaves }) => leaves).filter(({ path }) => /kms.*key/i.test(path))).toEqual([]);
  });
});

test.each([
  ['a bucket', 'Data', 'LakeRaw8A880B75', 'AWS::S3::Bucket'],
  ['the role by which a model serves', 'Model-rain', 'ServiceRole3C697B45', 'AWS::IAM::Role'],
  ['a role of a schedule elsewhere', 'Platform', 'SchedulerRoleForTarget0', 'AWS::IAM::Role'],
])('%s may not go', (_what, stack, logicalId, type) => {
  expect(mayGo({ stack, logicalId, type })).toBe(false);
});

test('a file of the earlier version stops before anything is deployed, and names the page that tells how', () => {
  const root = rootWith('dev', EARLIER.files['dev'] ?? '', []);

  expect(() => synthesise({ root, environmentNames: ['dev'] })).toThrow(
    new ConfigError(
      "environments/dev.yaml:3: 'tier' is missing, must be one of 'dev', 'prod'; a file from before there were tiers: docs/upgrading.md",
    ),
  );
});

describe("who forgets 'keyStack: data'", () => {
  const change = upgrade('dev', [TIER]);

  test('would lose the key, and nothing else', () => {
    expect(named(lost(change))).toEqual(['Data/LakeKey7B6C155C (AWS::KMS::Key) deleted']);
  });

  test('is refused by CloudFormation, since the stacks that are there import that key', () => {
    expect(exportsInUse(change).map(({ says }) => says)).toEqual([
      expect.stringMatching(/^export `mlops-dev-data:ExportsOutputFnGetAttLakeKey\w+`.*`Platform`, `Model-rain`/),
    ]);
  });
});

describe('a cluster in a network that was made for it', () => {
  const change = upgrade('localeks', [TIER, ...ON_EKS, KEY_STAYS]);

  test('would lose that network: the page tells to release on a new cluster', () => {
    const held = lost(change).filter(({ type }) => /^AWS::(EC2::VPC|EKS::Cluster|KMS::Key)$/.test(type));

    expect(named(held)).toEqual(['Cluster/Network1C6012B5 (AWS::EC2::VPC) deleted']);
  });

  test('is refused by CloudFormation, since the stacks that are there import it', () => {
    expect(exportsInUse(change).map(({ says }) => says)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^export `mlops-localeks-cluster:ExportsOutputRefNetwork\w+`.*`Platform`/),
      ]),
    );
  });
});
