import { join } from 'node:path';
import fc from 'fast-check';
import { loadEnvironment } from '../../../lib/config/environment';
import { environmentSchema } from '../../../lib/config/environment-schema';
import { withTierDefaults } from '../../../lib/config/tier-defaults';
import { type Tier, TIERS } from '../../../lib/config/tiers';
import { ENVIRONMENT, repository } from './repository';

const ROOT = join(__dirname, '..', '..', '..');
const BARE = { region: 'eu-west-1', images: { trainer: 'a:1', modelServer: 'b:1' }, models: {} };

function complete(tier: Tier, rest: object = {}) {
  return withTierDefaults(environmentSchema.parse({ ...BARE, tier, ...rest }));
}

function servingOf(tier: Tier, serving?: object) {
  return complete(tier, { models: { rain: { definition: 'rain.yaml', serving } } }).models['rain']?.serving;
}

test('a file that says nothing is its tier', () => {
  expect(complete('dev')).toMatchObject({ terminationProtection: false, data: TIERS.dev.data });
  expect(complete('prod')).toMatchObject({ terminationProtection: true, data: TIERS.prod.data });
});

test('a model needs no more than its definition', () => {
  const root = repository({
    'environments/dev.yaml': ENVIRONMENT.replace(/ {4}training:(.|\n)*/, ''),
  });

  expect(loadEnvironment(root, 'dev').models).toMatchObject([
    { training: TIERS.dev.training, serving: { instanceType: 'ml.t2.medium', instanceCount: 1 } },
  ]);
});

test('what a file says, whatever it is, stands over the tier', () => {
  const said = fc.record(
    {
      terminationProtection: fc.boolean(),
      logRetentionDays: fc.constantFrom(1, 30, 3653),
      data: fc.record(
        {
          snapshotRetentionDays: fc.integer({ min: 1, max: 9999 }),
          inferenceLogRetentionDays: fc.integer({ min: 1, max: 9999 }),
          queryScanLimitGiB: fc.integer({ min: 1, max: 9999 }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['data'] },
  );
  fc.assert(
    fc.property(fc.constantFrom<Tier>('dev', 'prod'), said, (tier, file) => {
      const { terminationProtection, logRetentionDays, data } = TIERS[tier];

      expect(complete(tier, file)).toMatchObject({
        terminationProtection,
        logRetentionDays,
        ...file,
        data: { ...data, ...file.data },
      });
    }),
  );
});

test('data goes only by both words, of which no tier says the second', () => {
  expect(complete('dev', {}).data).toMatchObject({ removalPolicy: 'destroy', deleteData: false });
  expect(complete('dev', { data: { deleteData: true } }).data.deleteData).toBe(true);
  expect(complete('dev', { data: { removalPolicy: 'retain' } }).data).toMatchObject({ deleteData: false });
  expect(complete('dev', { data: { removalPolicy: 'destroy', deleteData: false } }).data.deleteData).toBe(false);
  expect(complete('prod', { data: { removalPolicy: 'destroy' } }).data).toMatchObject({
    removalPolicy: 'destroy',
    deleteData: false,
  });
});

test('traffic is divided in prod by default, but not that to one instance', () => {
  expect(servingOf('prod')).toMatchObject({ instanceCount: 2, shift: { type: 'CANARY' } });
  expect(servingOf('prod', { instanceCount: 1 })).toEqual({ instanceType: 'ml.m5.large', instanceCount: 1 });
  expect(servingOf('prod', { shift: { type: 'ALL_AT_ONCE' } })).toMatchObject({ shift: { type: 'ALL_AT_ONCE' } });
  const autoScaling = { minCapacity: 1, maxCapacity: 3, metric: 'InvocationsPerInstance', targetValue: 50 };
  expect(servingOf('prod', { autoScaling })).not.toHaveProperty('shift');
});

test('a model on EKS is left to its construct', () => {
  const cluster = { source: 'create' };
  const network = { source: 'create' };
  const models = { rain: { definition: 'rain.yaml', serving: { target: 'eks' } } };

  expect(complete('prod', { network, cluster, models }).models['rain']?.serving).toEqual({ target: 'eks' });
});

test('staging is of the same tier as prod', () => {
  expect(loadEnvironment(ROOT, 'staging').tier).toBe(loadEnvironment(ROOT, 'prod').tier);
});
