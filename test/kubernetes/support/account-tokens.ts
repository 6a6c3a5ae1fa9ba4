import { randomBytes } from 'node:crypto';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { ask, clientAs } from './cluster';

const MANAGER = { fieldManager: 'mlops-test' };

/** Somebody with the rights of a namespace's `release` role, and real tokens of the API server that can be taken away. */
export class AccountTokens {
  /** How often a token was made. */
  made = 0;
  private readonly administrator = clientAs();
  private kept: { readonly token: string; readonly secret: KubernetesObject } | undefined;

  private constructor(
    private readonly namespace: string,
    private readonly name: string,
  ) {}

  static async begin(namespace: string): Promise<AccountTokens> {
    const tokens = new AccountTokens(namespace, 'releaser');
    const metadata = { name: tokens.name, namespace };
    await tokens.administrator.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, MANAGER);
    await tokens.administrator.apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'release' },
        subjects: [{ kind: 'ServiceAccount', ...metadata }],
      },
      MANAGER,
    );
    return tokens;
  }

  /** As a client asks for it: another one, if one was refused. */
  readonly token = async (refused?: string): Promise<string> => {
    if (this.kept === undefined || this.kept.token === refused) this.kept = await this.make();
    return this.kept.token;
  };

  /** Ends the token that is in use: the API server knows it no longer once the secret is gone that it is bound to. */
  async expire(): Promise<void> {
    if (this.kept !== undefined) await this.administrator.delete(this.kept.secret);
  }

  private async make() {
    this.made += 1;
    const name = `token-${randomBytes(4).toString('hex')}`;
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: this.namespace } };
    const { metadata } = await this.administrator.apply(secret, MANAGER);
    const path = `/api/v1/namespaces/${this.namespace}/serviceaccounts/${this.name}/token`;
    const made = await ask('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name, uid: metadata.uid } },
    });
    return { token: (JSON.parse(made.body) as { status: { token: string } }).status.token, secret };
  }
}
