import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Files of a running cloud lie in a folder of this name, with the id of the process that started it. */
const FILES = /^files-(\d+)-/;

/** Where a local cloud writes. */
export interface WorkFolder {
  readonly path: string;
  readonly logs: string;
  readonly files: string;
  /** What goes when the cloud stops: a temporary folder as a whole, of a given one only what is not a log. */
  readonly scratch: string;
}

/**
 * Makes the folders of a cloud. Two clouds may share a given folder: the files of each are its own, and only those
 * whose process has ended are removed.
 */
export function makeWorkFolder(given: string | undefined): WorkFolder {
  const path = given === undefined ? undefined : resolve(given);
  try {
    return path === undefined ? temporary() : below(path);
  } catch (error) {
    throw new Error(
      `the local cloud cannot write to '${path ?? tmpdir()}': ${error instanceof Error ? error.message : String(error)}; ` +
        'make the folder writable or free some space on its disk',
      { cause: error },
    );
  }
}

function temporary(): WorkFolder {
  const path = mkdtempSync(join(tmpdir(), 'mlops-local-'));
  const logs = join(path, 'logs');
  const files = join(path, 'files');
  mkdirSync(logs);
  mkdirSync(files);
  return { path, logs, files, scratch: path };
}

function below(path: string): WorkFolder {
  const logs = join(path, 'logs');
  mkdirSync(logs, { recursive: true });
  for (const name of readdirSync(path)) {
    const owner = FILES.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) {
      rmSync(join(path, name), { recursive: true, force: true });
    }
  }
  const files = mkdtempSync(join(path, `files-${String(process.pid)}-`));
  return { path, logs, files, scratch: files };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // another user's process is there too, only not to be signalled
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
