import { parseArgs } from 'node:util';

export const HELP = `usage: npm run review -- --base REF [options]

What a change does to the infrastructure of each environment, in Markdown on standard output.

  --base REF           commit, tag or branch that the change starts from; none where nothing is deployed yet
  --head REF           commit that it ends in (the working tree)
  --environment NAME   one environment alone (all)
  --help               this text

exit code: 0 nothing to look at, 1 a person must look, 2 it could not be done
`;

/** The base where nothing is deployed yet; a branch of that name is `refs/heads/none`. */
const NONE = 'none';

/** What was typed, checked. */
export interface CommandLine {
  /** Nothing where all is new. */
  readonly base?: string;
  /** Nothing for the working tree. */
  readonly head?: string;
  /** Nothing for all. */
  readonly environmentName?: string;
}

/** Reads a command line; nothing where it asks for help. */
export function readCommandLine(args: readonly string[]): CommandLine | undefined {
  const values = parsed(args);
  if (values.help === true) {
    return undefined;
  }
  for (const name of ['base', 'head', 'environment'] as const) {
    if (values[name] === '') {
      throw new Error(`'--${name}' must not be empty; leave it out or give it a value\n\n${HELP}`);
    }
  }
  if (values.base === undefined) {
    throw new Error(`'--base' is missing: name the commit that the change starts from, e.g. --base main\n\n${HELP}`);
  }
  return {
    ...(values.base === NONE ? {} : { base: values.base }),
    ...(values.head === undefined || values.head === 'working tree' ? {} : { head: values.head }),
    ...(values.environment === undefined ? {} : { environmentName: values.environment }),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        base: { type: 'string' },
        head: { type: 'string' },
        environment: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, { cause: error });
  }
}
