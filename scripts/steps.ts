import { spawn } from 'node:child_process';

/** Runs a program that must end well, tells how long it took, and hands on what it printed. */
export function step(name: string, folder: string, ...command: string[]): Promise<string> {
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
      if (code === 0) {
        console.log(`ok     ${name} (${seconds} s)`);
        resolve(Buffer.concat(printed).toString());
      } else {
        const output = Buffer.concat([...printed, ...said]).toString();
        reject(new Error(`${name} (${seconds} s): '${command.join(' ')}' ended with exit code ${code}\n${output}`));
      }
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
