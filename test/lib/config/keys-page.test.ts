import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentJsonSchema, modelJsonSchema } from '../../../lib/config/json-schema';
import { environmentKeysPage, modelKeysPage } from '../../../lib/config/keys-page';

const DOCS = join(__dirname, '..', '..', '..', 'docs');

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: Schema[];
  readonly oneOf?: Schema[];
}

/** Paths of all keys, of whatever the schema allows. */
function keysIn(schema: Schema, path = ''): string[] {
  const kinds = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const named = kinds.flatMap(({ properties, additionalProperties }) => [
    ...Object.entries(properties ?? {}),
    ...(typeof additionalProperties === 'object' ? [['<name>', additionalProperties] as [string, Schema]] : []),
  ]);
  return [
    ...named.flatMap(([name, of]) => [`${path}${name}`, ...keysIn(of, `${path}${name}.`)]),
    ...(schema.items === undefined ? [] : keysIn(schema.items, path)),
  ];
}

function keysOf(text: string): string[] {
  return [...new Set(keysIn(JSON.parse(text) as Schema))];
}

const keys = keysOf(environmentJsonSchema());

/** Keys that a page's tables have a row of. */
function toldBy(page: string): Set<string> {
  const cells = page.split('\n').map(line => /^\| (.*?) +\|/.exec(line)?.[1] ?? '');
  return new Set(cells.flatMap(cell => [...cell.matchAll(/`([\w.<>]+)`/g)].map(([, key]) => key)));
}

/** Keys whose section says in its title that they are needed. */
function neededTitles(page: string): string[] {
  return [...page.matchAll(/^## `(.+)`, needed$/gm)].map(([, key = '']) => key);
}

describe('the page of all keys', () => {
  const page = readFileSync(join(DOCS, 'environment-keys.md'), 'utf8');

  test("is current, else run 'npm run schema'", () => {
    expect(page).toBe(environmentKeysPage());
  });

  test('tells each key that the schema knows, and no other', () => {
    const told = toldBy(page);
    const ends = keys.filter(key => !keys.some(other => other.startsWith(`${key}.`)));

    expect(ends.length).toBeGreaterThan(100);
    expect(ends.filter(key => !told.has(key))).toEqual([]);
    expect([...told].filter(key => !keys.includes(key) && /^[a-z]+[A-Z.]/.test(key))).toEqual([]);
  });

  test('tells what each takes: words, numbers with their limits, and whether it is needed', () => {
    expect(page).toMatch(/\| `tier` +\| `dev`, `prod`, needed +\|/);
    expect(page).toMatch(/\| `data\.bufferingSeconds` +\| whole number from 60 to 900 +\|/);
    expect(page).toMatch(/\| `models\.<name>\.training\.holdoutShare` +\| number over 0 and under 1 +\|/);
    expect(page).toMatch(/\| `cluster\.capacity\.type` +\| `AUTO_MODE`, `MANAGED_NODE_GROUPS`, needed +\|/);
  });

  test('marks in their titles the keys with keys that are needed, and no others', () => {
    expect(neededTitles(page)).toEqual(['images', 'models']);
  });
});

describe("the page of a model's keys", () => {
  const page = readFileSync(join(DOCS, 'model-keys.md'), 'utf8');

  test("is current, else run 'npm run schema'", () => {
    expect(page).toBe(modelKeysPage());
  });

  test('tells each key that the schema knows, and no other', () => {
    const known = keysOf(modelJsonSchema());
    const ends = known.filter(key => !known.some(other => other.startsWith(`${key}.`)));
    const [, tables = ''] = /\n## (.*)/s.exec(page) ?? [];
    const told = toldBy(tables);

    expect(ends).toContain('schema.features.nullable');
    expect(ends.filter(key => !told.has(key))).toEqual([]);
    expect([...told].filter(key => key.includes('.') && !known.includes(key))).toEqual([]);
  });

  test('tells what each takes, also in a list, and what may be left out', () => {
    expect(page).toMatch(/\| `schema\.features\.name` +\| text, needed +\|/);
    expect(page).toMatch(/\| `schema\.features\.max` +\| number +\|/);
    expect(page).toMatch(/\| `training\.hyperparameters\.<name>` +\| text, or number, or `true`, `false` +\|/);
    expect(page).toMatch(/\| `card\.owner` +\| text of at most 256 characters +\|/);
    expect(page).toContain('A key that is not marked as needed may be left out');
  });

  test('marks in their titles the keys with keys that are needed, and no others', () => {
    expect(neededTitles(page)).toEqual(['schema', 'training']);
    expect(page).toMatch(/^## `card`$/m);
  });
});

test('the page of environments has a row of each key of a file, and of each of a model', () => {
  const [, section = ''] = /## Its keys\n(.*?)\n## /s.exec(readFileSync(join(DOCS, 'environments.md'), 'utf8')) ?? [];
  const told = toldBy(section);
  const wanted = keys.filter(key => (key.includes('.') ? /^models\.<name>\.\w+$/.test(key) : key !== 'models'));

  expect(wanted).toContain('permissionsBoundary');
  expect(wanted).toContain('models.<name>.reaction');
  expect(wanted.filter(key => !told.has(key))).toEqual([]);
});
