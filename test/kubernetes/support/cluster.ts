import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpsAnswer, HttpsExchange } from '../../../lambda/shared/https-exchange';
import { KubernetesClient } from '../../../lambda/shared/kubernetes-client';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { connectionOf } from '../../support/kubeconfig-file';

/** Names the kubeconfig of the cluster under test; set before the tests begin. */
export const CLUSTER_VARIABLE = 'MLOPS_TEST_KUBECONFIG';

/** Somebody who asks the API server. */
export interface Caller {
  readonly name: string;
  readonly groups: readonly string[];
}

const clients: KubernetesClient[] = [];
const namespaces: string[] = [];
const WAITED_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** A client of the cluster: the administrator, or somebody as whom the administrator asks, for the real authorizer. */
export function clientAs(caller?: Caller): KubernetesClient {
  return tracked(
    new KubernetesClient({
      ...connectionOf(process.env[CLUSTER_VARIABLE] ?? ''),
      headers: impersonation(caller),
    }),
  );
}

/** A client whose connections `removeNamespaces` closes. */
export function tracked(client: KubernetesClient): KubernetesClient {
  clients.push(client);
  return client;
}

/** Asks what the client has no verb for, as the administrator or as somebody. */
export async function ask(method: string, path: string, body?: object, caller?: Caller): Promise<HttpsAnswer> {
  const { server, token, ...trust } = connectionOf(process.env[CLUSTER_VARIABLE] ?? '');
  const exchange = new HttpsExchange(trust);
  try {
    return await exchange.send(
      {
        method,
        url: new URL(path, server),
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${await token()}` }),
          ...impersonation(caller),
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
      },
      WAITED_MS,
    );
  } finally {
    exchange.close();
  }
}

function impersonation(caller: Caller | undefined): Record<string, string | string[]> {
  return caller === undefined ? {} : { 'impersonate-user': caller.name, 'impersonate-group': [...caller.groups] };
}

/** A namespace for one test, with these labels; `removeNamespaces` removes it. */
export async function newNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = `mlops-test-${randomBytes(4).toString('hex')}`;
  namespaces.push(name);
  await clientAs().apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    { fieldManager: 'mlops-test' },
  );
  return name;
}

/** For `afterAll`. */
export async function removeNamespaces(): Promise<void> {
  const administrator = clientAs();
  for (const name of namespaces.splice(0)) {
    await administrator.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const client of clients.splice(0)) client.close();
}

/** What `look` finds once it is as `wanted`. */
export async function eventually<T>(look: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  const deadline = performance.now() + WAITED_MS;
  for (;;) {
    const found = await look();
    if (wanted(found)) return found;
    if (performance.now() > deadline) {
      throw new Error(`not so after ${WAITED_MS} ms: ${JSON.stringify(found)}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Waits until it is ended and does nothing else: kwok runs no image, but a cluster that is given does. */
const WAITING_IMAGE = 'rancher/mirrored-pause:3.6';

/** A pod that the restricted Pod Security profile lets in. */
export function restrictedPod(image = WAITING_IMAGE): object {
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'server',
        image,
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
}

/** A Deployment of such a pod. */
export function deployment(namespace: string, name: string, replicas: number, image?: string): KubernetesObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: restrictedPod(image) },
    },
  };
}
