import fc from 'fast-check';
import { addCounts, type FeatureCounts } from '../../../lambda/monitor/counts';

const bins = fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 });
const counts: fc.Arbitrary<FeatureCounts> = fc.record({
  rows: fc.nat(1000),
  features: fc.record({ a: bins, b: bins }),
  prediction: bins,
});

test('counts of hours add up to those of the day, in any order and grouping', () => {
  fc.assert(
    fc.property(fc.array(counts, { minLength: 1, maxLength: 8 }), fc.nat(8), (hours, at) => {
      const whole = addCounts(hours);
      expect(addCounts([addCounts(hours.slice(at)), addCounts(hours.slice(0, at))])).toEqual(whole);
      expect(addCounts([...hours].reverse())).toEqual(whole);
    }),
  );
});

test('nothing adds up to nothing', () => {
  expect(addCounts([])).toEqual({ rows: 0, features: {}, prediction: [] });
});

test('fails to add counts over other edges', () => {
  const over = (prediction: number[]): FeatureCounts => ({ rows: 1, features: {}, prediction });

  expect(() => addCounts([over([1, 0]), over([1, 0, 0])])).toThrow('counts of 2 and of 3 bins cannot be added');
});
