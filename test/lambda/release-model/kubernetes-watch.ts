import { RETIRED_ANNOTATION, deploymentNamed } from '../../../lambda/release-step/kubernetes-names';
import { answering, byWeight, type Traffic } from '../../../lambda/release-step/kubernetes-traffic';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import type { KubernetesOptions, KubernetesRoom } from '../release-step/support/kubernetes-world';
import { MODEL } from '../release-step/support/world';
import type { ModelWorld } from './model-world';
import type { Mutant } from './mutant';

/** Keeps an eye on what always holds on Kubernetes alone. */
export class KubernetesWatch {
  /** What of this was met, for who wants to know what schedules reach. */
  readonly seen = new Set<string>();
  private room: KubernetesRoom | undefined;

  constructor(
    private readonly world: ModelWorld,
    private readonly mutant: Mutant,
    private readonly broken: string[],
  ) {}

  options(): KubernetesOptions {
    return {
      change: this.mutant.kubernetes,
      moved: (after, before) => {
        this.moved(after, before);
      },
      removed: deployment => {
        this.removed(deployment);
      },
    };
  }

  watch(room: KubernetesRoom): void {
    this.room = room;
  }

  /** A version that is recorded as serving gets what callers send: the gateway has said so of the route as it is. */
  recorded(version: string): void {
    if (this.room?.isHeard() === false) {
      this.broken.push(`heard: version ${version} is recorded as serving, and the gateway knows nothing of its route`);
    }
  }

  atTheEnd(): void {
    const { room } = this;
    const traffic = room?.traffic();
    if (room === undefined || traffic === undefined) return;
    const services = new Set(room.cluster.all('Service').map(({ metadata }) => metadata.name));
    for (const { metadata } of room.cluster.all('Deployment')) {
      const isRetired = metadata.annotations?.[RETIRED_ANNOTATION] !== undefined;
      if (isRetired && metadata.name === answering(traffic)) {
        this.broken.push(`kept: '${metadata.name}' serves and is given up`);
      }
      if (!isRetired && !services.has(metadata.name)) {
        this.broken.push(`kept: '${metadata.name}' has lost its Service`);
      }
    }
  }

  private moved(after: Traffic, before: Traffic | undefined): void {
    const { room } = this;
    if (room === undefined) return;
    const share = (traffic: Traffic | undefined, id: string): number =>
      traffic?.backends.find(backend => backend.id === id)?.weight ?? 0;
    for (const id of byWeight(after)) {
      const [now, then] = [share(after, id), share(before, id)];
      if (then === 0 && room.ready(id) === 0) this.broken.push(`able: traffic moved to '${id}', which has no pod`);
      const isRed = this.world.natures.get(deploymentNamed(MODEL, id).version) === 'crashing';
      if (then > 0 && now > then && isRed && after.movement?.towards === id) {
        this.broken.push(`alarm: '${id}' got more traffic while its alarm was red`);
      }
    }
    const { wentBack, movement, backends } = after;
    if (wentBack !== undefined && before?.movement !== undefined) {
      this.seen.add(wentBack.reason.includes('pods') ? 'went back for its pods' : 'went back by an alarm');
    }
    if (movement?.step === 0) this.seen.add('named before its first request');
    if (movement?.doubtSince !== undefined) this.seen.add('doubted');
    if (movement === undefined && backends.some(({ weight }) => weight === 0)) this.seen.add('kept named');
  }

  private removed({ metadata }: KubernetesObject): void {
    this.seen.add('collected');
    if (metadata.annotations?.[RETIRED_ANNOTATION] === undefined) {
      this.broken.push(`kept: '${metadata.name}' was removed, which no release gave up`);
    }
  }
}
