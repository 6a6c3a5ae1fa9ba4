import fc from 'fast-check';
import type { Right } from '../../review/policies';
import { covers } from '../../review/widening';

const action = fc.constantFrom('s3:GetObject', 's3:Get*', 's3:*', '*', 'kms:Decrypt');
const resource = fc.constantFrom('${Data/Raw.Arn}', '${Data/Raw.Arn}/*', '${Data/Raw.Arn}/rain/*', '*');
const principal = fc.constantFrom('', '*', 'AWS arn:aws:iam::111122223333:root', 'Service lambda.amazonaws.com');
const condition = fc.constantFrom<Right['condition'][]>(
  {},
  { StringEquals: { 'aws:SourceAccount': '1' } },
  { StringEquals: { 'aws:SourceAccount': ['1', '2'] } },
  { StringNotEquals: { 'aws:SourceAccount': ['1'] } },
);
const right: fc.Arbitrary<Right> = fc.record({
  kind: fc.constant('identity' as const),
  holder: fc.constant('Platform/Role'),
  effect: fc.constant('Allow' as const),
  action: action.map(term),
  resource: resource.map(term),
  principal: principal.map(term),
  condition,
  stack: fc.constant('Platform'),
  logicalId: fc.constant('Policy'),
});

function term(value: string): Right['action'] {
  return { value, not: false };
}

const [GET] = fc.sample(right, { numRuns: 1, seed: 1 });

function rightWith(part: Partial<Right>): Right {
  return { ...GET, action: term('s3:GetObject'), resource: term('*'), principal: term(''), condition: {}, ...part };
}

test('a right covers itself', () => {
  fc.assert(fc.property(right, one => expect(covers(one, one)).toBe(true)));
});

test('what covers something covers what that covers', () => {
  fc.assert(
    fc.property(right, right, right, (a, b, c) => {
      fc.pre(covers(a, b) && covers(b, c));
      expect(covers(a, c)).toBe(true);
    }),
    { numRuns: 200, maxSkipsPerRun: 10_000 },
  );
});

test.each([
  ['an action by its pattern', { action: term('s3:*') }, { action: term('s3:GetObject') }, true],
  ['a pattern by another', { action: term('s3:*') }, { action: term('s3:Get*') }, true],
  ['no pattern by one of its actions', { action: term('s3:GetObject') }, { action: term('s3:Get*') }, false],
  ['a resource by everything', { resource: term('*') }, { resource: term('${Data/Raw.Arn}/*') }, true],
  [
    'no bucket by the objects in it',
    { resource: term('${Data/Raw.Arn}/*') },
    { resource: term('${Data/Raw.Arn}') },
    false,
  ],
  ['a condition by none', {}, { condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
  ['nothing without a condition by one', { condition: { Bool: { 'aws:SecureTransport': 'true' } } }, {}, false],
  [
    'a value by it and another',
    { condition: { StringEquals: { k: ['a', 'b'] } } },
    { condition: { StringEquals: { k: 'a' } } },
    true,
  ],
  [
    'no two exceptions by fewer of them that leave more out',
    { condition: { StringNotEquals: { k: ['a', 'b'] } } },
    { condition: { StringNotEquals: { k: ['a'] } } },
    false,
  ],
] satisfies [string, Partial<Right>, Partial<Right>, boolean][])('covers %s', (_, wide, narrow, expected) => {
  expect(covers(rightWith(wide), rightWith(narrow))).toBe(expected);
});
