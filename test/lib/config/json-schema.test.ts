import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { environmentJsonSchema, modelJsonSchema } from '../../../lib/config/json-schema';

const FOLDER = join(__dirname, '..', '..', '..', 'environments');

test.each([
  ['schema.json', environmentJsonSchema],
  ['model-schema.json', modelJsonSchema],
])("the editors' %s is current, else run 'npm run schema'", (file, current) => {
  expect(readFileSync(join(FOLDER, file), 'utf8')).toBe(current());
});

test("the example of a model's file points editors at its schema", () => {
  const example = readFileSync(join(FOLDER, '..', 'examples', 'rain', 'model.yaml'), 'utf8');

  expect(example).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/environments\/model-schema\.json\n/);
});

test('every environment file points editors at it', () => {
  for (const file of readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))) {
    expect(readFileSync(join(FOLDER, file), 'utf8')).toMatch(/^# yaml-language-server: \$schema=schema\.json\n/);
  }
});
