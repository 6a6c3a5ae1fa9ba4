import fc from 'fast-check';
import { featureQuery, readFeatureCounts, type FeatureQuery } from '../../../lambda/monitor/feature-query';

const QUERY: FeatureQuery = {
  database: 'mlops_dev',
  table: 'rain_inference_log',
  version: '2',
  start: Date.parse('2026-11-24T03:00:00Z'),
  end: Date.parse('2026-11-24T04:00:00Z'),
  features: [
    { name: 'temp', type: 'double', nullable: false },
    { name: 'station', type: 'string', nullable: true },
    { name: 'visits', type: 'bigint', nullable: true },
  ],
  baseline: {
    features: {
      temp: { edges: [-0.5, 12.25], counts: [1, 1, 1, 0] },
      station: { categories: ['a', "o'b"], counts: [1, 1, 1, 0] },
      visits: { edges: [7], counts: [1, 1, 0] },
    },
    prediction: { edges: [0.5], counts: [1, 1, 0] },
  },
};

test('is one pass over the partitions of the period and the rows of the version', () => {
  expect(featureQuery(QUERY)).toBe(`SELECT COUNT(*) AS all_rows,
  SUM(CASE WHEN features."temp" <= 1.7976931348623157e+308 THEN 1 ELSE 0 END) AS c0_present,
  SUM(CASE WHEN features."temp" < -5e-1 THEN 1 ELSE 0 END) AS c0_0,
  SUM(CASE WHEN features."temp" < 1.225e+1 THEN 1 ELSE 0 END) AS c0_1,
  SUM(CASE WHEN features."station" IS NOT NULL THEN 1 ELSE 0 END) AS c1_present,
  SUM(CASE WHEN features."station" = 'a' THEN 1 ELSE 0 END) AS c1_0,
  SUM(CASE WHEN features."station" = 'o''b' THEN 1 ELSE 0 END) AS c1_1,
  SUM(CASE WHEN features."visits" IS NOT NULL THEN 1 ELSE 0 END) AS c2_present,
  SUM(CASE WHEN features."visits" < 7e+0 THEN 1 ELSE 0 END) AS c2_0,
  SUM(CASE WHEN score <= 1.7976931348623157e+308 THEN 1 ELSE 0 END) AS c3_present,
  SUM(CASE WHEN score < 5e-1 THEN 1 ELSE 0 END) AS c3_0
FROM "mlops_dev"."rain_inference_log"
WHERE day BETWEEN '2026-11-24' AND '2026-11-24' AND hour BETWEEN '03' AND '03'
  AND event_time_ms >= 1795489200000 AND event_time_ms < 1795492800000
  AND version = '2' AND request_id NOT LIKE 'mlops-probe-%'`);
});

test('cumulative counts become bins, the last of missing values', () => {
  const counts = readFeatureCounts(QUERY, {
    all_rows: '10',
    c0_present: '9',
    c0_0: '2',
    c0_1: '6',
    c1_present: '7',
    c1_0: '3',
    c1_1: '1',
    c2_present: '10',
    c2_0: '0',
    c3_present: '10',
    c3_0: '4',
  });

  expect(counts).toEqual({
    rows: 10,
    features: { temp: [2, 4, 3, 1], station: [3, 1, 3, 3], visits: [0, 10, 0] },
    prediction: [4, 6, 0],
  });
});

test('a period without rows has counts of zero, though SUM is NULL then', () => {
  expect(readFeatureCounts(QUERY, { all_rows: '0' })).toEqual({
    rows: 0,
    features: { temp: [0, 0, 0, 0], station: [0, 0, 0, 0], visits: [0, 0, 0] },
    prediction: [0, 0, 0],
  });
});

test('fails for a feature that the baseline does not know', () => {
  const query = { ...QUERY, features: [{ name: 'wind', type: 'double' as const, nullable: false }] };

  expect(() => featureQuery(query)).toThrow(
    "feature 'wind' is not in the version's baseline, which has temp, station, visits",
  );
});

test('fails clearly where Athena would refuse the length', () => {
  const names = Array.from({ length: 500 }, (_, index) => `feature_${index}`);
  const bins = { edges: [1, 2, 3, 4, 5, 6, 7, 8, 9], counts: new Array<number>(11).fill(1) };
  const query: FeatureQuery = {
    ...QUERY,
    features: names.map(name => ({ name, type: 'double', nullable: false })),
    baseline: { features: Object.fromEntries(names.map(name => [name, bins])), prediction: bins },
  };

  expect(() => featureQuery(query)).toThrow(
    /'features' of the model make a query of \d+ bytes, must be at most 200000/,
  );
});

test('every row falls in exactly one bin of each column', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.double({ noNaN: true, min: -20, max: 20 })), { maxLength: 50 }), values => {
      // GIVEN what the query counts, counted here
      const below = (edge: number): string => String(values.filter(value => value !== null && value < edge).length);
      const present = String(values.filter(value => value !== null).length);
      const query = { ...QUERY, features: QUERY.features.slice(0, 1) };

      // WHEN
      const { features } = readFeatureCounts(query, {
        all_rows: String(values.length),
        c0_present: present,
        c0_0: below(-0.5),
        c0_1: below(12.25),
      });

      // THEN
      const bin = (value: number | null): number => (value === null ? 3 : value < -0.5 ? 0 : value < 12.25 ? 1 : 2);
      expect(features['temp']).toEqual([0, 1, 2, 3].map(index => values.filter(value => bin(value) === index).length));
    }),
  );
});
