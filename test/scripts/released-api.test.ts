import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BASELINE, releasedApi } from '../../scripts/released-api';

let root: string;
const IDENTITY = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com', '-c', 'commit.gpgsign=false'];

function git(...args: string[]): void {
  execFileSync('git', [...IDENTITY, ...args], { cwd: root, stdio: 'pipe' });
}

function commit(api: object | undefined): void {
  if (api !== undefined) {
    mkdirSync(join(root, 'releases'), { recursive: true });
    writeFileSync(join(root, BASELINE), gzipSync(JSON.stringify(api)));
  }
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', 'a change');
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'released-api-'));
  git('init', '--quiet');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what a release promised stays promised, whoever writes the baseline anew', () => {
  // GIVEN
  commit({ version: '0.1.0', promise: 'kept' });
  git('tag', 'v0.1.0');

  // WHEN
  commit({ version: '0.1.0', promise: 'broken' });

  // THEN
  expect(JSON.parse(releasedApi(root))).toEqual({ version: '0.1.0', promise: 'kept' });
});

test('the last release counts', () => {
  commit({ version: '0.1.0' });
  git('tag', 'v0.1.0');
  commit({ version: '0.2.0' });
  git('tag', 'v0.2.0');
  git('tag', 'nightly');
  commit({ version: '0.3.0' });

  expect(JSON.parse(releasedApi(root))).toEqual({ version: '0.2.0' });
});

test('before the first release, and where there is no git, the file counts', () => {
  commit({ version: '0.1.0' });
  expect(JSON.parse(releasedApi(root))).toEqual({ version: '0.1.0' });

  rmSync(join(root, '.git'), { recursive: true });
  expect(JSON.parse(releasedApi(root))).toEqual({ version: '0.1.0' });
});

describe('fails', () => {
  test('on a release that keeps no API', () => {
    commit(undefined);
    git('tag', 'v0.1.0');

    expect(() => releasedApi(root)).toThrow(
      "tag 'v0.1.0' has no 'releases/api.json.gz', must have one: run 'npm run api:baseline' before a release is tagged",
    );
  });

  test('in a shallow clone, in which no release can be seen', () => {
    // GIVEN
    commit({ version: '0.1.0' });
    git('tag', 'v0.1.0');
    commit({ version: '0.1.0', promise: 'broken' });
    const clone = mkdtempSync(join(tmpdir(), 'shallow-'));
    execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, clone], { stdio: 'pipe' });

    // WHEN, THEN
    expect(() => releasedApi(clone)).toThrow('the clone is shallow and has no tag of a release');
    rmSync(clone, { recursive: true });
  });
});
