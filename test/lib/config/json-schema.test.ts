import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { environmentJsonSchema } from '../../../lib/config/json-schema';

const FOLDER = join(__dirname, '..', '..', '..', 'environments');

test("the editors' schema is current, else run 'npm run schema'", () => {
  expect(readFileSync(join(FOLDER, 'schema.json'), 'utf8')).toBe(environmentJsonSchema());
});

test('every environment file points editors at it', () => {
  for (const file of readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))) {
    expect(readFileSync(join(FOLDER, file), 'utf8')).toMatch(/^# yaml-language-server: \$schema=schema\.json\n/);
  }
});
