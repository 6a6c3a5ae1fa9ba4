import { synthesise } from '../support/platform';
import { rootOf } from './environment-of';

/**
 * A producer is deployed before its consumers. What it exported for one that goes with this deploy is still imported then:
 * if the export went too, CloudFormation would refuse the producer, and with it the whole deploy.
 */

const SAGEMAKER = {
  training: { triggers: { schedule: 'rate(1 day)', merge: true } },
  serving: { shadow: { durationMinutes: 60 } },
};
const ON_EKS = { serving: { target: 'eks', batch: { bucket: 'files', inputPrefix: 'in/', outputPrefix: 'out/' } } };
const NETWORK = { source: 'create' };
const CLUSTER = { source: 'create', gateway: true };

/** Everything at once that an environment can have. */
const ALL = { tier: 'prod', network: NETWORK, cluster: CLUSTER, models: { rain: SAGEMAKER, snow: ON_EKS } };
/** What is taken away, and what is left. */
const SMALLER: [string, typeof ALL | object][] = [
  ['a model on SageMaker', { ...ALL, models: { snow: ON_EKS } }],
  ['a model on EKS, the last one', { ...ALL, models: { rain: SAGEMAKER } }],
  ['every model', { ...ALL, models: {} }],
  ['a shadow and a schedule', { ...ALL, models: { rain: {}, snow: ON_EKS } }],
  ['the batches of a model', { ...ALL, models: { rain: SAGEMAKER, snow: { serving: { target: 'eks' } } } }],
  ['the cluster', { tier: 'prod', network: NETWORK, models: { rain: SAGEMAKER } }],
];

/** Names that each stack of an environment exports. */
function exportsOf(environment: object): Map<string, string[]> {
  const root = rootOf(environment as typeof ALL);
  return new Map(
    (synthesise({ root }).get('dev') ?? []).map(({ stackName, template }) => [
      stackName,
      Object.values((template['Outputs'] ?? {}) as Record<string, { Export?: { Name: string } }>).flatMap(
        ({ Export }) => Export?.Name ?? [],
      ),
    ]),
  );
}

const everything = exportsOf(ALL);

test('stacks share what they share by exports, and this test sees them', () => {
  expect([...everything].filter(([, names]) => names.length > 0).map(([name]) => name)).toEqual([
    'mlops-dev-foundation',
    'mlops-dev-data',
    'mlops-dev-cluster',
    'mlops-dev-platform',
  ]);
});

test.each(SMALLER)('the end of %s withdraws no export of a stack that stays', (_, environment) => {
  for (const [stackName, names] of exportsOf(environment)) {
    expect({ stackName, names: names.sort() }).toEqual({ stackName, names: (everything.get(stackName) ?? []).sort() });
  }
});
