import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { environmentNames, loadEnvironment } from '../../../lib/config/environment';
import { secretsIn } from '../../../lib/config/secrets';
import { ENVIRONMENT, MODEL, repository } from './repository';

const ROOT = join(__dirname, '..', '..', '..');

const letters = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const BASE62 = `${UPPER}abcdefghijklmnopqrstuvwxyz`;
const base62 = (length: number) => letters(BASE62, length);

/** Secrets of many kinds, made up. */
const secret = fc.oneof(
  letters(UPPER, 16).map(text => `AKIA${text}`),
  letters(UPPER, 16).map(text => `ASIA${text}`),
  base62(37).map(text => `aB1${text}`),
  base62(36).map(text => `ghp_${text}`),
  base62(60).map(text => `github_pat_${text}`),
  base62(20).map(text => `glpat-${text}`),
  base62(24).map(text => `xoxb-${text}`),
  base62(24).map(text => `eyJ${text}.eyJ${text}.${text}`),
  base62(24).map(text => `https://hooks.slack.com/services/T00000000/B00000000/${text}`),
  base62(24).map(text => `https://team.webhook.office.com/webhookb2/${text}`),
  base62(24).map(text => `https://discord.com/api/webhooks/1/${text}`),
  base62(32).map(text => `https://events.pagerduty.com/integration/${text}/enqueue`),
  base62(12).map(text => `postgres://ann:${text}@db.example.com/rain`),
  base62(12).map(text => `https://example.com/hook?sig=${text}`),
  base62(48).map(text => `-----BEGIN EC PRIVATE KEY-----\n${text}\n-----END EC PRIVATE KEY-----`),
  base62(48).map(text => Buffer.from(`-----BEGIN PRIVATE KEY-----\n${text}`).toString('base64')),
  base62(12).map(text => `{{resolve:secretsmanager:${text}}}`),
);
const plain = fc.stringMatching(/^[a-z][a-z ]{0,20}$/);

/** Where a file takes any text, and where it takes another. */
const PLACES: ((value: string) => { environment: object; path: string })[] = [
  value => ({ environment: { tags: { note: value } }, path: 'tags.note' }),
  value => ({ environment: { notifications: { emails: [value] } }, path: 'notifications.emails[0]' }),
  value => ({ environment: { region: value }, path: 'region' }),
  value => ({ environment: { webhook: value }, path: 'webhook' }),
];

function failure(environment: object, model = MODEL): string {
  const text = stringify({ ...(parse(ENVIRONMENT) as object), ...environment });
  try {
    loadEnvironment(repository({ 'environments/dev.yaml': text, 'models/rain/model.yaml': model }), 'dev');
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('a secret is refused wherever it stands, by its place and never by itself', () => {
  fc.assert(
    fc.property(secret, fc.constantFrom(...PLACES), (value, place) => {
      const { environment, path } = place(value);
      const message = failure(environment);

      expect(message).toMatch(/^environments\/dev.yaml:\d+: /);
      expect(message).toContain(`'${path}' looks like a`);
      expect(message).not.toContain(value);
    }),
    { numRuns: 60 },
  );
});

test('a secret in a model file is refused as well', () => {
  expect(failure({}, MODEL.replace("rate: '0.08'", 'api_token: correct-horse'))).toBe(
    "models/rain/model.yaml:9: 'training.hyperparameters.api_token' looks like a secret by its name, must be the ARN of a secret of Secrets Manager or the name of an SSM parameter such as '/team/token', which is read when it is needed; change the secret, since it has been in a file",
  );
});

test('what is called a secret is one, unless it says where one is', () => {
  const names = fc.constantFrom('password', 'dbPassword', 'API_KEY', 'apiKey', 'github-token', 'clientSecret');
  const value = fc.stringMatching(/^[a-z]{3,20}$/).filter(text => !['true', 'false', 'none'].includes(text));
  fc.assert(
    fc.property(names, value, (name, text) => {
      expect(secretsIn({ tags: { [name]: text } })).toEqual([{ path: ['tags', name], kind: 'a secret by its name' }]);
      expect(secretsIn({ [name]: `/team/${text}` })).toEqual([]);
      expect(secretsIn({ [name]: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${text}` })).toEqual([]);
    }),
  );
});

test('what is none is taken', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('owner', 'tokens', 'max_tokens', 'keyboard', 'monkey'), plain), tags => {
      expect(secretsIn({ tags })).toEqual([]);
    }),
  );
  for (const value of [
    // a commit, a digest, a certificate, a link, a key's ARN
    '0123456789abcdef0123456789abcdef01234567',
    `mlops/trainer@sha256:${'0123456789abcdef'.repeat(4)}`,
    Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB').toString('base64'),
    'https://abcd.gr7.eu-west-3.eks.amazonaws.com',
    'arn:aws:kms:eu-west-3:111122223333:key/01234567-89ab-cdef-0123-456789abcdef',
    '19%3aabc%40thread.tacv2',
  ]) {
    expect({ value, found: secretsIn({ value }) }).toEqual({ value, found: [] });
  }
  expect(secretsIn({ hyperparameters: { token: '3', secret: 'false' } })).toEqual([]);
});

test('every environment of this repository is free of them', () => {
  for (const name of environmentNames(ROOT)) {
    expect(secretsIn(parse(readFileSync(join(ROOT, 'environments', `${name}.yaml`), 'utf8')))).toEqual([]);
  }
});
