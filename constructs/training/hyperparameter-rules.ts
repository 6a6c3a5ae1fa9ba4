import { Token } from 'aws-cdk-lib';
import type { Problems } from '../private/validation';

/** SageMaker's limits. */
const MAX_HYPERPARAMETERS = 100;
const MAX_NAME = 256;
const MAX_VALUE = 2500;

/** Notes hyperparameters that SageMaker would refuse, or that the platform gives itself. */
export function requireHyperparameters(problems: Problems, hyperparameters: Record<string, string>): void {
  const names = Object.keys(hyperparameters);
  // one place is for the seed
  problems.requireRange('hyperparameters', names.length, 0, MAX_HYPERPARAMETERS - 1);
  problems.require(!names.includes('seed'), `'hyperparameters' has 'seed', set the property 'seed' instead`);
  for (const [name, value] of Object.entries(hyperparameters)) {
    problems.require(
      name.length <= MAX_NAME,
      `'hyperparameters' has a name of ${name.length} characters, '${name.slice(0, 20)}…', must have at most ${MAX_NAME}`,
    );
    problems.require(
      Token.isUnresolved(value) || value.length <= MAX_VALUE,
      `'hyperparameters.${name}' has ${value.length} characters, must have at most ${MAX_VALUE}; put what is longer into a file beside 'train.py'`,
    );
  }
}
