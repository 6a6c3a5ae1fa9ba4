// `npm run upgrade:fixture -- COMMIT`, at a release: keeps the templates and the files of all environments as they went out,
// from which test/upgrade shows that an environment comes to the present ones with all that it holds.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkOut } from '../review/checkout';
import { synthesise } from '../review/synthesise';
import type { Earlier } from '../test/upgrade/earlier';

const ROOT = join(__dirname, '..');
const FIXTURE = join(ROOT, 'test', 'upgrade', 'earlier.json.gz');

async function main(commit: string | undefined): Promise<void> {
  if (commit === undefined) {
    throw new Error("the commit is missing, must be the one of the release: 'npm run upgrade:fixture -- v0.1.0'");
  }
  const outputs = mkdtempSync(join(tmpdir(), 'upgrade-'));
  const checkout = await checkOut(ROOT, commit, console.log);
  try {
    const folder = join(checkout.folder, 'environments');
    const files = readdirSync(folder)
      .filter(name => name.endsWith('.yaml'))
      .map((name): [string, string] => [basename(name, '.yaml'), readFileSync(join(folder, name), 'utf8')]);
    const stacks = await synthesise(checkout.folder, outputs, undefined);
    const earlier: Earlier = { commit, files: Object.fromEntries(files), stacks: Object.fromEntries(stacks) };
    mkdirSync(dirname(FIXTURE), { recursive: true });
    writeFileSync(FIXTURE, gzipSync(JSON.stringify(earlier), { level: 9 }));
    console.log(`${FIXTURE} holds ${stacks.size} environments of ${commit}`);
  } finally {
    await checkout.dispose();
    rmSync(outputs, { recursive: true });
  }
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
