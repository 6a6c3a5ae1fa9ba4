import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { KubernetesClient } from '../../lambda/shared/kubernetes-client';
import { type ControlPlane, startControlPlane } from '../../local-cloud/kubernetes/control-plane';
import { kubernetesVersion } from '../../local-cloud/kubernetes/kubernetes-version';
import { eventually } from './support/cluster';

const START_MS = 120_000;
const CONFIG = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'one', namespace: 'default' },
  data: { a: 'b' },
};
const MANAGER = { fieldManager: 'mlops-test' };
/** Of a cluster that is given, nothing of this is ours. */
const ours = (process.env.KUBECONFIG ?? '') === '' ? describe : describe.skip;

interface TokenReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly token: string };
}

ours('a control plane', () => {
  let webhook: Server;
  let reviewed: TokenReview[];
  let controlPlane: ControlPlane;
  let clients: KubernetesClient[];

  beforeAll(async () => {
    reviewed = [];
    clients = [];
    webhook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as TokenReview;
        reviewed.push(review);
        const user = { username: 'arn:aws:sts::000000000000:assumed-role/release/one', groups: ['mlops-release'] };
        const status =
          review.spec.token === 'k8s-aws-v1.good' ? { authenticated: true, user } : { authenticated: false };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, status }));
      });
    });
    await new Promise<void>(resolve => webhook.listen(0, '127.0.0.1', resolve));
    controlPlane = await startControlPlane({
      users: [
        { name: 'release', groups: ['mlops-release'] },
        { name: 'collector', groups: ['mlops-collector'] },
      ],
      authenticationWebhook: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`,
      podRunner: 'none',
    });
    const administrator = clientWith(controlPlane.token());
    const metadata = { name: 'release', namespace: 'default' };
    await administrator.apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata,
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'patch'] }],
      },
      MANAGER,
    );
    await administrator.apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'release' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'mlops-release' }],
      },
      MANAGER,
    );
  }, START_MS);

  afterAll(async () => {
    for (const client of clients) client.close();
    await controlPlane.stop();
    await new Promise(resolve => webhook.close(resolve));
  });

  function clientWith(token: string): KubernetesClient {
    const { server, certificateAuthority: ca } = controlPlane;
    const client = new KubernetesClient({ server, ca, token: () => token });
    clients.push(client);
    return client;
  }

  test('is of the version that was asked for', () => {
    // THEN
    expect(controlPlane.version).toBe(kubernetesVersion(process.env.MLOPS_KUBERNETES_VERSION).release);
  });

  test('lets a user do what RBAC allows their group', async () => {
    // WHEN
    const applied = await clientWith(controlPlane.token('release')).apply(CONFIG, MANAGER);

    // THEN
    expect(applied.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['mlops-test']);
  });

  test('refuses what RBAC does not, and says who asked for what', async () => {
    // GIVEN
    const release = clientWith(controlPlane.token('release'));
    const collector = clientWith(controlPlane.token('collector'));

    // THEN
    await expect(release.delete(CONFIG)).rejects.toThrow(
      /HTTP 403 Forbidden: .*User "release" cannot delete resource "configmaps"/,
    );
    await expect(collector.get(CONFIG)).rejects.toThrow(
      /HTTP 403 Forbidden: .*User "collector" cannot get resource "configmaps"/,
    );
  });

  test('asks the webhook about a token that it does not know', async () => {
    // GIVEN
    const known = clientWith('k8s-aws-v1.good');
    const unknown = clientWith('k8s-aws-v1.bad');

    // THEN
    await expect(known.apply(CONFIG, MANAGER)).resolves.toMatchObject({ kind: 'ConfigMap' });
    await expect(unknown.get(CONFIG)).rejects.toThrow('HTTP 401 Unauthorized');
    expect(reviewed[0]).toMatchObject({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' });
  });

  test('fails by the names of its users for a token of another', () => {
    // THEN
    expect(() => controlPlane.token('rain')).toThrow(
      "the user must be one of administrator, release, collector, got 'rain'",
    );
  });
});

ours('a control plane whose process is killed', () => {
  test(
    'leaves no process and no file',
    async () => {
      // GIVEN
      const script = join(__dirname, 'support', 'start-and-wait.ts');
      const parent = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await Promise.race([
        createInterface(parent.stdout)[Symbol.asyncIterator]().next(),
        new Promise((_, reject) => parent.once('exit', code => reject(new Error(`it ended with ${code}`)))),
      ]).then(read => [(read as IteratorResult<string>).value])) as [string];
      const { pids, folder } = JSON.parse(line) as { pids: number[]; folder: string };
      expect(pids.filter(isThere)).toHaveLength(4);
      expect(existsSync(folder)).toBe(true);

      // WHEN
      parent.kill('SIGKILL');

      // THEN
      const left = await eventually(
        () => Promise.resolve([...pids.filter(isThere), ...(existsSync(folder) ? [folder] : [])]),
        found => found.length === 0,
      );
      expect(left).toEqual([]);
    },
    START_MS,
  );
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
