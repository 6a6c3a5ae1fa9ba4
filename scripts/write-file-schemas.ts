// Writes the schemas by which editors complete and check the files of environments and models, and the pages of all their keys.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentJsonSchema, modelJsonSchema } from '../lib/config/json-schema';
import { environmentKeysPage, modelKeysPage } from '../lib/config/keys-page';

const ROOT = join(__dirname, '..');

writeFileSync(join(ROOT, 'environments', 'schema.json'), environmentJsonSchema());
writeFileSync(join(ROOT, 'environments', 'model-schema.json'), modelJsonSchema());
writeFileSync(join(ROOT, 'docs', 'model-keys.md'), modelKeysPage());
writeFileSync(join(ROOT, 'docs', 'environment-keys.md'), environmentKeysPage());
