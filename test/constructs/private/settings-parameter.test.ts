import { App, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SettingsParameter } from '../../../constructs/private/settings-parameter';

function parameter(settings: Record<string, unknown>): Stack {
  const stack = new Stack(new App(), 'Model');
  new SettingsParameter(stack, 'Settings', {
    environmentName: 'dev',
    modelName: 'rain',
    part: 'training',
    description: 'How rain is trained in dev',
    settings,
  });
  return stack;
}

/** Settings that are this long in JSON. */
function ofBytes(bytes: number): Record<string, unknown> {
  return { a: 'é'.repeat(2) + 'x'.repeat(bytes - '{"a":""}'.length - 4) };
}

test('lies where the shared functions look for it, and grows into the advanced tier', () => {
  Template.fromStack(parameter({ seed: 1 })).hasResourceProperties('AWS::SSM::Parameter', {
    Name: '/mlops/dev/rain/training',
    Value: '{"seed":1}',
    Tier: 'Intelligent-Tiering',
  });
});

test('takes as many bytes as SSM', () => {
  expect(() => parameter(ofBytes(8192))).not.toThrow();
});

test('does not count what is known at deployment only', () => {
  const reference = Token.asString({ Ref: 'Key' });
  const references = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, reference]));
  expect(JSON.stringify(references).length).toBeGreaterThan(8192);

  expect(() => parameter({ ...references, count: Token.asNumber({ Ref: 'Count' }) })).not.toThrow();
});

test('fails for a byte more, with what takes the most', () => {
  const message =
    "Model: parameter '/mlops/dev/rain/training' has 8193 bytes or more, must have at most 8192, leave out or shorten some of its 'a', which takes 8187 of them";

  expect(() => parameter(ofBytes(8193))).toThrow(message);
});
