import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { selfSignedCertificate } from '../../support/self-signed-certificate';
import { clientAs, deployment, eventually } from './cluster';

const MANAGER = { fieldManager: 'mlops-test' };
/** Who never answers is waited for as long. */
const TIMEOUT_SECONDS = 1;

/** A webhook that the API server asks about each Deployment of a namespace: it denies, or never answers. */
export class AdmissionWebhook {
  private readonly administrator = clientAs();
  private readonly configuration: KubernetesObject;
  private asked = 0;

  private constructor(
    private readonly server: Server,
    private readonly namespace: string,
    certificate: string,
  ) {
    server.on('request', () => (this.asked += 1));
    const { port } = server.address() as AddressInfo;
    this.configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: namespace },
      webhooks: [
        {
          name: 'models.example.org',
          clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(certificate).toString('base64') },
          rules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
          ],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: TIMEOUT_SECONDS,
          failurePolicy: 'Fail',
        },
      ],
    };
  }

  /** Starts it; returns once the API server asks it. Without a message it never answers. */
  static async start(namespace: string, message?: string): Promise<AdmissionWebhook> {
    const { cert, key } = selfSignedCertificate();
    const server = createServer({ cert, key }, (incoming, outgoing) => {
      if (message === undefined) return;
      void uidOf(incoming).then(uid => {
        const response = { uid, allowed: false, status: { message } };
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const webhook = new AdmissionWebhook(server, namespace, cert);
    await webhook.begin();
    return webhook;
  }

  async stop(): Promise<void> {
    await this.administrator.delete(this.configuration);
    this.server.close();
    this.server.closeAllConnections();
  }

  private async begin(): Promise<void> {
    await this.administrator.apply(this.configuration, MANAGER);
    // the API server learns of it a little later
    await eventually(
      async () => {
        await this.administrator.apply(deployment(this.namespace, 'probe', 0), MANAGER).catch(() => undefined);
        return this.asked;
      },
      asked => asked > 0,
    );
  }
}

async function uidOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return (JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } }).request.uid;
}
