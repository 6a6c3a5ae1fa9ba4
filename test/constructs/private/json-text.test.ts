import { App, CfnOutput, Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { anything, assert, boolean, constant, date, double, integer, property, string } from 'fast-check';
import { jsonText } from '../../../constructs/private/json-text';

const stack = new Stack(new App(), 'Stack');

test('whatever is known is the text that the CDK makes of it', () => {
  const values = [
    string(),
    integer(),
    double({ noNaN: true }),
    boolean(),
    constant(null),
    constant(undefined),
    date({ noInvalidDate: true }),
  ];
  assert(
    property(anything({ values, maxDepth: 4 }), value => {
      expect(stack.resolve(jsonText(stack, value))).toEqual(stack.resolve(stack.toJsonString(value)));
    }),
  );
});

test.each([
  ['a text', `a "quoted" ${stack.account}`],
  ['a number', Token.asNumber({ Ref: 'Number' })],
  ['a list', Token.asList({ Ref: 'List' })],
  ['an object', Fn.getAtt('Resource', 'Arn')],
  ['a text that is made late, with a quote', Lazy.string({ produce: () => 'late "quote"' })],
  ['nothing', Lazy.any({ produce: () => undefined })],
  ['a structure of it', Lazy.any({ produce: () => [{ arn: Fn.getAtt('Resource', 'Arn') }, 'a "quote"'] })],
  ['a structure that is made late', Lazy.any({ produce: () => ['x', { y: undefined, z: 1 }] })],
  ['an object with it in a text', Token.asString({ x: { Ref: 'Resource' } })],
  ['a key', { [stack.account]: 1 }],
])('%s that is known at deployment only resolves as the text of the CDK does', (_what, value) => {
  const settings = { known: ['"', 1], left: undefined, nested: [{ value }, 'end'] };

  const text = jsonText(stack, settings);

  expect(Token.isUnresolved(text)).toBe(true);
  expect(stack.resolve(text)).toEqual(stack.resolve(stack.toJsonString(settings)));
});

test('what a list leaves out is not in it', () => {
  const late = Lazy.any({ produce: () => undefined });

  expect(stack.resolve(jsonText(stack, [1, undefined, late, 2]))).toBe('[1,2]');
});

test('what lies in another stack stays a reference to it', () => {
  // GIVEN
  const app = new App();
  const topic = new Topic(new Stack(app, 'Producer'), 'Topic');
  const consumer = new Stack(app, 'Consumer');

  // WHEN
  new CfnOutput(consumer, 'Settings', { value: jsonText(consumer, { topic: topic.topicArn }) });

  // THEN
  expect(Template.fromStack(consumer).toJSON()).toMatchObject({
    Outputs: {
      Settings: {
        Value: {
          'Fn::Join': ['', ['{"topic":"', { 'Fn::ImportValue': expect.stringContaining('Producer') as string }, '"}']],
        },
      },
    },
  });
});
