import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { renderPage } from './page';
import type { Report } from './report';

/** Where the report lies; without paths it could be written nowhere, and `problem` says why. */
export interface WrittenReport {
  readonly json?: string;
  readonly page?: string;
  /** Why it does not lie in the folder that was asked for, where it lies instead, and what to do. */
  readonly problem?: string;
}

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'make the folder writable',
  EPERM: 'make the folder writable',
  EROFS: 'the file system is read-only: mount it writable',
  ENOSPC: 'free some space on its disk',
  EDQUOT: 'free some of your disk quota',
  ENOTDIR: 'a file lies where the folder should be: move it away',
  EEXIST: 'a file lies where the folder should be: move it away',
  EISDIR: 'a folder lies where a file should be: move it away',
};

/**
 * Writes `report.json` and `index.html` into a folder. A run of minutes must not be lost to a full disk, so a folder
 * that cannot be written is no error: the report then goes to a new folder among the temporary files.
 */
export function writeReport(report: Report, folder: string, spare: () => string = spareFolder): WrittenReport {
  try {
    return writeInto(report, folder);
  } catch (error) {
    const problem = `cannot write the report to '${resolve(folder)}': ${reasonOf(error)}`;
    const remedy = `${remedyFor(error)} before the next run`;
    try {
      const written = writeInto(report, spare());
      return { ...written, problem: `${problem}; it lies in '${written.json}' instead; ${remedy}` };
    } catch (second) {
      return { problem: `${problem}; nor to a temporary folder: ${reasonOf(second)}; ${remedy}` };
    }
  }
}

function spareFolder(): string {
  return mkdtempSync(join(tmpdir(), 'rehearsal-report-'));
}

function writeInto(report: Report, folder: string): { json: string; page: string } {
  mkdirSync(folder, { recursive: true });
  return {
    json: writeWhole(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`),
    page: writeWhole(join(folder, 'index.html'), renderPage(report)),
  };
}

/** Writes a file or leaves the one that was there: half a report would be taken for a whole one. */
function writeWhole(path: string, content: string): string {
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, content);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  return resolve(path);
}

function reasonOf(error: unknown): string {
  return hasText(error, 'message') ? error.message : String(error);
}

function remedyFor(error: unknown): string {
  return (hasText(error, 'code') ? REMEDIES[error.code] : undefined) ?? 'make the folder writable';
}

/** Errors of the file system are no `Error` of ours where a test runner gives each file its own globals. */
function hasText<K extends string>(error: unknown, key: K): error is Record<K, string> {
  return typeof error === 'object' && error !== null && typeof (error as Record<K, unknown>)[key] === 'string';
}
