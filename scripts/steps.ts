import { spawn } from 'node:child_process';

/** How a program ended, and what it printed. */
interface Ended {
  readonly ok: boolean;
  readonly printed: string;
  /** What it printed and what it said of errors. */
  readonly output: string;
}

/** Runs a program that must end well, tells how long it took, and hands on what it printed. */
export async function step(name: string, folder: string, ...command: string[]): Promise<string> {
  const { ok, printed, output } = await attempt(name, folder, ...command);
  if (!ok) throw new Error(`${name}: '${command.join(' ')}' ended badly\n${output}`);
  return printed;
}

/** The same for a program that may end badly. */
export function attempt(name: string, folder: string, ...command: string[]): Promise<Ended> {
  const started = performance.now();
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const printed: Buffer[] = [];
    const said: Buffer[] = [];
    const child = spawn(program, args, { cwd: folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    child.on('close', code => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
      resolve({
        ok: code === 0,
        printed: Buffer.concat(printed).toString(),
        output: Buffer.concat([...printed, ...said]).toString(),
      });
    });
  });
}

/** Without what `npm run` says of this project: another one's npm would take it for its own. */
function environment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(
    ([name]) => !/^(npm_package_.*|npm_lifecycle_.*|npm_config_local_prefix|INIT_CWD)$/.test(name),
  );
  // jsii-pacmak packs by npm, and what it packs is built already
  return { ...Object.fromEntries(others), npm_config_ignore_scripts: 'true' };
}
