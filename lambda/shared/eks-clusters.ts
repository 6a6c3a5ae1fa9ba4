import type { AwsCredentialIdentity, Provider } from '@smithy/types';
import type { EksServingSettings } from './contracts';
import { eksTokens } from './eks-token';
import { KubernetesClient } from './kubernetes-client';

/** Tells who the function is, and where: any client of the AWS SDK knows it. */
export interface AwsIdentity {
  readonly config: {
    readonly credentials: Provider<AwsCredentialIdentity>;
    readonly region: Provider<string>;
  };
}

/** Clusters as the function's own role reaches them. One client for each: connections and token are kept between calls. */
export class EksClusters {
  private readonly clients = new Map<string, KubernetesClient>();

  constructor(private readonly identity: AwsIdentity) {}

  client({ name, endpoint, certificateAuthorityData }: EksServingSettings['cluster']): KubernetesClient {
    const key = [name, endpoint, certificateAuthorityData].join(' ');
    const known = this.clients.get(key);
    if (known !== undefined) return known;
    const { credentials, region } = this.identity.config;
    let tokens: ReturnType<typeof eksTokens> | undefined;
    const client = new KubernetesClient({
      server: endpoint,
      ca: Buffer.from(certificateAuthorityData, 'base64').toString(),
      token: async refused => {
        tokens ??= eksTokens({ clusterName: name, region: await region(), credentials, now: () => new Date() });
        return tokens(refused);
      },
    });
    this.clients.set(key, client);
    return client;
  }
}
