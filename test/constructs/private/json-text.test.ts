import { App, Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import { assert, jsonValue, property } from 'fast-check';
import { jsonText } from '../../../constructs/private/json-text';

const stack = new Stack(new App(), 'Stack');

test('whatever is known is the text that it is', () => {
  assert(
    property(jsonValue(), value => {
      const text = jsonText(stack, value);

      expect(Token.isUnresolved(text)).toBe(false);
      expect(text).toBe(JSON.stringify(value));
    }),
  );
});

test.each([
  ['a text', `a "quoted" ${stack.account}`],
  ['a number', Token.asNumber({ Ref: 'Number' })],
  ['a list', Token.asList({ Ref: 'List' })],
  ['an object', Fn.getAtt('Resource', 'Arn')],
  ['a text that is made late, with a quote', Lazy.string({ produce: () => 'late "quote"' })],
  ['a key', { [stack.account]: 1 }],
])('%s that is known at deployment only resolves as the text of the CDK does', (_what, value) => {
  const settings = { known: ['"', 1], left: undefined, nested: [{ value }, 'end'] };

  const text = jsonText(stack, settings);

  expect(Token.isUnresolved(text)).toBe(true);
  expect(stack.resolve(text)).toEqual(stack.resolve(stack.toJsonString(settings)));
});
