import { synthesise } from '../support/platform';
import { rootOf } from './environment-of';

const EVERYTHING = {
  tier: 'dev',
  network: { source: 'create' },
  cluster: { source: 'create', gateway: true },
  models: { rain: {}, snow: { serving: { target: 'eks' } } },
};

/** The boundary of each role of the environment, by stack and logical id. */
function boundaries(permissionsBoundary?: string): Map<string, unknown> {
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

test('no role has one unless the file names it', () => {
  expect(new Set(boundaries().values())).toEqual(new Set([undefined]));
});

test('fails on what is no name and no ARN', () => {
  expect(() => boundaries('my boundary')).toThrow("a policy's name such as 'platform-boundary', or its ARN");
});
