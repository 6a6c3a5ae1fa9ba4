import type { EksServingSettings } from '../../../../lambda/shared/contracts';
import { describe, type KubernetesObject } from '../../../../lambda/shared/kubernetes-object';
import { deploymentNamed, RETIRED_ANNOTATION } from '../../../../lambda/release-step/kubernetes-names';
import { KubernetesTarget, type KubernetesTools } from '../../../../lambda/release-step/kubernetes-target';
import {
  allTo,
  answering,
  servingOf,
  trafficForm,
  type Traffic,
} from '../../../../lambda/release-step/kubernetes-traffic';
import { unheard } from '../../../../lambda/release-step/kubernetes-verification';
import { MemoryCluster } from './memory-cluster';
import { MODEL, type World } from './world';

const LABELS = {
  'mlops/model': MODEL,
  'mlops/model-version': '${mlops:version}',
  'mlops/deployment': '${mlops:name}',
};
const NAMED = { name: '${mlops:name}', namespace: 'mlops-local-rain', labels: LABELS };

/** A template with what a release looks at. */
export const TEMPLATE = JSON.stringify([
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: NAMED,
    spec: { replicas: 2, template: { spec: { containers: [{ image: '${mlops:image}' }] } } },
  },
  { apiVersion: 'v1', kind: 'Service', metadata: NAMED, spec: { selector: { 'mlops/deployment': '${mlops:name}' } } },
]);

export const EKS_SETTINGS: EksServingSettings = {
  target: 'eks',
  modelPackageGroupName: 'mlops-local-rain',
  cluster: { name: 'models', endpoint: 'https://api', certificateAuthorityData: '' },
  namespace: 'mlops-local-rain',
  template: { bucket: 'assets', key: 'template.json', digest: '0'.repeat(64) },
  environment: {},
  port: 8080,
  traffic: {
    type: 'gateway',
    routeName: MODEL,
    gatewayName: 'mlops',
    gatewayNamespace: 'mlops-gateway',
    pathPrefix: `/v2/models/${MODEL}`,
  },
  minReplicas: 2,
  readyTimeoutSeconds: 900,
  shift: { type: 'CANARY', stepPercent: 10, waitSeconds: 300, terminationWaitSeconds: 0, maxExecutionSeconds: 3600 },
  guardrailAlarmNames: ['errors'],
};

/** Time from a Deployment until its pods are ready. */
const START_SECONDS = 20;
/** Controllers say what they have done a little later. */
const LATE_SECONDS = 2;

/** What a test changes in, or looks at of, a cluster in memory. */
export interface KubernetesOptions {
  /** Stands between the target and the world. */
  readonly change?: (tools: KubernetesTools) => KubernetesTools;
  /** Looks at each change of the traffic, before it is made. */
  readonly moved?: (after: Traffic, before: Traffic | undefined) => void;
  /** Looks at each Deployment that is deleted, before it is. */
  readonly removed?: (deployment: KubernetesObject) => void;
}

/** A cluster in memory that a model is served on. */
export interface KubernetesRoom {
  readonly cluster: MemoryCluster;
  /** The model's settings change. */
  deploy(settings: EksServingSettings): void;
  /** At most so many pods of a version are ready from now on; nothing: as many as it should have. */
  limit(version: string, pods: number | undefined): void;
  /** Number of its pods that are ready. */
  ready(id: string): number;
  traffic(): Traffic | undefined;
  /** What the gateway's controller says instead of taking the route. */
  refusal: { readonly reason: string; readonly message: string } | 'silent' | undefined;
  /** Whether the gateway has taken the route as it is. */
  isHeard(): boolean;
  /** Somebody moves all traffic past the releases to what is there of a version; tells whether it could. */
  moveByHand(version: string): boolean;
  /** Somebody divides the traffic past the releases. */
  divideByHand(backends: Traffic['backends']): void;
  /** An autoscaler makes a version have another number of pods. */
  autoscale(version: string): void;
}

/**
 * Lets a world serve by the real Kubernetes target on a cluster in memory. Pods take their time; what a version is like
 * shows as on an endpoint: a crashing one turns the alarm red once it gets traffic, a mute one answers wrongly.
 */
export function serveOnKubernetes(world: World, options: KubernetesOptions = {}): KubernetesRoom {
  const { change = tools => tools, moved, removed } = options;
  const form = trafficForm(EKS_SETTINGS, MODEL);
  const madeAt = new Map<string, number>();
  const limits = new Map<string, { readonly pods: number; readonly at: number }>();
  const changedAt = new Map<string, number>();
  const versionOf = (id: string): string => deploymentNamed(MODEL, id).version;
  const goal = (object: KubernetesObject | undefined): string | undefined => {
    const traffic = object === undefined ? undefined : form.traffic(object);
    return traffic === undefined ? undefined : (traffic.movement?.towards ?? answering(traffic));
  };
  const readyOf = (name: string, wanted: number): number =>
    world.now - (madeAt.get(name) ?? world.now) >= START_SECONDS * 1000
      ? Math.min(wanted, limits.get(versionOf(name))?.pods ?? wanted)
      : 0;
  const observed = (key: string, generation: number): number => {
    const name = `${key} ${generation}`;
    if (!changedAt.has(name)) changedAt.set(name, world.now);
    return world.now - (changedAt.get(name) ?? 0) >= LATE_SECONDS * 1000 ? generation : generation - 1;
  };
  const cluster = new MemoryCluster({
    call: (name, act) => world.call(name, act),
    status: (object, generation) => {
      const observedGeneration = observed(describe(object), generation);
      if (object.kind === 'HTTPRoute') return routeStatus(object, observedGeneration, room.refusal);
      if (object.kind !== 'Deployment') return undefined;
      const { name } = object.metadata;
      const wanted = replicas(object);
      const ready = readyOf(name, wanted);
      const available = {
        type: 'Available',
        status: ready < wanted ? 'False' : 'True',
        lastTransitionTime: new Date(
          Math.max(madeAt.get(name) ?? world.now, limits.get(versionOf(name))?.at ?? 0),
        ).toISOString(),
      };
      return {
        observedGeneration,
        updatedReplicas: wanted,
        availableReplicas: ready,
        readyReplicas: ready,
        conditions: [available],
      };
    },
    applied: (object, before) => {
      if (object.kind === 'Deployment') {
        if (before === undefined) madeAt.set(object.metadata.name, world.now);
        world.watch('prepare', versionOf(object.metadata.name));
      }
      if (object.kind !== form.reference.kind || object.metadata.name !== MODEL) return;
      moved?.(form.traffic(object), before === undefined ? undefined : form.traffic(before));
      const id = goal(object);
      if (id === undefined) world.watch('withdraw');
      else if (id !== goal(before)) world.watch('shift', versionOf(id));
    },
    patched: ({ metadata: { name } }, patch) => {
      const { annotations } = (patch as { metadata?: { annotations?: Record<string, unknown> } }).metadata ?? {};
      if (typeof annotations?.[RETIRED_ANNOTATION] === 'string') world.watch('retire', versionOf(name));
    },
    deleted: object => {
      if (object.kind !== 'Deployment') return;
      removed?.(object);
      madeAt.delete(object.metadata.name);
    },
  });
  const traffic = (): Traffic | undefined => {
    const object = cluster.find(form.reference);
    return object === undefined ? undefined : form.traffic(object);
  };
  const tools = change({
    cluster: cluster.verbs,
    template: () => Promise.resolve(TEMPLATE),
    alarms: names =>
      world.call('cloudwatch.alarms', () => {
        const { movement, backends = [] } = traffic() ?? {};
        const isRed = backends.some(
          ({ id, weight }) => id === movement?.towards && weight > 0 && world.natures.get(versionOf(id)) === 'crashing',
        );
        return { red: isRed ? names.map(name => `alarm ${name} went off`) : [], missing: [] };
      }),
    post: url =>
      world.call('model.post', () => {
        const version = versionOf(new URL(url).hostname);
        if (world.natures.get(version) !== 'sound') return { status: 500, body: 'it answers wrongly' };
        const outputs = [{ name: 'prediction', data: [1] }];
        return { status: 200, body: JSON.stringify({ model_version: version, outputs }) };
      }),
    now: () => new Date(world.now),
    sleep: ms => {
      world.pass(ms / 1000);
      return Promise.resolve();
    },
  });
  const deploymentOf = (version: string): KubernetesObject | undefined =>
    cluster.all('Deployment').find(({ metadata: { name, annotations } }) => {
      return versionOf(name) === version && annotations?.[RETIRED_ANNOTATION] === undefined;
    });
  const room: KubernetesRoom = {
    cluster,
    refusal: undefined,
    traffic,
    deploy: settings => {
      world.settings = settings;
      const target = new KubernetesTarget(tools, MODEL, settings);
      world.serving = Object.assign(target, { look: () => servingOf(traffic(), MODEL) });
    },
    limit: (version, pods) => {
      if (pods === undefined) limits.delete(version);
      else limits.set(version, { pods, at: world.now });
    },
    ready: id => {
      const found = cluster.all('Deployment').find(({ metadata }) => metadata.name === id);
      return found === undefined ? 0 : readyOf(id, replicas(found));
    },
    isHeard: () => {
      const route = cluster.find(form.reference);
      return route !== undefined && unheard(route, EKS_SETTINGS.traffic as GatewayTraffic) === undefined;
    },
    moveByHand: version => {
      const deployment = deploymentOf(version);
      const before = traffic();
      if (deployment === undefined || before === undefined) return false;
      cluster.write(form.object({ ...before, ...allTo(deployment.metadata.name) }));
      return true;
    },
    divideByHand: backends => {
      cluster.write(form.object({ backends }));
    },
    autoscale: version => {
      const deployment = deploymentOf(version);
      if (deployment === undefined) return;
      const pods = (replicas(deployment) % MAX_PODS) + 1;
      cluster.edit(deployment, { spec: { replicas: pods } });
    },
  };
  room.deploy(EKS_SETTINGS);
  return room;
}

type GatewayTraffic = Extract<EksServingSettings['traffic'], { type: 'gateway' }>;
const MAX_PODS = 4;

function replicas(deployment: KubernetesObject): number {
  return (deployment as { spec?: { replicas?: number } }).spec?.replicas ?? 1;
}

/** What a gateway's controller says of a route as it was. */
function routeStatus(route: KubernetesObject, observedGeneration: number, refusal: KubernetesRoom['refusal']): object {
  const { parentRefs } = route['spec'] as { parentRefs: object[] };
  if (refusal === 'silent') return { parents: [] };
  const said = refusal === undefined ? { status: 'True' } : { ...refusal, status: 'False' };
  const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({ type, observedGeneration, ...said }));
  return { parents: parentRefs.map(parentRef => ({ parentRef, conditions })) };
}
