import fc from 'fast-check';
import { compareSchemas, type SchemaChange } from '../../../lambda/release-step/input-schema';
import type { Column } from '../../../lambda/shared/contracts';

function column(name: string, change: Partial<Column> = {}): Column {
  return { name, type: 'double', nullable: false, ...change };
}

function change(serving: Column[], wanted: Column[]): SchemaChange {
  return compareSchemas({ features: serving, label: 'rain' }, { features: wanted, label: 'rain' });
}

function problems(serving: Column[], wanted: Column[]): readonly string[] {
  return change(serving, wanted).breaks;
}

describe('requests that the serving version answers', () => {
  const columns = fc.uniqueArray(
    fc.record<Column>({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      type: fc.constantFrom('double', 'bigint', 'string'),
      nullable: fc.boolean(),
    }),
    { selector: ({ name }) => name, minLength: 1 },
  );

  test('can be answered by a version of the same features, in any order', () => {
    fc.assert(
      fc.property(columns, serving => {
        expect(problems(serving, [...serving].reverse())).toEqual([]);
      }),
    );
  });

  test('can be answered by a version that needs fewer, or takes more that may be empty', () => {
    fc.assert(
      fc.property(columns, serving => {
        expect(problems(serving, serving.slice(1))).toEqual([]);
        expect(problems(serving, [...serving, column('new', { nullable: true })])).toEqual([]);
      }),
    );
  });

  test.each([
    ['needs another feature', [column('a')], [column('a'), column('b')], "'b' is not sent, and must not be empty"],
    [
      'takes another type',
      [column('a', { type: 'string' })],
      [column('a', { type: 'double' })],
      "'a' is sent as string, and must be double",
    ],
    [
      'takes whole numbers alone',
      [column('a')],
      [column('a', { type: 'bigint' })],
      "'a' is sent as double, and must be bigint",
    ],
    [
      'takes nothing empty',
      [column('a', { nullable: true })],
      [column('a')],
      "'a' is sent empty at times, and must not be",
    ],
  ])('cannot be answered by a version that %s', (_case, serving, wanted, problem) => {
    expect(problems(serving, wanted)).toEqual([problem]);
  });

  test('with whole numbers can be answered by a version that takes numbers', () => {
    expect(problems([column('a', { type: 'bigint' })], [column('a')])).toEqual([]);
  });

  test('by position are read otherwise by a version of another order or number of features', () => {
    const [a, b] = [column('a'), column('b')];
    expect(change([a, b], [a, b]).byPosition).toEqual([]);
    expect(change([a, b], [b, a]).byPosition).toEqual([
      "rows sent by position (CSV, matrices) are read otherwise: 'b', 'a' moved",
    ]);
    expect(change([a, b], [a]).byPosition).toEqual([
      'rows sent by position (CSV, matrices) had 2 values, and must have 1',
    ]);
  });
});
