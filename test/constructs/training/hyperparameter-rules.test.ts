import { withTraining } from './fixtures';

test('refuses a value that is longer than SageMaker takes', () => {
  expect(() => withTraining({ hyperparameters: { words: 'x'.repeat(2501) } })).toThrow(
    "'hyperparameters.words' has 2501 characters, must have at most 2500; put what is longer into a file beside 'train.py'",
  );
  expect(() => withTraining({ hyperparameters: { words: 'x'.repeat(2500) } })).not.toThrow();
});

test('refuses a name that is longer than SageMaker takes', () => {
  expect(() => withTraining({ hyperparameters: { ['x'.repeat(257)]: '1' } })).toThrow(
    "'hyperparameters' has a name of 257 characters, 'xxxxxxxxxxxxxxxxxxxx…', must have at most 256",
  );
  expect(() => withTraining({ hyperparameters: { ['x'.repeat(256)]: '1' } })).not.toThrow();
});

test('refuses more than SageMaker takes, of which one is the seed', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, '1']));

  expect(() => withTraining({ hyperparameters: many(100) })).toThrow("'hyperparameters' is 100, must be from 0 to 99");
  expect(() => withTraining({ hyperparameters: many(99) })).not.toThrow();
});
