import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

/** A change that docs/upgrading.md tells to make in the file of an environment; without a value the key goes. */
export interface Edit {
  readonly path: readonly string[];
  readonly value?: unknown;
}

/** What every file needs. */
export const TIER: Edit = { path: ['tier'], value: 'dev' };
/** The key stays in the stack in which it is. */
export const KEY_STAYS: Edit = { path: ['data', 'keyStack'], value: 'data' };

/** A repository with one environment: its earlier file with edits; returns its root. */
export function rootWith(name: string, file: string, edits: readonly Edit[]): string {
  const root = mkdtempSync(join(tmpdir(), 'migrated-'));
  mkdirSync(join(root, 'environments'));
  cpSync(EXAMPLES, join(root, 'examples'), { recursive: true, filter: from => !from.includes('node_modules') });
  const document = parseDocument(file);
  for (const { path, value } of edits) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
  }
  writeFileSync(join(root, 'environments', `${name}.yaml`), String(document));
  return root;
}
