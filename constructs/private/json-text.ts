import { Lazy, type Stack, Token } from 'aws-cdk-lib';

/** What is known at deployment only, in the JSON of a template. */
const INTRINSIC = /\{"(?:Ref"|Fn::)/;

/**
 * A value as JSON, as `Stack.toJsonString` has it, but put together once: there, all of the value is resolved three times in a
 * synth. What the template knows is text here, and only what is known at deployment stays a token; of what is made late it has
 * what it was when it was first looked at.
 */
export function jsonText(stack: Stack, value: unknown): string {
  return Lazy.string({ produce: () => textOf(stack, value) });
}

function textOf(stack: Stack, value: unknown): string | undefined {
  if (Token.isUnresolved(value)) return textOfToken(stack, value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.flatMap(item => textOf(stack, item) ?? []).join(',')}]`;
  // a date, an object of a class, names that are known at deployment only: the CDK has its rules for each
  if (!isPlain(value) || Object.keys(value).some(key => Token.isUnresolved(key))) return stack.toJsonString(value);
  const members = Object.entries(value).flatMap(([key, item]) => {
    const text = textOf(stack, item);
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

function isPlain(value: object): boolean {
  return [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

function textOfToken(stack: Stack, token: unknown): string | undefined {
  const resolved = JSON.stringify(stack.resolve(token)) as string | undefined;
  if (resolved === undefined || !INTRINSIC.test(resolved)) return resolved;
  // a text with nothing in it to escape may stay as it is between its quotes
  const isText = typeof token === 'string' && resolved.search(INTRINSIC) === 0;
  return isText && !resolved.includes('\\') ? `"${token}"` : stack.toJsonString(token);
}
