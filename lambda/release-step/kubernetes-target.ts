import { digestOf } from '../shared/canonical-json';
import type { EksServingSettings } from '../shared/contracts';
import type { KubernetesObject } from '../shared/kubernetes-object';
import { TargetBusyError, TargetRefusedError } from './errors';
import { refusable, type KubernetesVerbs } from './kubernetes-cluster';
import { begin, next, type Movement } from './kubernetes-movement';
import { FIELD_MANAGER, versionName } from './kubernetes-names';
import type { Inability } from './kubernetes-readiness';
import { fillTemplate, followers, followersLeftOut, mostPods } from './kubernetes-template';
import {
  allBeside,
  allTo,
  answering,
  byWeight,
  inUse,
  servingOf,
  trafficForm,
  trafficOf,
  without,
  type Traffic,
  type TrafficForm,
} from './kubernetes-traffic';
import { verifyByPrediction, type VerificationTools } from './kubernetes-verification';
import { KubernetesVersions } from './kubernetes-versions';
import type { PackagedVersion } from './ports';
import type { Deployment, Probe, Serving, ServingTarget, ShiftPolicy, Verification } from './serving-target';

/** What of the world the target speaks to. */
export interface KubernetesTools extends VerificationTools {
  readonly cluster: KubernetesVerbs;
  /** The template of a version's objects, as the settings name it. */
  template(place: EksServingSettings['template']): Promise<string>;
  /** Which alarms are red, in words, and which do not exist. */
  alarms(names: readonly string[]): Promise<{ red: string[]; missing: string[] }>;
}

/** Traffic as it stands in the cluster. */
interface Standing {
  readonly object: KubernetesObject;
  readonly traffic: Traffic;
}

/**
 * Serves a model's versions on Kubernetes: a Deployment for each, and one object that says who gets the traffic. Nothing
 * there moves traffic step by step or looks at alarms, so the release does, and keeps where it stands in that object.
 */
export class KubernetesTarget implements ServingTarget {
  private readonly versions: KubernetesVersions;
  private readonly form: TrafficForm;

  constructor(
    private readonly tools: KubernetesTools,
    private readonly model: string,
    private readonly settings: EksServingSettings,
  ) {
    this.versions = new KubernetesVersions(tools.cluster, model, settings, () => tools.now());
    this.form = trafficForm(settings, model);
  }

  async prepare(version: PackagedVersion, previous?: Deployment): Promise<Deployment> {
    const { settings } = this;
    const template = await this.tools.template(settings.template);
    const makings = {
      version: version.version,
      image: version.image,
      artifactUri: version.artifactUri,
      artifactDigest: artifactDigest(version),
      environment: { ...version.environment, ...settings.environment },
    };
    // what follows the load may change while a version serves, so it makes no other version
    const id = versionName(this.model, version.version, { ...makings, template: digestOf(followersLeftOut(template)) });
    const objects = fillTemplate(template, { ...makings, name: id });
    await this.versions.apply(id, objects);
    // it is to take the load of what serves
    const pods = previous === undefined ? undefined : await this.versions.pods(previous.id);
    await this.versions.raise(id, Math.min(pods ?? 0, mostPods(objects) ?? Infinity));
    return { id, version: version.version };
  }

  /** No settings of a model on a cluster ask for it yet: there is nobody there to compare the answers. */
  async shadow(deployment: Deployment): Promise<void> {
    if (!this.form.divides) {
      throw new TargetRefusedError(
        `a shadow needs a Gateway that copies requests, and '${this.model}' has none: give its cluster one ('gateway'), or release it without a shadow`,
      );
    }
    const standing = await this.standing();
    if (standing === undefined || answering(standing.traffic) === undefined) {
      throw new TargetRefusedError(`nothing serves '${this.model}' alone, so nothing can be shadowed`);
    }
    await this.mustBeReady(deployment, await this.wantedPods(deployment));
    await this.write({ ...standing.traffic, shadow: deployment.id }, standing);
  }

  async shift(deployment: Deployment, policy: ShiftPolicy): Promise<void> {
    const { id } = deployment;
    const standing = await this.standing();
    if (policy.back === true) {
      await this.goBack(deployment, standing);
      return;
    }
    await this.mustBeReady(deployment, await this.wantedPods(deployment));
    const serving = standing === undefined ? undefined : await this.origin(standing.traffic, id);
    if (serving === undefined) {
      await this.write(allTo(id), standing);
      return;
    }
    if (!this.form.divides && policy.type !== 'ALL_AT_ONCE') {
      throw new TargetRefusedError(
        `a '${policy.type}' shift needs a Gateway, and '${this.model}' has a Service alone: deploy it with 'ShiftPolicy.allAtOnce()', or give its cluster a gateway`,
      );
    }
    await this.write(trafficOf(begin(serving, id, policy, this.tools.now(), this.form.divides)), standing);
  }

  async proceed(): Promise<void> {
    const standing = await this.standing();
    const movement = standing?.traffic.movement;
    if (standing === undefined || movement === undefined) return;
    const step = next(movement, {
      now: this.tools.now(),
      ...(await this.tools.alarms(movement.policy.alarmNames)),
      unable: (await this.versions.inability(movement.towards))?.detail,
    });
    switch (step.act) {
      case 'wait':
        return;
      case 'write':
        await unlessChanged(this.write(trafficOf(step.movement), standing));
        return;
      case 'end':
        await unlessChanged(this.write(await this.ended(movement), standing));
        return;
      case 'back':
        await unlessChanged(this.giveUp(movement, step.reason, standing));
    }
  }

  async verify(deployment: Deployment, probe: Probe): Promise<Verification> {
    const { model, settings, versions, tools } = this;
    const carrier = async (): Promise<KubernetesObject | undefined> => (await this.standing())?.object;
    return verifyByPrediction({ model, settings, versions, tools, carrier }, deployment, probe);
  }

  async current(): Promise<Serving> {
    const traffic = (await this.standing())?.traffic;
    const serving = servingOf(traffic, this.model);
    if (traffic?.movement === undefined) return serving;
    return { ...serving, returns: (await this.versions.inability(traffic.movement.from)) === undefined };
  }

  prepared(): Promise<Deployment[]> {
    return this.versions.kept();
  }

  async tidy(): Promise<void> {
    const standing = await this.standing();
    if (standing?.traffic.shadow === undefined || standing.traffic.movement !== undefined) return;
    await unlessChanged(this.write({ ...standing.traffic, shadow: undefined }, standing));
  }

  async tend(): Promise<void> {
    const traffic = (await this.standing())?.traffic;
    if (traffic === undefined || traffic.movement !== undefined || answering(traffic) === undefined) return;
    const template = await this.tools.template(this.settings.template);
    // the warm standby too: it may have to take the load
    for (const { id, version } of await this.versions.kept()) {
      await this.versions.follow(followers(template, { name: id, version }));
    }
  }

  async retire({ id }: Deployment): Promise<void> {
    const standing = await this.standing();
    if (standing !== undefined && inUse(standing.traffic).has(id)) {
      const traffic = without(standing.traffic, id);
      if (traffic === undefined || !(await unlessChanged(this.write(traffic, standing)))) return;
    }
    await this.versions.giveUp(id);
  }

  /** Who takes away what releases gave up takes the pods of all versions; then the nodes have nothing to do. */
  async rest(): Promise<void> {
    const standing = await this.standing();
    if (standing !== undefined && inUse(standing.traffic).size > 0) await this.write({ backends: [] }, standing, true);
    for (const { id } of await this.versions.kept()) await this.versions.giveUp(id);
  }

  async withdraw(): Promise<void> {
    const standing = await this.standing();
    if (standing !== undefined) await this.write({ backends: [] }, standing, true);
  }

  /** All traffic to what was good, unguarded; but never to what cannot answer. */
  private async goBack(deployment: Deployment, standing: Standing | undefined): Promise<void> {
    const { id } = deployment;
    const traffic = standing?.traffic ?? { backends: [] };
    const answers = byWeight(traffic).includes(id);
    await this.raiseToLoad(id, traffic);
    const readiness = await this.versions.takeover(id, answers ? 1 : this.settings.minReplicas);
    // a pod that fails now may come up later, and there is nothing better to do than to wait for it
    if (readiness.state !== 'ready') {
      throw new TargetBusyError(`busy: ${this.inWords(deployment)} cannot serve yet: ${readiness.detail}`);
    }
    await this.write(allTo(id), standing, true);
  }

  /** As many pods as whoever has the most of the load; those that are missing come while the others answer. */
  private async raiseToLoad(id: string, traffic: Traffic): Promise<void> {
    const heaviest = byWeight(traffic).at(0);
    await this.versions.raise(id, (heaviest === undefined ? undefined : await this.versions.pods(heaviest)) ?? 0);
  }

  /**
   * From where traffic moves: what answers most of it, if it can. Nothing: nobody else answers anything, so there is
   * nothing that a movement step by step would spare.
   */
  private async origin(traffic: Traffic, id: string): Promise<string | undefined> {
    const { movement } = traffic;
    // a movement that was left is begun from where it began, where what it moved to is not proven
    const all = movement === undefined ? byWeight(traffic) : [movement.from, movement.towards];
    if (movement?.from === id) return undefined;
    const unable: Inability[] = [];
    for (const other of all.filter(name => name !== id)) {
      const inability = await this.versions.inability(other);
      if (inability === undefined) return other;
      unable.push(inability);
    }
    if (unable.every(({ lasts }) => lasts)) return undefined;
    const why = unable.map(({ detail }) => detail).join('; ');
    throw new TargetBusyError(`busy: what serves '${this.model}' cannot answer just now (${why})`);
  }

  /** What gave up the traffic stays named where it is still there: the way back to it takes seconds then. */
  private async ended({ from, towards }: Movement): Promise<Traffic> {
    const isThere = this.form.divides && (await this.versions.pods(from)) !== undefined;
    return isThere ? allBeside(towards, from) : allTo(towards);
  }

  private async giveUp({ from, towards }: Movement, reason: string, standing: Standing): Promise<void> {
    const unable = await this.versions.inability(from);
    if (unable !== undefined) {
      throw new TargetRefusedError(
        `traffic should go back from '${towards}' (${reason}), but ${unable.detail}; so it stays where it is`,
      );
    }
    await this.raiseToLoad(from, standing.traffic);
    const wentBack = { towards, reason, at: this.tools.now().toISOString() };
    await this.write({ ...allTo(from), wentBack }, standing, true);
  }

  private async mustBeReady(deployment: Deployment, pods: number): Promise<void> {
    const readiness = await this.versions.readiness(deployment.id, pods);
    const what = this.inWords(deployment);
    if (readiness.state === 'failed') throw new TargetRefusedError(`${what} cannot serve: ${readiness.detail}`);
    if (readiness.state === 'waiting') throw new TargetBusyError(`busy: ${what} starts, ${readiness.detail}`);
  }

  private inWords({ id, version }: Deployment): string {
    return `${this.versions.inWords(id)} of version ${version}`;
  }

  /** As many as its autoscaler or its template makes it have. */
  private async wantedPods({ id }: Deployment): Promise<number> {
    return Math.max(this.settings.minReplicas, (await this.versions.pods(id)) ?? 0);
  }

  private async standing(): Promise<Standing | undefined> {
    const object = await refusable(this.tools.cluster.get(this.form.reference));
    return object === undefined ? undefined : { object, traffic: this.form.traffic(object) };
  }

  /**
   * Writes who gets the traffic, unless that changed since it was read: two who act on one sight would undo each other.
   * The way back goes over what somebody changed by hand, since the object is a release's alone.
   */
  private async write(traffic: Traffic, standing: Standing | undefined, force = false): Promise<void> {
    const object = this.form.object(traffic);
    const resourceVersion = standing?.object.metadata.resourceVersion;
    const guarded = { ...object, metadata: { ...object.metadata, resourceVersion } };
    await refusable(this.tools.cluster.apply(guarded, { fieldManager: FIELD_MANAGER, force }));
  }
}

/** Whether it was done: what changed meanwhile is looked at the next time. */
async function unlessChanged(act: Promise<void>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch (error) {
    if (!(error instanceof TargetBusyError)) throw error;
    return false;
  }
}

/** How its pods tell its archive from another. */
export function artifactDigest({ version, artifactSha256, artifactEtag }: PackagedVersion): string {
  if (artifactSha256 !== undefined) return `sha256:${artifactSha256}`;
  if (artifactEtag !== undefined) return `etag:${artifactEtag}`;
  throw new TargetRefusedError(
    `version ${version} was registered without a digest of its artifact, so its pods could not tell another one, register it again`,
  );
}
