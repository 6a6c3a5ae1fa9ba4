import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { KubernetesConnection } from '../../lambda/shared/kubernetes-client';

interface Cluster {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
}

interface Exec {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly apiVersion: string;
}

interface User {
  readonly token?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly exec?: Exec;
}

interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: Cluster }[];
  readonly users: readonly { readonly name: string; readonly user: User }[];
}

/** How to reach the cluster of a kubeconfig's current context, as its user: ours, that of kind, or that of EKS. */
export function connectionOf(file: string): KubernetesConnection {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const { context } = named(config.contexts, config['current-context'], file);
  const { cluster } = named(config.clusters, context.cluster, file);
  const { user } = named(config.users, context.user, file);
  const text = (data: string | undefined, path: string | undefined): string | undefined =>
    data === undefined
      ? path && readFileSync(resolve(dirname(file), path), 'utf8')
      : Buffer.from(data, 'base64').toString();
  const ca = text(cluster['certificate-authority-data'], cluster['certificate-authority']);
  if (ca === undefined) {
    throw new Error(
      `the cluster '${context.cluster}' of ${file} has no certificate authority, which is needed to trust it`,
    );
  }
  return {
    server: cluster.server,
    ca,
    cert: text(user['client-certificate-data'], user['client-certificate']),
    key: text(user['client-key-data'], user['client-key']),
    token: tokenOf(user),
  };
}

function tokenOf({ token, exec }: User): KubernetesConnection['token'] {
  if (token !== undefined) return () => token;
  if (exec === undefined) return undefined;
  let kept: string | undefined;
  return refused => {
    if (kept === undefined || kept === refused) kept = run(exec);
    return kept;
  };
}

/** As EKS has it: a program, such as `aws eks get-token`, prints the token. */
function run({ command, args = [], env = [], apiVersion }: Exec): string {
  const printed = execFileSync(command, args, {
    encoding: 'utf8',
    env: {
      ...process.env,
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } }),
    },
  });
  return (JSON.parse(printed) as { status: { token: string } }).status.token;
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string, file: string): T {
  const found = all.find(one => one.name === name);
  if (found === undefined) {
    throw new Error(`${file} names '${name}', which is not in it; it has ${all.map(one => one.name).join(', ')}`);
  }
  return found;
}
