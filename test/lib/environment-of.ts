import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

const MODEL = {
  schema: { features: [{ name: 'temperature', type: 'double' }], label: 'rain' },
  training: { code: '.' },
};

/** Writes a repository with one environment, and a definition of each of its models; returns its root. */
export function rootOf(environment: { models: Readonly<Record<string, object>> } & object, name = 'dev'): string {
  const root = mkdtempSync(join(tmpdir(), 'environment-'));
  mkdirSync(join(root, 'environments'));
  writeFileSync(join(root, 'train.py'), '');
  const models = Object.fromEntries(
    Object.entries(environment.models).map(([model, settings]) => {
      writeFileSync(join(root, `${model}.yaml`), stringify({ ...MODEL, name: model }));
      return [model, { definition: `${model}.yaml`, ...settings }];
    }),
  );
  const images = { trainer: 'trainer:1', modelServer: 'server:1' };
  writeFileSync(
    join(root, 'environments', `${name}.yaml`),
    stringify({ region: 'eu-west-1', images, ...environment, models }),
  );
  return root;
}
