// `npm run api:baseline`, before a release is tagged: keeps the public API as it goes out, to which `npm run jsii` compares from
// then on.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BASELINE } from './released-api';

const ROOT = join(__dirname, '..');
const FILE = join(ROOT, BASELINE);

const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8')) as { version: string; readme?: unknown };
// words are no promise
delete assembly.readme;
mkdirSync(dirname(FILE), { recursive: true });
writeFileSync(FILE, gzipSync(JSON.stringify(assembly), { level: 9 }));
console.log(`${FILE} holds the public API of ${assembly.version}`);
