import fc from 'fast-check';
import { bigint, double, identifier, partitionBounds, text } from '../../../lambda/shared/sql-text';

test('texts and identifiers cannot end early', () => {
  expect(text("it's")).toBe("'it''s'");
  expect(identifier('a"b')).toBe('"a""b"');
});

test('a double is printed to its last bit, with an exponent', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), value => {
      const printed = double(value);
      expect(Number(printed)).toBe(value === 0 ? 0 : value);
      expect(printed).toMatch(/^-?\d(\.\d+)?e[+-]\d+$/);
    }),
  );
});

test.each([NaN, Infinity])('fails for %d, which has no literal', value => {
  expect(() => double(value)).toThrow('must be a finite number');
});

test('fails for a whole number that is none', () => {
  expect(() => bigint(1.5)).toThrow("'1.5' must be a whole number");
});

test('within a day the hours bound the partitions', () => {
  expect(partitionBounds(Date.parse('2026-11-24T03:10:00Z'), Date.parse('2026-11-24T05:00:00Z'))).toBe(
    "day BETWEEN '2026-11-24' AND '2026-11-24' AND hour BETWEEN '03' AND '04'",
  );
});

test('over midnight only the days do', () => {
  expect(partitionBounds(Date.parse('2026-11-24T23:00:00Z'), Date.parse('2026-11-25T01:00:00Z'))).toBe(
    "day BETWEEN '2026-11-24' AND '2026-11-25'",
  );
});
