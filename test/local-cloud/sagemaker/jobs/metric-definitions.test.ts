import { MetricReader } from '../../../../local-cloud/sagemaker/jobs/metric-definitions';

const TIME = new Date('2026-11-24T00:00:00Z');

test('the last value of each metric is the final one', () => {
  const reader = new MetricReader([
    { Name: 'auc', Regex: 'auc: ([0-9.]+)' },
    { Name: 'never', Regex: 'never: ([0-9.]+)' },
  ]);
  ['auc: 0.7', 'nothing', 'auc: 0.8;'].forEach(line => reader.read(line, TIME));
  expect(reader.final()).toEqual([{ MetricName: 'auc', Value: 0.8, Timestamp: TIME }]);
});

test('a match that is no number is passed over', () => {
  const reader = new MetricReader([{ Name: 'auc', Regex: 'auc: (.*)' }]);
  reader.read('auc: unknown', TIME);
  expect(reader.final()).toEqual([]);
});

test('fails for an expression that cannot be used', () => {
  expect(() => new MetricReader([{ Name: 'auc', Regex: '(' }])).toThrow(
    /^Regex '\(' of metric definition 'auc' cannot be used/,
  );
});
