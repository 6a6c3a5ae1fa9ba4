// Bundles every `lambda/<function>/handler.ts` into `assets/lambda/<function>/index.js`, where the constructs find it.
// Every AWS SDK client is bundled in: a function then runs the version that the tests ran, on any runtime.
import { build } from 'esbuild';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outdir = join(root, 'assets', 'lambda');

export function functionNames() {
  return readdirSync(join(root, 'lambda'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && existsSync(join(root, 'lambda', entry.name, 'handler.ts')))
    .map(entry => entry.name)
    .sort();
}

const names = functionNames();
for (const stale of existsSync(outdir) ? readdirSync(outdir) : []) {
  if (!names.includes(stale)) rmSync(join(outdir, stale), { recursive: true });
}
const result = await build({
  entryPoints: Object.fromEntries(names.map(name => [`${name}/index`, join(root, 'lambda', name, 'handler.ts')])),
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  keepNames: true,
  sourcemap: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(
  join(root, 'assets', 'lambda', 'sizes.json'),
  JSON.stringify(
    Object.fromEntries(
      names.map(name => [
        name,
        Object.entries(result.metafile.outputs).find(([path]) => path.endsWith(`lambda/${name}/index.js`))[1].bytes,
      ]),
    ),
    null,
    2,
  ) + '\n',
);
