import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { ServiceLimits } from '../../../constructs/limits/service-limits';

interface Violation {
  readonly ruleName: string;
  readonly description: string;
  readonly violatingConstructs: { readonly constructPath: string }[];
}

/** Makes something in a stack. */
export type Spoil = (stack: Stack) => void;

/** An app with the plugin, in which one stack is spoilt; without an account it is one for any. */
export function app(spoil: Spoil, account?: string): App {
  const made = new App();
  Validations.of(made).addPlugins(new ServiceLimits());
  spoil(new Stack(made, 'Stack', { env: { account } }));
  return made;
}

/** What the plugin says of a stack, by its rule, and where. */
export function refusals(spoil: Spoil, account?: string): Record<string, string> {
  const made = app(spoil, account);
  try {
    made.synth();
  } catch {
    // the report says it better
  }
  const report = JSON.parse(readFileSync(join(made.outdir, 'validation-report.json'), 'utf8')) as {
    pluginReports: { pluginName: string; violations: Violation[] }[];
  };
  const { violations } = report.pluginReports.find(({ pluginName }) => pluginName === 'ServiceLimits') ?? {
    violations: [],
  };
  return Object.fromEntries(
    violations.map(({ ruleName, description, violatingConstructs: [construct] }) => [
      ruleName,
      `${construct?.constructPath ?? ''}: ${description}`,
    ]),
  );
}

/** One resource, `It`. */
export function resource(type: string, properties: Record<string, unknown>): Spoil {
  return stack => {
    new CfnResource(stack, 'It', { type, properties });
  };
}

/** Holds a rule to what it refuses, and to what just is not refused. */
export function border(rule: string, message: string, refused: Spoil, taken: Spoil): void {
  expect(refusals(refused)).toEqual({ [rule]: `Stack/It: ${message}` });
  expect(refusals(taken)).toEqual({});
}
