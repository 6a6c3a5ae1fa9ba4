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

test.each(['unknown', '', ' ', 'Infinity'])("a match that is no number is passed over: '%s'", text => {
  const reader = new MetricReader([{ Name: 'auc', Regex: 'auc:(.*)' }]);
  reader.read(`auc:${text}`, TIME);
  expect(reader.final()).toEqual([]);
});

test('no expression makes a line take long', () => {
  // GIVEN one that goes over the line again for each of its letters, and each of those again
  const reader = new MetricReader([{ Name: 'auc', Regex: '(a+)+$' }]);

  // WHEN
  const begun = performance.now();
  reader.read(`${'a'.repeat(28)}!`, TIME);

  // THEN it takes milliseconds, not twenty seconds
  expect(performance.now() - begun).toBeLessThan(1000);
});

test.each(['(', 'a(?=b)', '(a)\\1'])("fails for an expression that cannot be used: '%s'", Regex => {
  expect(() => new MetricReader([{ Name: 'auc', Regex }])).toThrow(
    `Regex '${Regex}' of metric definition 'auc' cannot be used: `,
  );
});
