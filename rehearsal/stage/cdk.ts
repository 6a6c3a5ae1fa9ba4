import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWith } from '../../local-cloud/start';

const LAST_LINES = 25;

/** A `cdk` command that ended badly. */
export class CdkFailure extends Error {
  override readonly name = 'CdkFailure';
}

/** The real CDK CLI of this repository, pointed at the local cloud. */
export class Cdk {
  constructor(
    private readonly repository: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly logFile: string,
    private readonly output: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs `cdk <args>`; its output goes to the log, and its last lines into the error when it fails. */
  async run(...args: string[]): Promise<void> {
    // validation belongs before a deploy; a destroy reads no template, and it is most of a synth's time
    const validation = args[0] === 'deploy' ? {} : { CDK_VALIDATION: 'false' };
    const log = createWriteStream(this.logFile, { flags: 'a' });
    let tail: string[] = [];
    log.write(`\n$ cdk ${args.join(' ')}\n`);
    const cli = join(this.repository, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    const child = spawn(
      process.execPath,
      [cli, ...args, '--output', this.output, '--ci', '--no-color', '--no-notices'],
      {
        cwd: this.repository,
        env: { ...this.environment, ...validation },
        stdio: ['ignore', 'pipe', 'pipe'],
        // a group of its own: the CLI starts the app in a shell, and all of them end together
        detached: true,
      },
    );
    const { end, release } = endWith(child, this.signal);
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(log, { end: false });
      createInterface({ input: stream }).on('line', line => {
        tail = [...tail, line].slice(-LAST_LINES);
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      log.on('error', error => {
        // nobody reads the pipes any more: cdk would wait for that for ever
        end();
        reject(new CdkFailure(`cannot write '${this.logFile}': ${error.message}; free some space on its disk`));
      });
      child.on('error', reject);
      child.on('close', resolve);
    }).finally(release);
    await new Promise(resolve => log.end(resolve));
    if (code !== 0) {
      throw new CdkFailure(`'cdk ${args[0]}' ended with exit code ${code}; its last lines:\n${tail.join('\n')}`);
    }
  }
}
