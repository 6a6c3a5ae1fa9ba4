import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from './command-lines';
import { kubeconfig } from './kubeconfig';

/** Nobody else may read what lets one act as another. */
const SECRET = { mode: 0o600 };

/** What the files say. */
export interface FileContents {
  readonly port: number;
  readonly tokens: string;
  readonly stages: string;
  readonly authenticationWebhook?: string;
}

/** Writes what the parts read when they start. */
export function writeFiles(folder: string, contents: FileContents): Places {
  const at = (name: string): string => join(folder, name);
  const places: Places = {
    port: contents.port,
    logs: at('logs'),
    etcdSocket: at('etcd.sock'),
    etcdPeerSocket: at('etcd-peer.sock'),
    etcdData: at('etcd'),
    certificates: at('certificates'),
    serviceAccountKey: at('service-account.key'),
    serviceAccountPublicKey: at('service-account.pub'),
    tokens: at('tokens.csv'),
    authenticationWebhook: contents.authenticationWebhook && at('authentication-webhook.json'),
    kubeconfig: at('kubeconfig.json'),
    stages: at('kwok-stages.yaml'),
  };
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  mkdirSync(places.logs);
  writeFileSync(places.serviceAccountKey, keys.privateKey, SECRET);
  writeFileSync(places.serviceAccountPublicKey, keys.publicKey);
  writeFileSync(places.tokens, contents.tokens, SECRET);
  writeFileSync(places.stages, contents.stages);
  if (places.authenticationWebhook !== undefined && contents.authenticationWebhook !== undefined) {
    writeFileSync(places.authenticationWebhook, kubeconfig({ server: contents.authenticationWebhook }));
  }
  return places;
}

/**
 * PEM of who signed the API server's certificate; empty until it has made it. The server's own comes first in the chain
 * and is left out: controllers hand on what this says, and only an authority is taken there.
 */
export function authorityOf({ certificates }: Places): string {
  const file = join(certificates, 'apiserver.crt');
  const chain = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const parts = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
  return parts.filter(pem => new X509Certificate(pem).ca).join('');
}
