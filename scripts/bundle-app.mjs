// `node scripts/bundle-app.mjs [FILE.ts ...]`: bundles `bin/platform.ts`, or other apps, into `dist/app/<name>.js`. `cdk.json` runs
// that: to load 250 files through a compiler, at each command of the CDK's, took a fifth of a synth.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const apps = process.argv.length > 2 ? process.argv.slice(2) : ['bin/platform.ts'];
const { outputFiles } = await build({
  entryPoints: apps.map(app => join(root, app)),
  outdir: join(root, 'dist', 'app'),
  entryNames: '[name]',
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // what cdk-nag and the CDK find tells where in the sources the construct was made
  sourcemap: 'linked',
  write: false,
  logLevel: 'warning',
});
for (const { path, text } of outputFiles) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  mkdirSync(dirname(path), { recursive: true });
  // another command may be about to run it: it finds all of the one or all of the other
  const written = `${path}.${process.pid}`;
  writeFileSync(written, text);
  renameSync(written, path);
}
