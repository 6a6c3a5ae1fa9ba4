import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '../kubernetes/control-plane';
import { addDefinitions } from '../kubernetes/first-objects';
import { ImageMap } from '../sagemaker/containers/image-map';
import { ProcessRunner } from '../sagemaker/containers/process-runner';
import type { Reporter } from '../sagemaker/report';
import { ClusterApi } from './cluster-api';
import { clusterDefinitions } from './cluster-definitions';
import { GatewayProxy } from './gateway-proxy';
import { Kubectl } from './kubectl';
import { NodeAgent } from './node-agent';
import type { EksOptions } from './options';
import { PodIdentityAgent } from './pod-identity';

/** Which cluster it is. */
export interface ClusterIdentity {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Who is asked whose token a token is. */
  readonly authenticationWebhook: string;
}

const PROCESSES_GRACE_MS = 3000;

/** A cluster on this machine: a real control plane, and processes in the place of pods. */
export class LocalCluster {
  /** What the CDK's functions do in it. */
  public readonly kubectl: Kubectl;

  private constructor(
    private readonly controlPlane: ControlPlane,
    private readonly api: ClusterApi,
    private readonly processes: ProcessRunner,
    private readonly identity: PodIdentityAgent,
    private readonly nodes: NodeAgent,
    private readonly gateway: GatewayProxy,
  ) {
    this.kubectl = new Kubectl(api);
  }

  /** Starts it; returns once pods can run. */
  public static async start(
    { authenticationWebhook, ...cluster }: ClusterIdentity,
    options: EksOptions,
    reporter: Reporter,
  ): Promise<LocalCluster> {
    const controlPlane = await startControlPlane({ podRunner: 'none', ifMissing: 'fail', authenticationWebhook });
    const { server, certificateAuthority } = controlPlane;
    const api = new ClusterApi({ server, certificateAuthority, token: controlPlane.token() });
    const processes = new ProcessRunner();
    const identity = new PodIdentityAgent(api, { endpointUrl: options.endpointUrl, cluster: cluster.name, ...cluster });
    const workFolder = join(options.workFolder, 'eks', cluster.name);
    const nodes = new NodeAgent(api, {
      images: new ImageMap(options.images, options.python),
      processes,
      workFolder,
      logFolder: options.logFolder,
      endpointUrl: options.endpointUrl,
      region: cluster.region,
      clockFile: options.clockFile,
      identity: (pod, folder) => identity.forPod(pod, folder),
      reporter,
      kubeletVersion: controlPlane.version,
    });
    const gateway = new GatewayProxy(api, reporter);
    const made = new LocalCluster(controlPlane, api, processes, identity, nodes, gateway);
    try {
      await identity.start();
      await addDefinitions({ server, certificateAuthority, token: controlPlane.token() }, await clusterDefinitions());
      await nodes.start();
      await gateway.start();
    } catch (error) {
      await made.stop();
      throw error;
    }
    return made;
  }

  /** What others are told of it. */
  public describe(): object {
    const { server, certificateAuthority, version, kubeconfig } = this.controlPlane;
    return {
      endpoint: server,
      certificateAuthority: Buffer.from(certificateAuthority).toString('base64'),
      version,
      kubeconfig,
      gatewayUrl: this.gateway.url,
    };
  }

  /** Ends it with all that runs in it. */
  public async stop(): Promise<void> {
    this.gateway.stop();
    await this.nodes.stop();
    this.identity.stop();
    await this.processes.close(PROCESSES_GRACE_MS);
    await this.controlPlane.stop();
    this.api.close();
  }
}
