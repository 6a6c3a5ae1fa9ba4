// Writes `environments/schema.json`, by which editors complete and check the environments' files, and the page of all keys.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentJsonSchema } from '../lib/config/json-schema';
import { environmentKeysPage } from '../lib/config/keys-page';

const ROOT = join(__dirname, '..');

writeFileSync(join(ROOT, 'environments', 'schema.json'), environmentJsonSchema());
writeFileSync(join(ROOT, 'docs', 'environment-keys.md'), environmentKeysPage());
