import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageMap, LocalImage } from '../sagemaker/containers/image-map';
import type { ContainerProcess, Exit, ProcessRunner } from '../sagemaker/containers/process-runner';
import { containerCommand, volumeFolder } from './container-command';
import { type ContainerState, type ContainerStatus, type Pod, type PodContainer, unsupported } from './pod';
import { keepAsking, question } from './probe';

/** A kubelet waits ten seconds before the first restart, and at most five minutes. */
const RESTART_AFTER_MS = 1000;
const MAX_RESTART_AFTER_MS = 30_000;
const PULL_AGAIN_MS = 2000;
const DEFAULT_GRACE_SECONDS = 30;
const SIGNAL_BASE = 128;

/** What a pod runs with. */
export interface PodPlatform {
  readonly images: ImageMap;
  readonly processes: ProcessRunner;
  readonly workFolder: string;
  readonly logFolder: string;
  readonly endpointUrl: string;
  readonly region: string;
  readonly clockFile?: string;
  /** What lets the pod's containers act as their role; nothing where its service account has none. */
  readonly identity: (pod: Pod, folder: string) => Promise<{ url: string; tokenFile: string } | undefined>;
}

/** What a pod tells of itself. */
export interface PodStatus {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
}

type Told = { -readonly [K in keyof ContainerStatus]: ContainerStatus[K] };

/** One pod: its containers as processes of this machine, started again and asked as a kubelet does. */
export class PodRunner {
  private readonly ending = new AbortController();
  private readonly folder: string;
  private readonly init: Told[];
  private readonly containers: Told[];
  private readonly running = new Map<string, ContainerProcess>();
  private readonly done: Promise<void>;
  private identity?: { url: string; tokenFile: string };

  constructor(
    private readonly pod: Pod,
    private readonly address: string,
    private readonly platform: PodPlatform,
    private readonly tell: (status: PodStatus) => void,
  ) {
    this.folder = join(platform.workFolder, 'pods', pod.metadata.uid);
    this.init = (pod.spec.initContainers ?? []).map(waitingToStart);
    this.containers = pod.spec.containers.map(waitingToStart);
    this.done = this.run();
  }

  /** Ends it as it asks to be ended: `preStop`, SIGTERM, and SIGKILL once its grace is over. */
  public async end(graceSeconds = this.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS): Promise<void> {
    const deadline = performance.now() + graceSeconds * 1000;
    const left = (): number => Math.max(0, deadline - performance.now());
    this.ending.abort();
    await Promise.all(
      this.pod.spec.containers.map(async ({ name, lifecycle }) => {
        const container = this.running.get(name);
        const pause = (lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000;
        if (container !== undefined && pause > 0) {
          await Promise.race([sleep(Math.min(pause, left()), undefined, { ref: false }), container.exited]);
        }
      }),
    );
    await Promise.all([...this.running.values()].map(container => container.stop(left())));
    await this.done;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    try {
      this.publish();
      const cannot = unsupported(this.pod);
      if (cannot !== undefined) {
        for (const told of this.containers) told.state = waiting('CreateContainerConfigError', cannot);
        this.publish();
        return;
      }
      for (const { name } of this.pod.spec.volumes ?? []) {
        mkdirSync(volumeFolder(this.folder, name), { recursive: true });
      }
      mkdirSync(this.folder, { recursive: true });
      this.identity = await this.platform.identity(this.pod, this.folder);
      for (const [index, container] of (this.pod.spec.initContainers ?? []).entries()) {
        await this.keep(container, this.init[index], true);
        if (signal.aborted || this.phase() === 'Failed') return;
      }
      await Promise.all(
        this.pod.spec.containers.map((container, index) => this.keep(container, this.containers[index], false)),
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      for (const told of this.containers) told.state = waiting('CreateContainerError', message);
      this.publish();
    }
  }

  /** Runs a container, again and again if its pod says so, until the pod ends. */
  private async keep(container: PodContainer, told: Told, isInit: boolean): Promise<void> {
    const { signal } = this.ending;
    for (let delay = RESTART_AFTER_MS; ; delay = Math.min(delay * 2, MAX_RESTART_AFTER_MS)) {
      const image = await this.pull(container, told);
      if (image === undefined) return;
      const startedAt = new Date();
      const exit = await this.once(container, image, told, isInit, startedAt);
      const state = terminated(exit.exit, startedAt, exit.tail);
      told.ready = isInit && state.terminated.exitCode === 0;
      told.started = false;
      told.state = state;
      this.publish();
      if (signal.aborted || !this.startsAgain(state.terminated.exitCode, isInit)) return;
      told.lastState = state;
      told.state = waiting(
        'CrashLoopBackOff',
        `back-off ${delay / 1000}s restarting failed container=${container.name} pod=${this.pod.metadata.name}`,
      );
      this.publish();
      await sleep(delay, undefined, { signal, ref: false }).catch(() => undefined);
      if (isAborted(signal)) return;
      told.restartCount++;
    }
  }

  private startsAgain(exitCode: number, isInit: boolean): boolean {
    const policy = this.pod.spec.restartPolicy ?? 'Always';
    if (policy === 'Never') return false;
    return exitCode !== 0 || (policy === 'Always' && !isInit);
  }

  private async once(
    container: PodContainer,
    image: LocalImage,
    told: Told,
    isInit: boolean,
    startedAt: Date,
  ): Promise<{ exit: Exit; tail: string }> {
    const { metadata } = this.pod;
    const { platform, folder, address, identity } = this;
    const process = platform.processes.start(
      containerCommand(this.pod, container, {
        image,
        folder,
        address,
        identity,
        endpointUrl: platform.endpointUrl,
        region: platform.region,
        clockFile: platform.clockFile,
        logFile: join(platform.logFolder, 'pods', metadata.namespace, `${metadata.name}-${container.name}.log`),
      }),
    );
    this.running.set(container.name, process);
    const asking = new AbortController();
    told.state = { running: { startedAt: startedAt.toISOString() } };
    if (!isInit) this.ask(container, told, process, asking.signal);
    this.publish();
    const exit = await process.exited;
    asking.abort();
    this.running.delete(container.name);
    return { exit, tail: process.tail };
  }

  /** Startup comes before the others; what has no probe is taken for good. */
  private ask(container: PodContainer, told: Told, process: ContainerProcess, signal: AbortSignal): void {
    const { startupProbe, readinessProbe, livenessProbe } = container;
    const endIt = (): void => void process.stop(DEFAULT_GRACE_SECONDS * 1000);
    const started = (): void => {
      told.started = true;
      told.ready = readinessProbe === undefined;
      this.publish();
      if (readinessProbe !== undefined) {
        const ask = question(readinessProbe, container, this.address);
        const change = (good: boolean): void => {
          told.ready = good;
          this.publish();
        };
        void keepAsking(readinessProbe, ask, false, change, signal);
      }
      if (livenessProbe !== undefined) {
        void keepAsking(livenessProbe, question(livenessProbe, container, this.address), true, endIt, signal);
      }
    };
    if (startupProbe === undefined) {
      started();
      return;
    }
    const starting = new AbortController();
    signal.addEventListener('abort', () => {
      starting.abort();
    });
    const ask = question(startupProbe, container, this.address);
    let failures = 0;
    const counted = async (): Promise<boolean> => {
      const good = await ask();
      failures = good ? 0 : failures + 1;
      if (failures >= (startupProbe.failureThreshold ?? 3)) {
        starting.abort();
        endIt();
      }
      return good;
    };
    const begin = (): void => {
      starting.abort();
      started();
    };
    // a failed start shows in the number of questions: the verdict is bad from the beginning
    void keepAsking(startupProbe, counted, false, begin, starting.signal);
  }

  private async pull({ image }: PodContainer, told: Told): Promise<LocalImage | undefined> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      try {
        return this.platform.images.find(image);
      } catch (error) {
        told.state = waiting('ImagePullBackOff', error instanceof Error ? error.message : String(error));
        this.publish();
        await sleep(PULL_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
    return undefined;
  }

  private phase(): PodStatus['phase'] {
    const ended = (told: Told, good: boolean): boolean =>
      'terminated' in told.state && (told.state.terminated.exitCode === 0) === good;
    const policy = this.pod.spec.restartPolicy ?? 'Always';
    if (policy === 'Never' && this.init.some(told => ended(told, false))) return 'Failed';
    if (policy !== 'Always' && this.containers.every(({ state }) => 'terminated' in state)) {
      return this.containers.every(told => ended(told, true)) ? 'Succeeded' : 'Failed';
    }
    const begun = this.containers.some(({ state, restartCount }) => !('waiting' in state) || restartCount > 0);
    return begun ? 'Running' : 'Pending';
  }

  private publish(): void {
    // a copy: what is told later is not what was told now
    this.tell({
      phase: this.phase(),
      initContainerStatuses: this.init.map(told => ({ ...told })),
      containerStatuses: this.containers.map(told => ({ ...told })),
    });
  }
}

function waitingToStart({ name, image }: PodContainer): Told {
  return {
    name,
    image,
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: waiting('PodInitializing'),
    lastState: {},
  };
}

function waiting(reason: string, message?: string): ContainerState {
  return { waiting: { reason, ...(message !== undefined && { message }) } };
}

function terminated({ code, signal }: Exit, startedAt: Date, tail: string) {
  const number = signal === null ? 0 : signal === 'SIGKILL' ? 9 : 15;
  const exitCode = code ?? SIGNAL_BASE + number;
  return {
    terminated: {
      exitCode,
      ...(number > 0 && { signal: number }),
      reason: exitCode === 0 ? 'Completed' : 'Error',
      // what a kubelet shows with `terminationMessagePolicy: FallbackToLogsOnError`; here always
      ...(exitCode !== 0 && { message: tail.slice(-2048) }),
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
    },
  };
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
