import { randomBytes } from 'node:crypto';

/** Longest name of an execution that Step Functions takes. */
const MAX_NAME = 80;

/** A name that tells a person what it is about, and that nobody else gives. */
export function executionName(about: string, now: Date, version?: string): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const suffix = `${version === undefined ? '' : `-v${version}`}-${stamp}-${randomBytes(2).toString('hex')}`;
  return about.slice(0, MAX_NAME - suffix.length) + suffix;
}
