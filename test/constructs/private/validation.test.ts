import { Lazy, Stack } from 'aws-cdk-lib';
import { Problems } from '../../../constructs/private/validation';

test('throws nothing when nothing is wrong', () => {
  const problems = new Problems(new Stack(undefined, 'Stack'));

  problems.require(true, 'never told');
  problems.requireRange('size', 1, 1, 2);
  problems.requirePattern('name', 'abc', /^abc$/, 'abc');

  expect(() => problems.throwIfAny()).not.toThrow();
});

test('fails once with all that is wrong, beginning with the path', () => {
  const problems = new Problems(new Stack(undefined, 'Stack'));

  problems.add('first');
  problems.requireRange('size', 3, 1, 2);
  problems.requirePattern('name', 'xyz', /^abc$/, "'abc'");

  expect(() => problems.throwIfAny()).toThrow(
    "Stack: first; 'size' is 3, must be from 1 to 2; 'name' is 'xyz', must be 'abc'",
  );
});

test('leaves alone what is omitted or not known yet', () => {
  const problems = new Problems(new Stack(undefined, 'Stack'));

  problems.requireRange('size', undefined, 1, 2);
  problems.requireRange('size', Lazy.number({ produce: () => 9 }), 1, 2);
  problems.requirePattern('name', undefined, /^abc$/, 'abc');
  problems.requirePattern('name', Lazy.string({ produce: () => 'xyz' }), /^abc$/, 'abc');

  expect(() => problems.throwIfAny()).not.toThrow();
});

test('takes 0 for a value, not for an omission', () => {
  const problems = new Problems(new Stack(undefined, 'Stack'));

  problems.requireRange('size', 0, 1, 2);

  expect(() => problems.throwIfAny()).toThrow("'size' is 0, must be from 1 to 2");
});
