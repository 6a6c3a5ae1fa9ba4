import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeWorkFolder } from '../../../local-cloud/process/work-folder';

/** Far above the largest process id of Linux and macOS. */
const NOBODY = 99_999_999;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'work-folder-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('two clouds share a folder, and each has files of its own', () => {
  const first = makeWorkFolder(folder);
  const second = makeWorkFolder(folder);
  expect(existsSync(first.files)).toBe(true);
  expect(second.files).not.toBe(first.files);
  expect(second.logs).toBe(first.logs);
});

test('files whose process has ended are removed', () => {
  const left = join(folder, `files-${NOBODY}-x`);
  mkdirSync(left);
  makeWorkFolder(folder);
  expect(existsSync(left)).toBe(false);
});

test('fails with what to do where nothing can be written', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => makeWorkFolder(join(file, 'below'))).toThrow(
    /^the local cloud cannot write to '.*\/file\/below': .*; make the folder writable or free some space on its disk$/,
  );
});

test('a temporary folder goes as a whole', () => {
  const made = makeWorkFolder(undefined);
  expect(made.scratch).toBe(made.path);
  rmSync(made.path, { recursive: true });
});
