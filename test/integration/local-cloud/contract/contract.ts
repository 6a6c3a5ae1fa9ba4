import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const FOLDER = join(__dirname, '..', '..', '..', '..', 'local-cloud', 'contract-tests');

/** Where the contract's image map lies. */
export const CONTRACT_IMAGES = join(FOLDER, 'images.json');

/** Input of a call. */
export type Input = Record<string, unknown>;

/** A call of the contract, or the wait for a state by one of the SDK's waiters. */
export interface Step {
  readonly operation?: string;
  readonly waiter?: string;
  /** How often the call is made; `{n}` in its input counts. */
  readonly repeat?: number;
  readonly input: Input;
  /** What the answer holds, among other things; texts of a body are part of it. */
  readonly output?: object;
}

/** A request that is refused. */
export interface ErrorCase {
  readonly operation: string;
  readonly error: string;
  readonly status?: number;
  readonly message: string;
  readonly input: Input;
}

/** A list that comes in pages. */
export interface PagedList {
  readonly operation: string;
  readonly input: Input;
  readonly pageSize?: number;
  readonly result: string;
  readonly name: string;
  readonly expected?: readonly unknown[];
}

interface Errors {
  readonly given: readonly Step[];
  readonly cases: readonly ErrorCase[];
  readonly unreachable: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Pagination {
  readonly given: readonly Step[];
  readonly lists: readonly PagedList[];
}

export const HAPPY_PATHS = load('happy-paths') as readonly Step[];
export const ERRORS = load('errors') as Errors;
export const PAGINATION = load('pagination') as Pagination;

/** The calls that a step stands for. */
export function inputs({ input, repeat = 1 }: Step): Input[] {
  return Array.from(
    { length: repeat },
    (_, i) => JSON.parse(JSON.stringify(input).replaceAll('{n}', String(i + 1))) as Input,
  );
}

/** A message of the contract as what an assertion compares with: a regular expression between slashes, or the whole. */
export function messageOf(text: string): unknown {
  return text.startsWith('/') && text.endsWith('/') ? expect.stringMatching(new RegExp(text.slice(1, -1))) : text;
}

function load(name: string): unknown {
  return parse(readFileSync(join(FOLDER, 'cases', `${name}.yaml`), 'utf8'), { merge: true });
}
