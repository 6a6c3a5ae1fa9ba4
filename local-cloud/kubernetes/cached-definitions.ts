import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './build';
import { copyDefinitions, type ModuleFiles } from './custom-resources';

const DIGEST_LENGTH = 12;

/** Custom resource definitions as YAML, copied from their module once: beside a control plane, so that it is not built again for them. */
export async function cachedDefinitions(files: ModuleFiles, signal?: AbortSignal): Promise<string[]> {
  const digest = createHash('sha256').update(`${files.module} ${files.name.source}`).digest('hex');
  const folder = join(CACHE, `definitions-${digest.slice(0, DIGEST_LENGTH)}`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    // what is there under its name is whole
    const half = mkdtempSync(join(CACHE, 'half-'));
    try {
      await copyDefinitions([files], half, signal);
      // another may have done the same meanwhile
      if (!existsSync(folder)) renameSync(half, folder);
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
  }
  return readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'));
}
