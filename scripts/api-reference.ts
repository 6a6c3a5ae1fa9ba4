// `npm run api` writes API.md from the assembly; with `--check` it fails where the file is another.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const REFERENCE = join(ROOT, 'API.md');

function write(file: string): void {
  const { status, stderr } = spawnSync(join(ROOT, 'node_modules', '.bin', 'jsii-docgen'), ['--output', file], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`jsii-docgen ended with exit code ${status}: ${stderr}`);
}

function isCurrent(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'api-reference-'));
  try {
    const file = join(folder, 'API.md');
    write(file);
    return existsSync(REFERENCE) && readFileSync(REFERENCE, 'utf8') === readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (!process.argv.includes('--check')) {
  write(REFERENCE);
} else if (!isCurrent()) {
  console.error("'API.md' is not what the public API says of itself; run 'npm run api' and look at the difference");
  process.exitCode = 1;
}
