import { App } from 'aws-cdk-lib';
import { createPlatform } from '../../lib/platform';
import { synthesise } from '../support/platform';
import { rootOf } from './environment-of';

const EVERYTHING = {
  tier: 'dev',
  network: { source: 'create' },
  cluster: { source: 'create', gateway: true },
  models: { rain: {}, snow: { serving: { target: 'eks' } } },
};

/** The boundary of each role of the environment, by stack and logical id. */
function boundaries(permissionsBoundary?: string | object): Map<string, unknown> {
  const root = rootOf({ ...EVERYTHING, ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }) });
  return new Map(
    (synthesise({ root }).get('dev') ?? []).flatMap(({ stackName, template }) =>
      Object.entries(
        template['Resources'] as Record<string, { Type: string; Properties?: { PermissionsBoundary?: unknown } }>,
      )
        .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
        .map(([id, { Properties }]) => [`${stackName}/${id}`, Properties?.PermissionsBoundary] as const),
    ),
  );
}

test('every role of every stack carries the boundary, those of custom resources as well', () => {
  const found = boundaries('platform-boundary');
  expect([...found.keys()].some(id => id.includes('CustomResourceProvider') || id.includes('Provider'))).toBe(true);
  const without = [...found].filter(
    ([, boundary]) => !JSON.stringify(boundary ?? '').includes('policy/platform-boundary'),
  );
  expect(without).toEqual([]);
});

test('an ARN is taken as it is', () => {
  const arn = 'arn:aws:iam::111111111111:policy/team/boundary';
  expect(new Set(boundaries(arn).values())).toEqual(new Set([arn]));
});

test('where the platform makes it, every role carries that one', () => {
  const found = boundaries({ source: 'create' });
  expect(found.size).toBeGreaterThan(20);
  const without = [...found].filter(
    ([, boundary]) => !JSON.stringify(boundary ?? '').includes(':policy/mlops-dev-boundary"'),
  );
  expect(without).toEqual([]);
});

test('the platform makes it before every other stack, with the accounts and the bootstrap of its environment', () => {
  // GIVEN
  const environment = {
    ...EVERYTHING,
    permissionsBoundary: { source: 'create' },
    delivery: { issuer: 'gitlab.com', subjects: ['project_path:acme/models'], qualifier: 'acme' },
    promotion: { from: { environment: 'sandbox', account: '222222222222', region: 'eu-west-1' } },
  };

  // WHEN
  const [stage] = createPlatform(new App(), { root: rootOf(environment) });
  const stacks = stage?.synth().stacks ?? [];

  // THEN
  const ids = new Set(stacks.map(({ id }) => id));
  const first = stacks.filter(({ dependencies }) => dependencies.every(({ id }) => !ids.has(id)));
  expect(first.map(({ stackName }) => stackName)).toEqual(['mlops-dev-boundary']);
  const text = JSON.stringify(first[0]?.template);
  expect(text).toContain('"ManagedPolicyName":"mlops-dev-boundary"');
  expect(text).toContain('"s3:ResourceAccount":["222222222222"]');
  expect(text).toContain('role/cdk-acme-cfn-exec-role-*');
});

test('no role has one unless the file names it', () => {
  expect(new Set(boundaries().values())).toEqual(new Set([undefined]));
});

test('fails on what is no name and no ARN', () => {
  expect(() => boundaries('my boundary')).toThrow("a policy's name such as 'platform-boundary', or its ARN");
});

test('fails on another source', () => {
  expect(() => boundaries({ source: 'import' })).toThrow(
    "'permissionsBoundary.source' is 'import', must be one of 'create'",
  );
});
