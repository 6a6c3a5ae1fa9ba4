import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Scene } from './scene';
import { MODEL } from './target';

/**
 * A copy of the environments and the models in which the monitoring of the model has other values, as a person would
 * edit them; gives the folder. The repository's own files are not touched.
 */
export function changedEnvironment(scene: Scene, monitoring: Readonly<Record<string, number>>): string {
  const folder = join(scene.cloud.scratchDir, 'changed');
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['environments', 'examples']) {
    cpSync(join(scene.repository, name), join(folder, name), { recursive: true });
  }
  const file = join(folder, 'environments', `${scene.environment}.yaml`);
  const document = parseDocument(readFileSync(file, 'utf8'));
  for (const [key, value] of Object.entries(monitoring)) {
    document.setIn(['models', MODEL, 'monitoring', key], value);
  }
  writeFileSync(file, String(document));
  return folder;
}
