import fc from 'fast-check';
import { mayBreak } from '../../scripts/may-break';

test.each([
  ['0.1.0', '0.1.0', false],
  ['0.1.0', '0.1.9', false],
  ['0.1.9', '0.2.0', true],
  ['0.9.0', '0.10.0', true],
  ['0.9.0', '1.0.0', true],
  ['1.0.0', '1.1.0', false],
  ['1.9.0', '2.0.0', true],
  ['1.0.0', '0.9.0', false],
])('from %s to %s: %s', (released, version, allowed) => {
  expect(mayBreak(released, version)).toBe(allowed);
});

test('a patch never breaks', () => {
  const number = fc.nat(50);
  fc.assert(
    fc.property(
      number,
      number,
      number,
      number,
      (major, minor, patch, later) => !mayBreak(`${major}.${minor}.${patch}`, `${major}.${minor}.${later}`),
    ),
  );
});
