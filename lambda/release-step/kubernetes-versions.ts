import type { EksServingSettings } from '../shared/contracts';
import { KubernetesError } from '../shared/kubernetes-error';
import type { KubernetesObject, KubernetesReference } from '../shared/kubernetes-object';
import { TargetBusyError } from './errors';
import {
  applyFollower,
  applyVersioned,
  deploymentInWords,
  refusable,
  type KubernetesVerbs,
} from './kubernetes-cluster';
import {
  AUTOSCALER_KINDS,
  DEPLOYMENT_KIND,
  DEPLOYMENT_LABEL,
  ENDPOINT_SLICE_KIND,
  EVENT_KIND,
  FIELD_MANAGER,
  MODEL_LABEL,
  POD_KIND,
  releasedDeployment,
  RETIRED_ANNOTATION,
  SERVICE_NAME_LABEL,
} from './kubernetes-names';
import {
  ablePods,
  inabilityOf,
  judgeReadiness,
  lacksForLong,
  type DeploymentObject,
  type DeploymentSight,
  type EndpointSliceObject,
  type EventObject,
  type Inability,
  type PodObject,
  type Readiness,
} from './kubernetes-readiness';
import type { Deployment } from './serving-target';

const NOT_FOUND = 404;

/** The versions of a model as they are in the cluster: a Deployment each, and what belongs to it. */
export class KubernetesVersions {
  constructor(
    private readonly cluster: KubernetesVerbs,
    private readonly model: string,
    private readonly settings: Pick<EksServingSettings, 'namespace' | 'minReplicas'>,
    private readonly now: () => Date,
  ) {}

  /** Those that a release made and none has given up. */
  async kept(): Promise<Deployment[]> {
    const { namespace } = this.settings;
    const found = await refusable(
      this.cluster.list(DEPLOYMENT_KIND, { namespace, labels: { [MODEL_LABEL]: this.model } }),
    );
    return found
      .filter(object => !isRetired(object))
      .map(({ metadata }) => releasedDeployment(this.model, metadata.name))
      .filter(deployment => deployment !== undefined);
  }

  /** Makes a version's objects what they should be. */
  async apply(id: string, objects: readonly KubernetesObject[]): Promise<void> {
    // the mark first: the collector might take what is only just made
    if (isRetired(await this.deployment(id))) await this.mark(id, null);
    const isDeployment = ({ kind }: KubernetesObject): boolean => kind === DEPLOYMENT_KIND.kind;
    // first, and the last to go: what has no Deployment is nobody's
    for (const object of [...objects.filter(isDeployment), ...objects.filter(other => !isDeployment(other))]) {
      await refusable(applyVersioned(this.cluster, object));
    }
  }

  /** Makes what follows a version's load what it should be, or makes it where it is missing. */
  async follow(followers: readonly KubernetesObject[]): Promise<void> {
    for (const object of followers) {
      // two that follow one load would fight: the change from one kind to another is the next version's
      if (await this.isFollowedByOther(object)) continue;
      await refusable(applyFollower(this.cluster, object));
    }
  }

  /** Says that no release needs it any more. Only a mark: a release may not delete, and whoever may takes what has it. */
  async giveUp(id: string): Promise<void> {
    const deployment = await this.deployment(id);
    if (deployment !== undefined && !isRetired(deployment)) await this.mark(id, this.now().toISOString());
  }

  /** Number of pods that it should have now, by whoever says so; nothing if it is not there. */
  async pods(id: string): Promise<number | undefined> {
    const deployment = await this.deployment(id);
    return deployment === undefined ? undefined : (deployment.spec?.replicas ?? 1);
  }

  /** Gives it more pods, never fewer: at least as many as the settings say. */
  async raise(id: string, pods: number): Promise<void> {
    const wanted = Math.max(this.settings.minReplicas, pods);
    const now = await this.pods(id);
    if (now !== undefined && now < wanted) await this.patch(id, { spec: { replicas: wanted } });
  }

  /** Whether so many of its pods can serve, and if not, why. */
  async readiness(id: string, pods: number): Promise<Readiness> {
    const { namespace } = this.settings;
    const sight = await this.look(id);
    const atFirst = judgeReadiness(sight, pods);
    if (atFirst.state === 'ready' || sight.deployment === undefined) return atFirst;
    // only who is not ready is looked at closely
    const [podObjects, events] = await Promise.all([
      refusable(this.cluster.list<PodObject>(POD_KIND, { namespace, labels: { [DEPLOYMENT_LABEL]: id } })),
      refusable(this.cluster.list<EventObject>(EVENT_KIND, { namespace })),
    ]);
    return judgeReadiness({ ...sight, pods: podObjects, events }, pods);
  }

  /**
   * Whether it can take all traffic back, and if not, why. So many pods should be ready; but where the others do not come,
   * one is better than a version that is bad.
   */
  async takeover(id: string, pods: number): Promise<Readiness> {
    const sight = await this.look(id);
    const able = ablePods(sight);
    if (able >= pods) return { state: 'ready' };
    const readiness = await this.readiness(id, pods);
    const isStuck = readiness.state === 'failed' || lacksForLong(sight);
    return isStuck && able > 0 ? { state: 'ready' } : readiness;
  }

  /** Why it cannot answer a single request; nothing if it can. */
  async inability(id: string): Promise<Inability | undefined> {
    const inability = inabilityOf(await this.look(id));
    return inability === undefined ? undefined : { ...inability, detail: `${this.inWords(id)}: ${inability.detail}` };
  }

  /** Addresses behind a Service. */
  slices(serviceName: string): Promise<EndpointSliceObject[]> {
    const { namespace } = this.settings;
    const labels = { [SERVICE_NAME_LABEL]: serviceName };
    return refusable(this.cluster.list<EndpointSliceObject>(ENDPOINT_SLICE_KIND, { namespace, labels }));
  }

  inWords(id: string): string {
    return deploymentInWords(this.settings.namespace, id);
  }

  private async look(id: string): Promise<DeploymentSight> {
    const deployment = await this.deployment(id);
    return { deployment, slices: await this.slices(id), pods: [], events: [], now: this.now() };
  }

  private deployment(id: string): Promise<DeploymentObject | undefined> {
    return refusable(this.cluster.get<DeploymentObject>(this.reference(id)));
  }

  private async isFollowedByOther({ kind, metadata }: KubernetesObject): Promise<boolean> {
    if (!AUTOSCALER_KINDS.some(autoscaler => autoscaler.kind === kind)) return false;
    for (const other of AUTOSCALER_KINDS.filter(autoscaler => autoscaler.kind !== kind)) {
      if ((await this.getKnown({ ...other, metadata })) !== undefined) return true;
    }
    return false;
  }

  /** An object; there is none of a kind that the cluster does not know. */
  private async getKnown(reference: KubernetesReference): Promise<KubernetesObject | undefined> {
    try {
      return await this.cluster.get(reference);
    } catch (error) {
      if (error instanceof KubernetesError && error.status === NOT_FOUND) return undefined;
      return refusable(Promise.reject(error as Error));
    }
  }

  private mark(id: string, retiredAt: string | null): Promise<void> {
    return this.patch(id, { metadata: { annotations: { [RETIRED_ANNOTATION]: retiredAt } } });
  }

  private async patch(id: string, patch: object): Promise<void> {
    try {
      await this.cluster.mergePatch(this.reference(id), patch, { fieldManager: FIELD_MANAGER });
    } catch (error) {
      // it was there a moment ago
      if (isMissing(error)) throw new TargetBusyError(`busy: ${this.inWords(id)} went meanwhile`, { cause: error });
      await refusable(Promise.reject(error as Error));
    }
  }

  private reference(id: string) {
    return { ...DEPLOYMENT_KIND, metadata: { name: id, namespace: this.settings.namespace } };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof KubernetesError && error.reason === 'NotFound';
}

function isRetired(object: KubernetesObject | undefined): boolean {
  return object?.metadata.annotations?.[RETIRED_ANNOTATION] !== undefined;
}
