import { expect, test } from '@jest/globals';
import { listsIn, threeWayPatch } from '../../../local-cloud/eks/three-way-patch';

test('changes what the new manifest says otherwise, and leaves what nobody said', () => {
  // GIVEN
  const last = { spec: { a: 1, b: 2 } };
  const live = { spec: { a: 1, b: 2, scaled: 7 }, status: { ready: true } };

  // WHEN
  const patch = threeWayPatch(last, { spec: { a: 1, b: 3 } }, live);

  // THEN
  expect(patch).toEqual({ spec: { b: 3 } });
});

test('takes away what the last manifest said and the new one leaves out, if it is still there', () => {
  const last = { spec: { gone: 1, left: 1, taken: 1 } };
  expect(threeWayPatch(last, { spec: { left: 1 } }, { spec: { gone: 1, left: 1 } })).toEqual({ spec: { gone: null } });
});

test('puts a field back that another has changed, which is how a deploy overwrites a rollback', () => {
  const said = { spec: { selector: { version: '2' } } };
  expect(threeWayPatch(said, said, { spec: { selector: { version: '1' } } })).toEqual(said);
});

test('replaces a list as a whole, and names it', () => {
  const patch = threeWayPatch({}, { rules: [1, 2] }, { rules: [1] });
  expect(patch).toEqual({ rules: [1, 2] });
  expect(listsIn({ spec: { rules: [], name: 'x' } })).toEqual(['.spec.rules']);
});

test('is empty where all is as it should be', () => {
  expect(threeWayPatch({ a: { b: [1] } }, { a: { b: [1] } }, { a: { b: [1], c: 2 } })).toEqual({});
});
