import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Oldest Python for which every dependency has a build. */
const OLDEST: readonly [number, number] = [3, 11];

/** Names under which a new enough Python is looked for, in this order. */
export const INTERPRETER_NAMES: readonly string[] = ['python3.13', 'python3.12', 'python3.11', 'python3'];

/** A Python that can be used. */
export interface Interpreter {
  readonly program: string;
  /** As in `3.11.7`. */
  readonly version: string;
}

/** Asks a Python for its version; undefined when there is none of this name. */
export type AskVersion = (program: string) => Promise<string | undefined>;

const askVersion: AskVersion = async program => {
  try {
    const { stdout } = await run(program, ['-c', 'import platform; print(platform.python_version())']);
    return stdout.trim();
  } catch {
    // not there, or a shim that stands for a version which is not installed
    return undefined;
  }
};

/** The first Python that is new enough; throws with what was found and how to get one. */
export async function findInterpreter(ask: AskVersion = askVersion): Promise<Interpreter> {
  const seen: string[] = [];
  for (const program of INTERPRETER_NAMES) {
    const version = await ask(program);
    if (version !== undefined && isNewEnough(version)) {
      return { program, version };
    }
    seen.push(`${program} (${version ?? 'not found'})`);
  }
  throw new Error(
    `the local cloud needs Python ${OLDEST.join('.')} or newer; looked for ${seen.join(', ')}. ` +
      "Install one, for example 'apt-get install python3 python3-venv' or 'brew install python@3.13'",
  );
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
