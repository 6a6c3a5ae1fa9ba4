import { CfnOutput, type Stack } from 'aws-cdk-lib';

/** Adds outputs under their own short names: what a person, a script or the rehearsal needs to find things. */
export function addOutputs(stack: Stack, values: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(values)) {
    new CfnOutput(stack, key, { value });
  }
}
