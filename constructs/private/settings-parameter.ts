import { Stack } from 'aws-cdk-lib';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { jsonText } from './json-text';
import { settingsParameterName, type SettingsPart } from './names';

/** What SSM's advanced tier holds; the tier follows the size. */
const MAX_BYTES = 8192;
/** How the CDK writes a text or a number that is known at deployment only. */
const TOKEN = /[$#]\{Token\[[^\]]*\]\}|-1\.888\d*e\+289/g;

/** Settings of a model that one construct leaves for the shared machinery. */
export interface SettingsParameterProps {
  readonly environmentName: string;
  readonly modelName: string;
  readonly part: SettingsPart;
  readonly description: string;
  /** In the shape that `lambda/shared/contracts.ts` gives this part. */
  readonly settings: Record<string, unknown>;
}

/** The SSM parameter of a part of a model's settings. */
export class SettingsParameter extends StringParameter {
  constructor(scope: Construct, id: string, props: SettingsParameterProps) {
    const parameterName = settingsParameterName(props.environmentName, props.modelName, props.part);
    const known = knownBytes(props.settings);
    if (known > MAX_BYTES) {
      throw new Error(
        `${scope.node.path}: parameter '${parameterName}' has ${known} bytes or more, must have at most ${MAX_BYTES}, ${largest(props.settings)}`,
      );
    }
    super(scope, id, {
      parameterName,
      description: props.description,
      tier: ParameterTier.INTELLIGENT_TIERING,
      stringValue: jsonText(Stack.of(scope), props.settings),
    });
  }
}

/** Size without what is known at deployment only: whatever is too large by it, no deploy would take. */
function knownBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value).replace(TOKEN, ''));
}

/** What to do: most of it lies in one place. */
function largest(settings: Record<string, unknown>): string {
  const [[name, bytes] = ['settings', 0]] = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, number] => [key, knownBytes(value)])
    .sort(([, one], [, other]) => other - one);
  return `leave out or shorten some of its '${name}', which takes ${bytes} of them`;
}
