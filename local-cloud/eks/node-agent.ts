import { localNodes } from '../kubernetes/local-nodes';
import type { Reporter } from '../sagemaker/report';
import { Addresses } from './addresses';
import { type ClusterApi, ClusterApiError } from './cluster-api';
import { Informer } from './informer';
import type { Pod } from './pod';
import { type PodPlatform, PodRunner, type PodStatus } from './pod-runner';

const LEASE_SECONDS = 40;
const RENEW_EVERY_MS = 10_000;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const MERGE = 'application/merge-patch+json';
const NODE_ADDRESS = '127.0.0.1';

interface RunningPod {
  readonly runner: PodRunner;
  readonly address: string;
  ending?: Promise<void>;
}

/** What a node needs of the rest. */
export type NodePlatform = PodPlatform & { readonly reporter: Reporter; readonly kubeletVersion: string };

/** The nodes of a local cluster: pods that are bound to them run as processes here. */
export class NodeAgent {
  private readonly addresses = new Addresses();
  private readonly pods = new Map<string, RunningPod>();
  private readonly informer: Informer<Pod>;
  private renewing?: NodeJS.Timeout;

  constructor(
    private readonly api: ClusterApi,
    private readonly platform: NodePlatform,
  ) {
    this.informer = new Informer<Pod>(api, '/api/v1/pods', {
      changed: pod => {
        this.see(pod);
      },
      gone: pod => void this.drop(pod, 0),
    });
  }

  /** Adds the nodes; returns once pods can be bound to them. */
  public async start(): Promise<void> {
    await Promise.all(localNodes().map(node => this.join(node as Parameters<NodeAgent['join']>[0])));
    await this.informer.start();
    this.renewing = setInterval(() => void this.renew(), RENEW_EVERY_MS);
  }

  /** Ends every pod at once, and tells nobody any more. */
  public async stop(): Promise<void> {
    clearInterval(this.renewing);
    this.informer.stop();
    await Promise.all([...this.pods.values()].map(({ runner }) => runner.end(0)));
  }

  private async join(node: { metadata: { name: string }; status: object }): Promise<void> {
    const { name } = node.metadata;
    await this.api.send('POST', '/api/v1/nodes', { body: node });
    await this.api.send('POST', LEASES, {
      body: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace: 'kube-node-lease' },
        spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime() },
      },
    });
    const now = new Date().toISOString();
    await this.api.send('PATCH', `/api/v1/nodes/${name}/status`, {
      contentType: MERGE,
      body: {
        status: {
          ...node.status,
          addresses: [
            { type: 'InternalIP', address: NODE_ADDRESS },
            { type: 'Hostname', address: name },
          ],
          nodeInfo: { kubeletVersion: this.platform.kubeletVersion, operatingSystem: 'linux', architecture: 'amd64' },
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              reason: 'KubeletReady',
              message: 'processes of this machine',
              lastHeartbeatTime: now,
              lastTransitionTime: now,
            },
          ],
        },
      },
    });
  }

  /** A node that says nothing for 40 seconds is given up, with its pods. */
  private async renew(): Promise<void> {
    for (const node of localNodes()) {
      const { name } = (node as { metadata: { name: string } }).metadata;
      try {
        await this.api.send('PATCH', `${LEASES}/${name}`, {
          contentType: MERGE,
          body: { spec: { renewTime: microTime() } },
        });
      } catch (error) {
        this.platform.reporter.warn(`the lease of ${name} could not be renewed`, error);
      }
    }
  }

  private see(pod: Pod): void {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (pod.spec.nodeName === undefined) return;
    const finished = ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
    if (deletionTimestamp !== undefined) {
      void this.drop(pod, deletionGracePeriodSeconds ?? 0);
    } else if (!this.pods.has(uid) && !finished) {
      const address = this.addresses.take();
      const startTime = new Date().toISOString();
      let last = Promise.resolve();
      const runner = new PodRunner(pod, address, this.platform, status => {
        // in order: the last word counts
        last = last.then(() => this.report(pod, { ...status, startTime, ...addressesOf(address) }));
      });
      this.pods.set(uid, { runner, address });
    }
  }

  /** Ends a pod's processes; then the object may go. */
  private async drop(pod: Pod, graceSeconds: number): Promise<void> {
    const { uid, namespace, name } = pod.metadata;
    const running = this.pods.get(uid);
    if (running !== undefined) {
      running.ending ??= running.runner.end(graceSeconds);
      await running.ending;
      this.addresses.release(running.address);
      this.pods.delete(uid);
    }
    try {
      await this.api.find('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, {
        body: { gracePeriodSeconds: 0, preconditions: { uid } },
      });
    } catch (error) {
      // another has its name by now
      if (!(error instanceof ClusterApiError && error.status === 409)) {
        this.platform.reporter.warn(`the pod ${namespace}/${name} could not be removed`, error);
      }
    }
  }

  private async report(pod: Pod, status: PodStatus & { readonly startTime: string }): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const now = new Date().toISOString();
    const ready = status.containerStatuses.every(container => container.ready);
    const initialised = status.initContainerStatuses.every(container => container.ready);
    const condition = (type: string, good: boolean): object => ({
      type,
      status: good ? 'True' : 'False',
      lastTransitionTime: now,
      ...(good ? {} : { reason: 'ContainersNotReady' }),
    });
    try {
      await this.api.find('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}/status`, {
        contentType: 'application/strategic-merge-patch+json',
        body: {
          // a patch of another pod of this name is a conflict
          metadata: { uid },
          status: {
            ...status,
            conditions: [
              condition('Initialized', initialised),
              condition('ContainersReady', ready),
              condition('Ready', ready),
            ],
          },
        },
      });
    } catch (error) {
      if (!(error instanceof ClusterApiError && error.status === 409)) {
        this.platform.reporter.warn(`the status of the pod ${namespace}/${name} could not be told`, error);
      }
    }
  }
}

function addressesOf(podIP: string) {
  return { hostIP: NODE_ADDRESS, hostIPs: [{ ip: NODE_ADDRESS }], podIP, podIPs: [{ ip: podIP }] };
}

function microTime(): string {
  return new Date().toISOString().replace(/Z$/, '000Z');
}
