import { type Stack, Token } from 'aws-cdk-lib';

/** How the CDK writes what is known at deployment only: into a text, as a number, or as an object. */
const TOKEN = /[$#]\{Token\[|-1\.888\d*e\+289|<unresolved-token>/i;

/**
 * A value as JSON, as `Stack.toJsonString` has it. What is known now is written now: a token is resolved three times in a
 * synth, with all that lies in it.
 */
export function jsonText(stack: Stack, value: unknown): string {
  const text = JSON.stringify(value);
  if (!TOKEN.test(text)) return text;
  if (typeof value !== 'object' || value === null || Token.isUnresolved(value)) return stack.toJsonString(value);
  if (Array.isArray(value)) return `[${value.map(item => jsonText(stack, item ?? null)).join(',')}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.some(([key]) => TOKEN.test(key))) return stack.toJsonString(value);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(stack, item)}`).join(',')}}`;
}
