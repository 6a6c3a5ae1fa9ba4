import type { Part } from './binaries';

/** Where the parts of one control plane find each other. */
export interface Places {
  readonly port: number;
  readonly logs: string;
  /** etcd listens on a socket in the control plane's own folder, where nobody else can speak to it. */
  readonly etcdSocket: string;
  readonly etcdPeerSocket: string;
  readonly etcdData: string;
  /** The API server makes its certificate there. */
  readonly certificates: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly tokens: string;
  readonly authenticationWebhook?: string;
  readonly kubeconfig: string;
  readonly stages: string;
}

type Flags = Readonly<Record<string, string | undefined>>;

/** The flags of each part, where they differ from what it does anyway. */
const FLAGS: Readonly<Record<Part, (places: Places) => Flags>> = {
  etcd: ({ etcdSocket, etcdPeerSocket, etcdData }) => ({
    'data-dir': etcdData,
    'listen-client-urls': `unix://${etcdSocket}`,
    'listen-peer-urls': `unix://${etcdPeerSocket}`,
    // it is alone: nobody is told these, but older releases want addresses to tell
    'advertise-client-urls': 'http://127.0.0.1:2379',
    'initial-advertise-peer-urls': 'http://127.0.0.1:2380',
    'initial-cluster': 'default=http://127.0.0.1:2380',
    // what it holds goes when it ends
    'unsafe-no-fsync': 'true',
    'log-level': 'warn',
  }),
  'kube-apiserver': places => ({
    'etcd-servers': `unix://${places.etcdSocket}`,
    'bind-address': '127.0.0.1',
    'secure-port': String(places.port),
    // it is published to pods, which have another loopback; there is no pod that could ask
    'advertise-address': '127.0.0.1',
    'endpoint-reconciler-type': 'none',
    'cert-dir': places.certificates,
    'service-cluster-ip-range': '10.96.0.0/16',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-signing-key-file': places.serviceAccountKey,
    'service-account-key-file': places.serviceAccountPublicKey,
    'anonymous-auth': 'false',
    'token-auth-file': places.tokens,
    'authentication-token-webhook-config-file': places.authenticationWebhook,
    'authentication-token-webhook-version': places.authenticationWebhook && 'v1',
    // an access entry that is taken away counts within seconds, as on EKS
    'authentication-token-webhook-cache-ttl': places.authenticationWebhook && '5s',
    'authorization-mode': 'RBAC',
  }),
  'kube-controller-manager': places => ({
    kubeconfig: places.kubeconfig,
    'leader-elect': 'false',
    'secure-port': '0',
    'service-account-private-key-file': places.serviceAccountKey,
  }),
  'kube-scheduler': places => ({ kubeconfig: places.kubeconfig, 'leader-elect': 'false', 'secure-port': '0' }),
  kwok: places => ({
    kubeconfig: places.kubeconfig,
    config: places.stages,
    'manage-all-nodes': 'true',
    // without a lease its nodes would be given up after 40 seconds
    'node-lease-duration-seconds': '40',
    // nothing listens: there is no log and no shell of a pod that runs nothing
    'node-port': '0',
  }),
};

/** The arguments of a part. */
export function argumentsOf(part: Part, places: Places): string[] {
  return Object.entries(FLAGS[part](places)).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
}
