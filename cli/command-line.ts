import { parseArgs } from 'node:util';
import { quoted, UsageError } from './errors';
import { type AskedBatch, BATCH_OPTIONS, readBatch } from './batch-line';
import { readSince, readUntil } from './until';

/** What every command takes. */
export interface Common {
  readonly environmentName: string;
  /** Stack whose outputs tell where ledger and release machine are. */
  readonly stackName: string;
  /** For programs: one JSON document on the standard output. */
  readonly json: boolean;
}

/** What every request takes. */
export interface Request {
  readonly model: string;
  readonly reason: string;
  /** Whether the command ends with the release, and not as soon as it has begun. */
  readonly wait: boolean;
}

/** How many of the newest entries of a history, or all that the ledger has. */
export type HistoryLimit = number | 'all';

/** What was typed, checked. */
export type CommandLine =
  | { readonly command: 'help'; readonly about?: CommandName }
  | ({ readonly command: 'status'; readonly model?: string } & Common)
  | ({ readonly command: 'history'; readonly model: string; readonly limit: HistoryLimit } & Common)
  | ({ readonly command: 'audit'; readonly model: string; readonly since?: string } & Common)
  | ({ readonly command: 'explain'; readonly id: string; readonly model?: string } & Common)
  | ({ readonly command: 'release'; readonly version: string; readonly withoutShadow: boolean } & Request & Common)
  | ({ readonly command: 'lift-quarantine'; readonly version: string } & Request & Common)
  | ({ readonly command: 'rollback'; readonly to?: string } & Request & Common)
  | ({ readonly command: 'hold'; readonly until?: string } & Request & Common)
  | ({ readonly command: 'resume' } & Request & Common)
  | ({ readonly command: 'sleep' | 'wake' } & Request & Common)
  | ({ readonly command: 'train'; readonly model: string; readonly commit?: string; readonly reason?: string } & Common)
  | ({
      readonly command: 'erase';
      readonly model: string;
      readonly subject: string;
      readonly requestsFile?: string;
      readonly reason?: string;
      readonly dryRun: boolean;
    } & Common)
  | ({ readonly command: 'batch'; readonly model: string; readonly asked: AskedBatch } & Common);

const REQUESTS = ['release', 'rollback', 'hold', 'resume', 'sleep', 'wake', 'lift-quarantine'] as const;
type RequestName = (typeof REQUESTS)[number];
export const COMMANDS = ['status', 'history', 'audit', 'explain', 'batch', 'train', 'erase', ...REQUESTS] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Names of the arguments that a command takes; those in brackets may be left out. */
const ARGUMENTS: Record<CommandName, readonly string[]> = {
  status: ['[MODEL]'],
  history: ['MODEL'],
  audit: ['MODEL'],
  explain: ['RELEASE-ID'],
  batch: ['MODEL'],
  train: ['MODEL'],
  erase: ['MODEL'],
  release: ['MODEL', 'VERSION'],
  rollback: ['MODEL'],
  hold: ['MODEL'],
  resume: ['MODEL'],
  sleep: ['MODEL'],
  wake: ['MODEL'],
  'lift-quarantine': ['MODEL', 'VERSION'],
};

const COMMON_OPTIONS = {
  environment: { type: 'string' },
  stack: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
const REQUEST_OPTIONS = { reason: { type: 'string' }, 'no-wait': { type: 'boolean' } } as const;

/** Options that a command takes beside those that all of its kind take. */
const OWN_OPTIONS: Record<CommandName, Record<string, { type: 'string' | 'boolean' }>> = {
  status: {},
  history: { limit: { type: 'string' }, all: { type: 'boolean' } },
  audit: { since: { type: 'string' } },
  explain: { model: { type: 'string' } },
  batch: BATCH_OPTIONS,
  train: { commit: { type: 'string' }, reason: { type: 'string' } },
  erase: {
    subject: { type: 'string' },
    requests: { type: 'string' },
    reason: { type: 'string' },
    'dry-run': { type: 'boolean' },
  },
  release: { 'without-shadow': { type: 'boolean' } },
  rollback: { to: { type: 'string' } },
  hold: { until: { type: 'string' } },
  resume: {},
  sleep: {},
  wake: {},
  'lift-quarantine': {},
};

const DEFAULT_LIMIT = 20;

/** Reads a command line; an error names the argument, what it got, what is allowed, and the fix. */
export function readCommandLine(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  now: Date,
): CommandLine {
  const [name, ...rest] = args;
  if (args.length === 0 || name === 'help' || name === '--help' || name === '-h') return { command: 'help' };
  if (!isCommand(name)) throw new UsageError(`command must be one of ${quoted(COMMANDS)}, got '${name}'`);
  const { values, positionals } = optionsOf(name, rest);
  if (values['help'] === true) return { command: 'help', about: name };
  const text = (option: string): string | undefined => {
    const value = values[option];
    if (typeof value !== 'string') return undefined;
    if (value.trim() === '') throw new UsageError(`'--${option}' must not be empty, give a value or leave it out`);
    return value;
  };

  const words = argumentsOf(name, positionals);
  const environmentName = text('environment') ?? emptyAsAbsent(variables['MLOPS_ENVIRONMENT']);
  if (environmentName === undefined) {
    throw new UsageError(
      `environment must be named, got none: give '--environment NAME' or set MLOPS_ENVIRONMENT, e.g. to 'prod'`,
    );
  }
  const common: Common = {
    environmentName,
    stackName: text('stack') ?? `mlops-${environmentName}-platform`,
    json: values['json'] === true,
  };
  switch (name) {
    case 'status':
      return { command: name, model: words[0], ...common };
    case 'history':
      return {
        command: name,
        model: given(words, 0),
        limit: limitOf(text('limit'), values['all'] === true),
        ...common,
      };
    case 'audit': {
      const since = text('since');
      return {
        command: name,
        model: given(words, 0),
        since: since === undefined ? undefined : readSince(since, now),
        ...common,
      };
    }
    case 'explain':
      return { command: name, id: given(words, 0), model: text('model'), ...common };
    case 'batch':
      return { command: name, model: given(words, 0), asked: readBatch(text, versionOf), ...common };
    case 'train': {
      const commit = text('commit');
      const reason = text('reason');
      if (commit === undefined && reason === undefined) {
        throw new UsageError(
          "'--commit' or '--reason' must be given to 'train', got none: the commit that was merged, or why a person wants it",
        );
      }
      return {
        command: name,
        model: given(words, 0),
        commit: commit === undefined ? undefined : commitOf(commit),
        reason,
        ...common,
      };
    }
    case 'erase': {
      const subject = text('subject');
      if (subject === undefined) {
        throw new UsageError(
          "'--subject' must be given to 'erase', got none: the key of the person, or '-' to read it from the standard input",
        );
      }
      return {
        command: name,
        model: given(words, 0),
        subject,
        requestsFile: text('requests'),
        reason: text('reason'),
        dryRun: values['dry-run'] === true,
        ...common,
      };
    }
    case 'release': {
      const withoutShadow = values['without-shadow'] === true;
      return {
        command: name,
        version: versionOf('VERSION', given(words, 1)),
        withoutShadow,
        ...request(name),
        ...common,
      };
    }
    case 'lift-quarantine':
      return { command: name, version: versionOf('VERSION', given(words, 1)), ...request(name), ...common };
    case 'rollback': {
      const to = text('to');
      return {
        command: name,
        to: to === undefined ? undefined : versionOf('--to', to),
        ...request(name),
        ...common,
      };
    }
    case 'hold': {
      const until = text('until');
      return {
        command: name,
        until: until === undefined ? undefined : readUntil(until, now),
        ...request(name),
        ...common,
      };
    }
    case 'resume':
    case 'sleep':
    case 'wake':
      return { command: name, ...request(name), ...common };
  }

  function request(command: RequestName): Request {
    const reason = text('reason');
    if (reason === undefined) {
      throw new UsageError(
        `'--reason' must be given to '${command}', got none: it stays in the ledger, e.g. --reason 'wrong labels since Monday'`,
      );
    }
    return { model: given(words, 0), reason, wait: values['no-wait'] !== true };
  }
}

function isCommand(name: string): name is CommandName {
  return (COMMANDS as readonly string[]).includes(name);
}

function optionsOf(
  name: CommandName,
  args: readonly string[],
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const asks = (REQUESTS as readonly string[]).includes(name);
  const options = { ...COMMON_OPTIONS, ...(asks ? REQUEST_OPTIONS : {}), ...OWN_OPTIONS[name] };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // only the first sentence: the second advises on `--`, which helps nobody here
    const [problem = ''] = (error as Error).message.split('. ');
    throw new UsageError(
      `${problem.charAt(0).toLowerCase()}${problem.slice(1)}; '${name}' takes ${quoted(Object.keys(options).map(option => `--${option}`))}`,
      { cause: error },
    );
  }
}

function argumentsOf(name: CommandName, words: readonly string[]): readonly string[] {
  const wanted = ARGUMENTS[name];
  const required = wanted.filter(argument => !argument.startsWith('['));
  if (words.length >= required.length && words.length <= wanted.length) return words;
  const got = words.length === 0 ? 'none' : quoted(words);
  throw new UsageError(`arguments of '${name}' must be ${wanted.join(' ')}, got ${got}`);
}

function given(words: readonly string[], index: number): string {
  return words[index] ?? '';
}

function versionOf(argument: string, text: string): string {
  if (/^[1-9]\d*$/.test(text)) return text;
  throw new UsageError(`'${argument}' must be the whole number of a version in the registry, e.g. 2, got '${text}'`);
}

function commitOf(text: string): string {
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)) return text;
  throw new UsageError(
    `'--commit' must be the whole hash of a commit in lower case, as 'git rev-parse HEAD' tells it, got '${text}'`,
  );
}

function limitOf(text: string | undefined, all: boolean): HistoryLimit {
  if (all && text !== undefined) throw new UsageError(`'--all' and '--limit' exclude each other, leave one out`);
  if (all) return 'all';
  if (text === undefined) return DEFAULT_LIMIT;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`'--limit' must be a whole number from 1 to 9999, got '${text}'`);
}

function emptyAsAbsent(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
