import fc from 'fast-check';
import { checkFeature, checkLabel, columnNames } from '../../../lambda/pipeline-data/columns';
import { columnSchema, type Column } from '../../../lambda/shared/contracts';
import { SCHEMA } from './fixtures';

const column = (props: object): Column => columnSchema.parse({ name: 'x', type: 'double', ...props });

describe('checkFeature', () => {
  test.each(['1', '-1.5', '+2', '.5', '5.', '1e3', '1.5E-3', ' 7 '])('takes %p as a double', field => {
    expect(checkFeature(column({}), field)).toEqual({ value: field.trim() });
  });

  test.each(['nan', 'NaN', 'NA', 'inf', 'Infinity', '1,5', '0x10', '1e', '--1', '1e999', '1 2'])(
    'refuses %p as a double',
    field => {
      expect(checkFeature(column({}), field)).toEqual({ problem: `'x' is '${field}', must be a number` });
    },
  );

  test.each([
    ['899.9', "'x' is 899.9, must be at least 900"],
    ['1100.1', "'x' is 1100.1, must be at most 1100"],
  ])('refuses %p outside the range', (field, problem) => {
    expect(checkFeature(column({ min: 900, max: 1100 }), field)).toEqual({ problem });
  });

  test.each(['900', '1100'])('takes %p on the edge of the range', field => {
    expect(checkFeature(column({ min: 900, max: 1100 }), field)).toEqual({ value: field });
  });

  test('takes a bound of zero for a bound', () => {
    expect(checkFeature(column({ min: 0, max: 0 }), '0')).toEqual({ value: '0' });
    expect(checkFeature(column({ min: 0 }), '-1')).toEqual({ problem: "'x' is -1, must be at least 0" });
  });

  test.each(['1.0', '1e3', '9223372036854775808', '-9223372036854775809'])('refuses %p as a bigint', field => {
    expect(checkFeature(column({ type: 'bigint' }), field)).toEqual({
      problem: `'x' is '${field}', must be a whole number of at most 64 bits`,
    });
  });

  test.each(['9223372036854775807', '-9223372036854775808', '+5', '0'])('takes %p as a bigint', field => {
    expect(checkFeature(column({ type: 'bigint' }), field)).toEqual({ value: field });
  });

  test('refuses a text that is not among the values', () => {
    expect(checkFeature(column({ type: 'string', values: ['a', 'b'] }), 'c')).toEqual({
      problem: "'x' is 'c', must be one of 'a', 'b'",
    });
  });

  test('refuses a text with a line break', () => {
    expect(checkFeature(column({ type: 'string' }), 'a\nb')).toEqual({
      problem: "'x' holds a line break, must be on one line",
    });
  });

  test.each(['double', 'bigint', 'string'])('refuses an empty %s, unless it is nullable', type => {
    expect(checkFeature(column({ type }), '')).toEqual({ problem: "'x' is empty, must have a value" });
    expect(checkFeature(column({ type, nullable: true }), '')).toEqual({ value: '' });
  });

  test('takes any finite double as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
        expect(checkFeature(column({}), String(value))).toEqual({ value: String(value) });
      }),
    );
  });
});

describe('checkLabel', () => {
  test.each([
    ['0', '0'],
    ['1', '1'],
    ['1.0', '1'],
    [' 0 ', '0'],
  ])('takes %p as %p', (field, value) => {
    expect(checkLabel('rain', field)).toEqual({ value });
  });

  test.each(['', '2', '-1', 'yes', '0.5', 'NaN'])('refuses %p', field => {
    expect(checkLabel('rain', field)).toEqual({ problem: `'rain' is '${field}', must be 0 or 1` });
  });
});

test('columnNames has the features in order and the label last', () => {
  expect(columnNames(SCHEMA)).toEqual(['pressure', 'station', 'sky', 'rain']);
});
