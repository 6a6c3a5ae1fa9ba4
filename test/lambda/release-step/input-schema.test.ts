import fc from 'fast-check';
import { schemaProblems } from '../../../lambda/release-step/input-schema';
import type { Column } from '../../../lambda/shared/contracts';

function column(name: string, change: Partial<Column> = {}): Column {
  return { name, type: 'double', nullable: false, ...change };
}

function problems(serving: Column[], wanted: Column[]): string[] {
  return schemaProblems({ features: serving, label: 'rain' }, { features: wanted, label: 'rain' });
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
});
