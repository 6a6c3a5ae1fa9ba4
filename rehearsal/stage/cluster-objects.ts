import { readFileSync } from 'node:fs';
import { get } from 'node:https';

/** What is read of any object. */
export interface ClusterObject {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

/** Lists objects by the path of their collection, as `kubectl` would with this kubeconfig. */
export async function clusterObjects(kubeconfig: string, path: string): Promise<ClusterObject[]> {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const [{ cluster }] = clusters;
  const text = await read(new URL(path, cluster.server), {
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
    headers: { authorization: `Bearer ${users[0].user.token}`, accept: 'application/json' },
  });
  return (JSON.parse(text) as { readonly items: ClusterObject[] }).items;
}

function read(url: URL, options: Parameters<typeof get>[1]): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, options, answer => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`GET ${url.pathname}: HTTP ${answer.statusCode}: ${text.slice(0, 200)}`));
      });
    }).once('error', reject);
  });
}
