import fc from 'fast-check';
import { layoutOf } from '../../../lambda/release-step/sagemaker-layout';
import type { Deployment } from '../../../lambda/release-step/serving-target';
import { SETTINGS } from './support/world';

const deployment = fc.record(
  {
    id: fc.stringMatching(/^mlops-local-rain-v\d{1,4}-[0-9a-f]{8}$/),
    version: fc.nat().map(String),
    standby: fc.stringMatching(/^mlops-local-rain-v\d{1,4}-[0-9a-f]{8}$/),
  },
  { requiredKeys: ['id', 'version'] },
);
const settings = fc.record({
  instanceType: fc.constantFrom('ml.m5.large', 'ml.g5.xlarge'),
  instanceCount: fc.integer({ min: 1, max: 20 }),
});

/** SageMaker guards an update only between configs with variants of the same names. */
test.each([
  ['without a warm standby', undefined],
  ['with one', 3600],
])('an update keeps the names of the variants, whatever version and instances it brings, %s', (_, seconds) => {
  const names = (of: Deployment, given: object): unknown[] =>
    layoutOf(of, { ...SETTINGS, ...given, warmStandbySeconds: seconds }).variants.map(({ VariantName }) => VariantName);

  fc.assert(
    fc.property(deployment, settings, deployment, settings, (before, its, after, others) => {
      expect(names(after, others)).toEqual(names(before, its));
      expect(names(after, others)).toHaveLength(seconds === undefined ? 1 : 2);
    }),
  );
});
