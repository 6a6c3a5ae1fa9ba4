import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A model file that is right. */
export const MODEL = `
name: rain
schema:
  features:
    - { name: temperature, type: double, min: -6, max: 6 }
  label: rain
training:
  code: .
  hyperparameters: { depth: 3, rate: '0.08' }
`;

/** An environment file that is right; each test spoils one thing. */
export const ENVIRONMENT = `tier: dev
region: eu-west-1
images:
  trainer: mlops/trainer:1
  modelServer: mlops/model-server:1
models:
  rain:
    definition: models/rain/model.yaml
    training:
      instanceType: ml.m5.large
    serving:
      instanceType: ml.m5.large
`;

/** Writes a repository's files into a new folder. */
export function repository(files: Record<string, string> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'platform-'));
  const all = {
    'environments/dev.yaml': ENVIRONMENT,
    'environments/prod.yaml': ENVIRONMENT,
    'models/rain/model.yaml': MODEL,
    'models/rain/train.py': '',
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
