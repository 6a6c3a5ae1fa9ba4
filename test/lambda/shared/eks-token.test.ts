import { eksTokens } from '../../../lambda/shared/eks-token';

const MINUTE_MS = 60_000;
const START = new Date('2026-11-27T10:00:00Z');

/** The parameters that EKS lets pass; any other makes it refuse the token. */
const ALLOWED = [
  'Action',
  'Version',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
];

function tokensOf(clusterName: string, now: () => Date = () => START, region = 'eu-west-1') {
  return eksTokens({
    clusterName,
    region,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session+/=' },
    now,
  });
}

function requestIn(token: string): URL {
  return new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString());
}

test('a token is a signed request that tells EKS who asks', async () => {
  // WHEN
  const token = await tokensOf('serving')();

  // THEN
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
  const request = requestIn(token);
  expect(request.origin).toBe('https://sts.eu-west-1.amazonaws.com');
  expect([...request.searchParams.keys()].sort()).toEqual(ALLOWED);
  expect(Object.fromEntries(request.searchParams)).toMatchObject({
    Action: 'GetCallerIdentity',
    'X-Amz-Date': '20261127T100000Z',
    'X-Amz-Expires': '60',
    'X-Amz-Security-Token': 'session+/=',
  });
});

test('a token is for one cluster: its name is signed', async () => {
  // WHEN
  const one = requestIn(await tokensOf('one')()).searchParams;
  const other = requestIn(await tokensOf('other')()).searchParams;

  // THEN
  expect(one.get('X-Amz-SignedHeaders')).toBe('host;x-k8s-aws-id');
  expect(one.get('X-Amz-Signature')).not.toBe(other.get('X-Amz-Signature'));
});

test('a token is used again for ten of its fifteen minutes', async () => {
  // GIVEN
  let now = START;
  const tokens = tokensOf('serving', () => now);
  const first = await tokens();

  // WHEN
  now = new Date(START.getTime() + 10 * MINUTE_MS - 1);
  const second = await tokens();
  now = new Date(START.getTime() + 10 * MINUTE_MS);
  const third = await tokens();

  // THEN
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test('a token that was refused is not used again', async () => {
  // GIVEN
  let now = START;
  const tokens = tokensOf('serving', () => now);
  const refused = await tokens();

  // WHEN
  now = new Date(START.getTime() + 1000);
  const next = await tokens(refused);

  // THEN
  expect(next).not.toBe(refused);
  expect(await tokens(refused)).toBe(next);
});

test.each([
  ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
  ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'sts.us-isob-east-1.sc2s.sgov.gov'],
  ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
])('a token of the region %s is signed for the STS there', async (region, hostname) => {
  expect(requestIn(await tokensOf('serving', () => START, region)()).hostname).toBe(hostname);
});
