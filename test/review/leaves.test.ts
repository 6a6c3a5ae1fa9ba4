import fc from 'fast-check';
import { leafChanges } from '../../review/leaves';

test('nothing differs from itself', () => {
  fc.assert(fc.property(fc.jsonValue(), value => expect(leafChanges(value, value)).toEqual([])));
});

test('whatever differs has a leaf', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      fc.pre(JSON.stringify(a) !== JSON.stringify(b));
      expect(leafChanges({ a }, { a: b }).length).toBeGreaterThan(0);
    }),
  );
});

test('an item of a list is known by its name, wherever it stands', () => {
  const before = [
    { Id: 'raw', Days: 7 },
    { Id: 'logs', Days: 30 },
  ];
  const after = [
    { Id: 'new', Days: 1 },
    { Id: 'logs', Days: 3 },
    { Id: 'raw', Days: 7 },
  ];

  expect(leafChanges(before, after, 'Rules')).toEqual([
    { path: 'Rules[Id=logs].Days', before: 30, after: 3 },
    { path: 'Rules[Id=new]', after: { Id: 'new', Days: 1 } },
  ]);
});

test('an item that is in both lists is no change', () => {
  expect(leafChanges(['a', 'b', 'c'], ['b', 'c'], 'Alarms')).toEqual([{ path: 'Alarms[]', before: 'a' }]);
});
