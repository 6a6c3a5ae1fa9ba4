import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, Provider } from '@smithy/types';

/** Whose token, for which cluster. */
export interface EksTokenOptions {
  readonly clusterName: string;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity | Provider<AwsCredentialIdentity>;
  readonly now: () => Date;
}

/** EKS takes only this, whatever the request says of its own expiry. */
const EXPIRES_IN_SECONDS = 60;
/** EKS takes a token for 15 minutes from its signature; the rest is for clocks that differ and requests under way. */
const USED_FOR_MS = 10 * 60 * 1000;

/**
 * Bearer tokens by which EKS knows an AWS principal: a presigned request to STS, which EKS sends to learn who signed it.
 * Making one asks nobody. A token is used again until it is old, or refused.
 */
export function eksTokens(options: EksTokenOptions): (refused?: string) => Promise<string> {
  let kept: { readonly token: string; readonly signedAt: number } | undefined;
  return async refused => {
    const now = options.now();
    if (kept === undefined || kept.token === refused || now.getTime() - kept.signedAt >= USED_FOR_MS) {
      kept = { token: await eksToken(options, now), signedAt: now.getTime() };
    }
    return kept.token;
  };
}

/** The name under which a partition of AWS has its services, by how its regions begin. */
const DNS_SUFFIXES: readonly [string, string][] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
];

function dnsSuffix(region: string): string {
  return DNS_SUFFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com';
}

async function eksToken({ clusterName, region, credentials }: EksTokenOptions, now: Date): Promise<string> {
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const hostname = `sts.${region}.${dnsSuffix(region)}`;
  const { query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      // signed, so that a token for one cluster is worth nothing at another
      headers: { host: hostname, 'x-k8s-aws-id': clusterName },
    },
    { expiresIn: EXPIRES_IN_SECONDS, signingDate: now },
  );
  const url = `https://${hostname}/?${new URLSearchParams(query as Record<string, string>).toString()}`;
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}
