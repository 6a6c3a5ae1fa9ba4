// `npm run api:baseline`, at a release: keeps the public API as it goes out, to which `npm run jsii` compares from then on.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const ROOT = join(__dirname, '..');
const BASELINE = join(ROOT, 'releases', 'api.json.gz');

const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8')) as { version: string; readme?: unknown };
// words are no promise
delete assembly.readme;
mkdirSync(dirname(BASELINE), { recursive: true });
writeFileSync(BASELINE, gzipSync(JSON.stringify(assembly), { level: 9 }));
console.log(`${BASELINE} holds the public API of ${assembly.version}`);
