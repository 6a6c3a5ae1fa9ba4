import { measure, median, percentile, type Benchmark, type Workbench } from '../../bench/benchmark';
import { asTable } from '../../bench/table';

const WORKBENCH: Workbench = { repository: '', python: '', folder: '' };

function benchmarkOf(ours: number[], theirs: number[], order: string[] = [], closed: string[] = []): Benchmark {
  const next = (name: string, values: number[]) => () => {
    order.push(name);
    const value = values.shift();
    return value === undefined ? Promise.reject(new Error('out of values')) : Promise.resolve(value);
  };
  return {
    name: 'made-up',
    unit: 's',
    comparedTo: 'another',
    rounds: 3,
    prepare: () =>
      Promise.resolve({
        ours: next('ours', ours),
        theirs: next('theirs', theirs),
        close: () => Promise.resolve(void closed.push('closed')),
      }),
  };
}

test('both are measured in turn, the first round is not counted, and medians are compared', async () => {
  // GIVEN
  const order: string[] = [];
  const benchmark = benchmarkOf([100, 1, 3, 2], [100, 4, 6, 4], order);

  // WHEN
  const result = await measure(benchmark, WORKBENCH);

  // THEN
  expect(result).toEqual({ name: 'made-up', value: 2, unit: 's', comparedTo: 'another', ratio: 0.5 });
  expect(order).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
});

test('what was started is closed even when a measure fails', async () => {
  const closed: string[] = [];

  await expect(measure(benchmarkOf([1], [1], [], closed), WORKBENCH)).rejects.toThrow('out of values');

  expect(closed).toEqual(['closed']);
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %p is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
])('the percentile %d of 1 to 100 is %d', (share, expected) => {
  const shuffled = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
  expect(percentile(shuffled, share)).toBe(expected);
});

test('the table has a line for each result', () => {
  const table = asTable([{ name: 'made-up', value: 2, unit: 's', comparedTo: 'another', ratio: 0.5 }]);

  expect(table.split('\n')).toEqual([
    'benchmark  ours  compared to  ours ÷ theirs',
    'made-up    2 s   another      0.5×',
    '',
  ]);
});
