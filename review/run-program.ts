import { spawn } from 'node:child_process';

/** A program to run. */
export interface Program {
  /** The program and its arguments; one text is a line for the shell. */
  readonly command: readonly string[] | string;
  readonly folder: string;
  /**
   * Variables beside those of this process; what is undefined is taken away.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What a program wrote on its standard output; an error says how it ended, with what it wrote. */
export function runProgram({ command, folder, environment = {} }: Program): Promise<string> {
  const [program, ...args] = typeof command === 'string' ? [command] : command;
  const line = typeof command === 'string' ? command : command.join(' ');
  return new Promise((resolve, reject) => {
    const output: Buffer[] = [];
    const all: Buffer[] = [];
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: typeof command === 'string',
    });
    child.stdout.on('data', (chunk: Buffer) => {
      output.push(chunk);
      all.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => all.push(chunk));
    child.on('error', error => reject(new Error(`'${line}' could not be started: ${error.message}`, { cause: error })));
    child.on('close', (code, signal) => {
      if (code === 0) {
        resolve(Buffer.concat(output).toString());
      } else {
        const end = code === null ? `signal ${String(signal)}` : `exit code ${code}`;
        reject(new Error(`'${line}' in ${folder} ended with ${end}:\n${Buffer.concat(all).toString().trim()}`));
      }
    });
  });
}
