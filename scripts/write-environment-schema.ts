// Writes `environments/schema.json`, by which editors complete and check the environments' files.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentJsonSchema } from '../lib/config/json-schema';

writeFileSync(join(__dirname, '..', 'environments', 'schema.json'), environmentJsonSchema());
