import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../process/ports';
import { Reaper } from '../process/reaper';
import { ServiceProcess } from '../process/service-process';
import { type ApiServer, apiRequest } from './api-request';
import { type KubernetesBinaries, kubernetesBinaries, type Part } from './binaries';
import type { BuildOptions } from './build';
import { argumentsOf, type Places } from './command-lines';
import { authorityOf, writeFiles } from './files';
import { addDefinitions, addNodes } from './first-objects';
import { IMAGE_PULL_STAGE } from './image-pull-stage';
import { kubeconfig } from './kubeconfig';
import { ADMINISTRATOR, type KubernetesUser, makeTokens, tokenFile } from './users';

export type { KubernetesUser } from './users';

/** Far beyond the usual few seconds; a machine busy with a build takes its time. */
const READY_TIMEOUT_MS = 120_000;
/** A port found free may be taken before it is used. */
const ATTEMPTS = 3;

/** How to start a control plane. */
export interface ControlPlaneOptions extends BuildOptions {
  /**
   * Who may ask beside the administrator; what they may do is for RBAC to say.
   *
   * @default - nobody
   */
  readonly users?: readonly KubernetesUser[];
  /**
   * URL that is asked by `TokenReview` about a bearer token that is of none of them.
   *
   * @default - such a token is refused
   */
  readonly authenticationWebhook?: string;
  /**
   * What makes pods ready. `kwok` plays three nodes, each in its own zone, whose pods run nothing.
   *
   * @default kwok
   */
  readonly podRunner?: 'kwok' | 'none';
}

/** A running control plane. */
export interface ControlPlane {
  /** What its API server says of itself, such as `v1.37.2`. */
  readonly version: string;
  /** URL of its API server. */
  readonly server: string;
  /** PEM of who signed the server's certificate. */
  readonly certificateAuthority: string;
  /** File that makes `kubectl` the administrator. */
  readonly kubeconfig: string;
  /** Folder of its logs; it goes when the control plane stops. */
  readonly logs: string;
  /** Its processes. */
  readonly pids: readonly number[];
  /** Bearer token of a user; the administrator's without a name. */
  token(user?: string): string;
  /** Resolves once one of its processes has ended, with how: without `stop`, it has failed. */
  death(): Promise<Error>;
  /** Ends all of it; calling it again does nothing more. */
  stop(): Promise<void>;
}

/** Starts etcd, the API server, its controllers and what plays the nodes; all of it ends with this process. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await kubernetesBinaries(options);
  for (let attempt = 1; ; attempt++) {
    const processes = new ControlPlaneProcesses(binaries, options);
    try {
      return await processes.start();
    } catch (error) {
      await processes.stop();
      const taken = error instanceof Error && error.message.includes('address already in use');
      if (!taken || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}

class ControlPlaneProcesses {
  private readonly folder = mkdtempSync(join(tmpdir(), 'mlops-kubernetes-'));
  private readonly reaper = new Reaper();
  /** In the order of their start, and ended in the reverse. */
  private readonly processes: ServiceProcess[] = [];
  private readonly killNow = (): void => {
    for (const process of this.processes) {
      process.kill();
    }
    this.remove();
  };
  private stopping?: Promise<void>;

  constructor(
    private readonly binaries: KubernetesBinaries,
    private readonly options: ControlPlaneOptions,
  ) {
    this.reaper.remove(this.folder);
    process.once('exit', this.killNow);
  }

  public async start(): Promise<ControlPlane> {
    const users = [ADMINISTRATOR, ...(this.options.users ?? [])];
    const tokens = makeTokens(users);
    const tokenOf = (name = ADMINISTRATOR.name): string => {
      const token = tokens.get(name);
      if (token === undefined) {
        throw new Error(`the user must be one of ${[...tokens.keys()].join(', ')}, got '${name}'`);
      }
      return token;
    };
    const places = writeFiles(this.folder, {
      port: await freePort(),
      tokens: tokenFile(users, tokens),
      stages: `${this.binaries.stages}\n---\n${IMAGE_PULL_STAGE}`,
      authenticationWebhook: this.options.authenticationWebhook,
    });
    const server = `https://127.0.0.1:${String(places.port)}`;

    const etcd = this.run('etcd', places);
    const apiServer = this.run('kube-apiserver', places);
    const api = (): ApiServer => ({ server, certificateAuthority: authorityOf(places), token: tokenOf() });
    await Promise.race([
      apiServer.waitUntil(() => isReady(api()), READY_TIMEOUT_MS),
      // without its store the API server waits for it, and would tell of that alone
      etcd.death('ended at start').then(error => Promise.reject(error)),
    ]);

    writeFileSync(places.kubeconfig, kubeconfig(api()), { mode: 0o600 });
    const controllers = [this.run('kube-controller-manager', places), this.run('kube-scheduler', places)];
    const playsNodes = (this.options.podRunner ?? 'kwok') === 'kwok';
    if (playsNodes) {
      controllers.push(this.run('kwok', places));
    }
    await Promise.race([
      Promise.all([addDefinitions(api(), this.binaries.customResources), playsNodes ? addNodes(api()) : undefined]),
      ...controllers.map(controller => controller.death('ended at start').then(error => Promise.reject(error))),
    ]);
    const { body: version } = await apiRequest(api(), 'GET', '/version');
    return {
      version: (JSON.parse(version) as { gitVersion: string }).gitVersion,
      server,
      certificateAuthority: api().certificateAuthority,
      kubeconfig: places.kubeconfig,
      logs: places.logs,
      pids: this.processes.map(({ pid }) => pid).filter(pid => pid !== undefined),
      token: tokenOf,
      death: () => Promise.race(this.processes.map(process => process.death())),
      stop: () => this.stop(),
    };
  }

  public stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    // the controllers have something to say to the API server until they have ended, and that to its store
    const [stores, servers, controllers] = [
      this.processes.slice(0, 1),
      this.processes.slice(1, 2),
      this.processes.slice(2),
    ];
    for (const ending of [controllers, servers, stores]) {
      await Promise.all(ending.map(one => one.stop()));
    }
    process.off('exit', this.killNow);
    this.remove();
    for (const { pid } of this.processes) {
      if (pid !== undefined) this.reaper.release(pid);
    }
    this.reaper.close();
  }

  private run(part: Part, places: Places): ServiceProcess {
    const [program, ...before] = this.binaries.command(part);
    const started = new ServiceProcess({
      name: part,
      program,
      args: [...before, ...argumentsOf(part, places)],
      cwd: this.folder,
      // whatever an environment says of clusters and proxies is about others
      env: { HOME: this.folder },
      logFile: join(places.logs, `${part}.log`),
    });
    if (started.pid !== undefined) this.reaper.watch(started.pid);
    this.processes.push(started);
    return started;
  }

  private remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function isReady(api: ApiServer): Promise<boolean> {
  try {
    return (await apiRequest(api, 'GET', '/readyz')).status === 200;
  } catch {
    // it does not listen yet, or its certificate is half written
    return false;
  }
}
