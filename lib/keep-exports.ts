import { type Stack, Token } from 'aws-cdk-lib';

/**
 * Exports what other stacks use whether or not one does. A producer is deployed before its consumers and must not withdraw
 * what the last of them, which is about to go, still uses then: CloudFormation would refuse the whole deploy.
 */
export function keepExports(stack: Stack, values: readonly (string | undefined)[]): void {
  // what is known at synth needs no export
  for (const value of values.filter(each => Token.isUnresolved(each))) stack.exportValue(value);
}
