import type { EksServingSettings } from '../../../../lambda/shared/contracts';
import type { KubernetesObject } from '../../../../lambda/shared/kubernetes-object';
import { deploymentNamed, RETIRED_ANNOTATION } from '../../../../lambda/release-step/kubernetes-names';
import { KubernetesTarget, type KubernetesTools } from '../../../../lambda/release-step/kubernetes-target';
import { answering, servingOf, trafficForm, type Traffic } from '../../../../lambda/release-step/kubernetes-traffic';
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

/**
 * Lets a world serve by the real Kubernetes target on a cluster in memory. Pods take their time; what a version is like
 * shows as on an endpoint: a crashing one turns the alarm red once it gets traffic, a mute one answers wrongly. Gives what
 * deploys other settings.
 */
export function serveOnKubernetes(world: World): (settings: EksServingSettings) => void {
  const form = trafficForm(EKS_SETTINGS, MODEL);
  const madeAt = new Map<string, number>();
  const versionOf = (id: string): string => deploymentNamed(MODEL, id).version;
  const goal = (object: KubernetesObject | undefined): string | undefined => {
    const traffic = object === undefined ? undefined : form.traffic(object);
    return traffic === undefined ? undefined : (traffic.movement?.towards ?? answering(traffic));
  };
  const cluster = new MemoryCluster({
    call: (name, act) => world.call(name, act),
    readyPods: ({ metadata: { name } }, wanted) =>
      world.now - (madeAt.get(name) ?? world.now) >= START_SECONDS * 1000 ? wanted : 0,
    applied: (object, before) => {
      if (object.kind === 'Deployment') {
        if (before === undefined) madeAt.set(object.metadata.name, world.now);
        world.watch('prepare', versionOf(object.metadata.name));
      }
      if (object.kind !== form.reference.kind || object.metadata.name !== MODEL) return;
      const id = goal(object);
      if (id === undefined) world.watch('withdraw');
      else if (id !== goal(before)) world.watch('shift', versionOf(id));
    },
    patched: ({ metadata: { name } }, patch) => {
      const { annotations } = (patch as { metadata?: { annotations?: Record<string, unknown> } }).metadata ?? {};
      if (typeof annotations?.[RETIRED_ANNOTATION] === 'string') world.watch('retire', versionOf(name));
    },
  });
  const traffic = (): Traffic | undefined => {
    const object = cluster.find(form.reference);
    return object === undefined ? undefined : form.traffic(object);
  };
  const tools: KubernetesTools = {
    cluster: cluster.verbs,
    template: () => Promise.resolve(TEMPLATE),
    alarms: names =>
      world.call('cloudwatch.alarms', () => {
        const towards = traffic()?.movement?.towards;
        const isRed = towards !== undefined && world.natures.get(versionOf(towards)) === 'crashing';
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
    sleep: () => Promise.resolve(),
  };
  const deploy = (settings: EksServingSettings): void => {
    world.settings = settings;
    const target = new KubernetesTarget(tools, MODEL, settings);
    world.serving = Object.assign(target, { look: () => servingOf(traffic(), MODEL) });
  };
  deploy(EKS_SETTINGS);
  return deploy;
}
