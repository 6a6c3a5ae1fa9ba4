import { readFileSync } from 'node:fs';
import { requestIdsProblem } from '../lambda/shared/erasure-contract';
import { UsageError } from './errors';

const STANDARD_INPUT = '-';

/** The person's key: as it was typed, or from the standard input, which no history of a shell keeps. */
export function readSubject(typed: string, standardInput: () => string): string {
  const subject = (typed === STANDARD_INPUT ? standardInput() : typed).trim();
  if (subject === '')
    throw new UsageError("'--subject' must be the key of a person, got nothing on the standard input");
  return subject;
}

/** Ids of requests from a file, one a line. */
export function readRequestIds(file: string | undefined): string[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`'--requests' must be a file with one request id a line, '${file}' cannot be read`, { cause });
  }
  const ids = text.split('\n').map(line => line.trim());
  const found = [...new Set(ids.filter(id => id !== ''))];
  const problem = requestIdsProblem(found);
  if (problem === undefined) return found;
  throw new UsageError(`'--requests' ${problem}`);
}
