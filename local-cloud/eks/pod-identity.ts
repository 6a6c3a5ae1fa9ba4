import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClusterApi } from './cluster-api';
import { listen, urlOf } from './listen';
import type { Pod } from './pod';

const AUDIENCE = 'pods.eks.amazonaws.com';
const TOKEN_SECONDS = 86_400;
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

const credentialsSchema = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string(),
  Expiration: z.string(),
});

/** Whose pods these are, for the cloud that knows the roles. */
export interface IdentityOptions {
  readonly endpointUrl: string;
  readonly cluster: string;
  readonly account: string;
  readonly region: string;
}

interface Review {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: { readonly username: string; readonly extra?: Readonly<Record<string, readonly string[]>> };
  };
}

/**
 * EKS Pod Identity's agent: gives a pod that shows a token of its service account the credentials of the role that the
 * account is associated with. The API server says whose token it is; the cloud, whether the role trusts Pod Identity.
 */
export class PodIdentityAgent {
  private readonly server: Server;
  private url = '';

  constructor(
    private readonly api: ClusterApi,
    private readonly options: IdentityOptions,
  ) {
    this.server = createServer((request, response) => {
      this.credentials(request.headers.authorization ?? '').then(
        credentials => {
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(credentials));
        },
        (error: unknown) => {
          response.writeHead(403).end(error instanceof Error ? error.message : String(error));
        },
      );
    });
  }

  public async start(): Promise<void> {
    await listen(this.server, 0);
    this.url = `${urlOf(this.server)}/v1/credentials`;
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** What a pod's containers are told, which the cluster's admission adds on AWS; nothing without an association. */
  public async forPod(pod: Pod, folder: string): Promise<{ url: string; tokenFile: string } | undefined> {
    const { namespace, name, uid } = pod.metadata;
    const serviceAccount = pod.spec.serviceAccountName ?? 'default';
    const { associated } = z
      .object({ associated: z.boolean() })
      .parse(await this.ask('associated', { namespace, serviceAccount }));
    if (!associated) return undefined;
    const { status } = await this.api.send<{ status: { token: string } }>(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
      {
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: {
            audiences: [AUDIENCE],
            expirationSeconds: TOKEN_SECONDS,
            boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
          },
        },
      },
    );
    const tokens = join(folder, 'identity');
    mkdirSync(tokens, { recursive: true });
    const tokenFile = join(tokens, 'token');
    writeFileSync(tokenFile, status.token, { mode: 0o600 });
    return { url: this.url, tokenFile };
  }

  private async credentials(token: string): Promise<z.infer<typeof credentialsSchema>> {
    const { status } = await this.api.send<Review>('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [AUDIENCE] },
      },
    });
    const account = SERVICE_ACCOUNT.exec(status?.user?.username ?? '');
    if (status?.authenticated !== true || account === null) {
      throw new Error('the token is of no service account of the cluster');
    }
    const [, namespace, serviceAccount] = account;
    const [podName = ''] = status.user?.extra?.['authentication.kubernetes.io/pod-name'] ?? [];
    const [podUid = ''] = status.user?.extra?.['authentication.kubernetes.io/pod-uid'] ?? [];
    return credentialsSchema.parse(await this.ask('credentials', { namespace, serviceAccount, podName, podUid }));
  }

  private async ask(what: 'associated' | 'credentials', about: object): Promise<unknown> {
    const { endpointUrl, ...whose } = this.options;
    const answer = await fetch(`${endpointUrl}/_mlops/pod-identity/${what}`, {
      method: 'POST',
      body: JSON.stringify({ ...whose, ...about }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return JSON.parse(text);
  }
}
