import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentJsonSchema } from '../../../lib/config/json-schema';
import { TIERS, type TierDefaults } from '../../../lib/config/tiers';

const DOCS = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'environments.md'), 'utf8');

/** The defaults of a tier by the keys of a file, as the table tells them. */
function told({ network, serving, ...rest }: TierDefaults): Record<string, string> {
  const { shift, ...instances } = serving;
  const flat = (value: object, path: string): [string, unknown][] =>
    Object.entries(value).flatMap(([key, of]: [string, unknown]) =>
      typeof of === 'object' && of !== null ? flat(of, `${path}${key}.`) : [[path + key, of] as [string, unknown]],
    );
  return {
    ...Object.fromEntries(
      flat({ ...rest, serving: { ...instances, shift: { type: shift.type } } }, '').map(([key, value]) => [
        key,
        `\`${String(value)}\``,
      ]),
    ),
    'network.natGateways': network.natGateways === undefined ? 'one in each zone' : `\`${network.natGateways}\``,
    'network.interfaceEndpoints': network.interfaceEndpoints ? 'all that are used' : 'none',
  };
}

test('the documentation tells every default of every tier, and no other', () => {
  const [, section = ''] = /## Tiers\n(.*?)\n## /s.exec(DOCS) ?? [];
  const rows = [...section.matchAll(/^\| `([\w.]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(([, key = '', dev, prod]) => ({
    key,
    dev,
    prod,
  }));
  const [dev, prod] = [told(TIERS.dev), told(TIERS.prod)];

  expect(rows.map(({ key }) => key).sort()).toEqual(Object.keys(dev).sort());
  for (const row of rows) expect(row).toEqual({ key: row.key, dev: dev[row.key], prod: prod[row.key] });
});

test('the schema for editors tells them too', () => {
  const schema = environmentJsonSchema();

  expect(schema).toContain('How long a snapshot is locked. Default: 7 in dev, 365 in prod.');
  expect(schema).toContain('Default: \\"ALL_AT_ONCE\\" in dev, \\"CANARY\\" in prod.');
});
