import type { KubernetesVerbs } from '../../../lambda/release-step/kubernetes-cluster';
import { RETIRED_ANNOTATION } from '../../../lambda/release-step/kubernetes-names';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import type { CollectorPorts } from '../../../lambda/version-collector/collect';
import type { Mutant } from './mutant';

/** A cluster with some of its verbs replaced. */
function verbs(change: (verbs: KubernetesVerbs) => Partial<KubernetesVerbs>): Mutant['kubernetes'] {
  return tools => ({ ...tools, cluster: { ...tools.cluster, ...change(tools.cluster) } });
}

/** Objects that are read otherwise than they are. */
function misread(misreading: (object: KubernetesObject) => KubernetesObject): Mutant['kubernetes'] {
  return verbs(({ get, list }) => ({
    get: (async reference => {
      const found = await get(reference);
      return found === undefined ? undefined : misreading(found);
    }) as KubernetesVerbs['get'],
    list: (async (kind, options) => (await list(kind, options)).map(misreading)) as KubernetesVerbs['list'],
  }));
}

function collector(change: (cluster: ReturnType<CollectorPorts['cluster']>) => object): Mutant['collector'] {
  return ports => ({
    ...ports,
    cluster: settings => {
      const cluster = ports.cluster(settings);
      return { ...cluster, ...change(cluster) };
    },
  });
}

/** Each breaks one guard of what serves on Kubernetes; the model test must notice every one. */
export const KUBERNETES_MUTANTS: readonly Mutant[] = [
  {
    guard: 'traffic moves only to what has pods',
    breaks: 'able',
    kubernetes: misread(object => {
      const status = { observedGeneration: 99, updatedReplicas: 9, availableReplicas: 9 };
      if (object.kind === 'Deployment') return { ...object, status };
      return object.kind === 'EndpointSlice'
        ? { ...object, endpoints: Array.from({ length: 9 }, () => ({ addresses: [object.metadata.name] })) }
        : object;
    }),
  },
  {
    guard: 'a canary goes back while its alarm is red',
    breaks: 'alarm',
    kubernetes: tools => ({ ...tools, alarms: () => Promise.resolve({ red: [], missing: [] }) }),
  },
  {
    guard: 'what serves is proven by a prediction there too',
    breaks: '6',
    kubernetes: tools => ({
      ...tools,
      post: (url, body) =>
        tools.post(url, body).then(() => {
          const version = /-v(\d+)-/.exec(url)?.[1];
          const outputs = [{ name: 'prediction', data: [1] }];
          return { status: 200, body: JSON.stringify({ model_version: version, outputs }) };
        }),
    }),
  },
  {
    guard: 'the gateway has taken the route before a release is recorded',
    breaks: 'heard',
    kubernetes: misread(object => {
      if (object.kind !== 'HTTPRoute') return object;
      const parents = (object as unknown as { status: { parents: { conditions: object[] }[] } }).status.parents;
      const now = parents.map(parent => ({
        ...parent,
        conditions: parent.conditions.map(condition => ({ ...condition, observedGeneration: undefined })),
      }));
      return { ...object, status: { parents: now } };
    }),
  },
  {
    guard: 'a version that is needed again is given up no more',
    breaks: 'kept',
    kubernetes: verbs(({ mergePatch }) => ({
      mergePatch: (reference, patch, options) => {
        const { annotations } = (patch as { metadata?: { annotations?: Record<string, unknown> } }).metadata ?? {};
        return annotations?.[RETIRED_ANNOTATION] === null
          ? Promise.resolve(reference as KubernetesObject)
          : mergePatch(reference, patch, options);
      },
    })),
  },
  {
    guard: 'the collector takes only what a release gave up',
    breaks: 'kept',
    collector: collector(({ list }) => ({
      list: async (...given: Parameters<typeof list>) =>
        (await list(...given)).map(object => ({
          ...object,
          metadata: { ...object.metadata, annotations: { [RETIRED_ANNOTATION]: 'now' } },
        })),
    })),
  },
  {
    guard: 'the collector leaves what belongs to a version that stays',
    breaks: 'kept',
    collector: collector(({ list }) => ({
      list: (...given: Parameters<typeof list>) =>
        given[0].kind === 'Deployment' ? Promise.resolve([]) : list(...given),
    })),
  },
  {
    guard: 'whoever has the lock goes on with a movement',
    breaks: 'liveness',
    kubernetes: verbs(({ apply }) => ({
      apply: (object, options) => {
        const { annotations = {} } = object.metadata;
        const isStep = /"step":[1-9]/.test(annotations['mlops/movement'] ?? '');
        return isStep ? Promise.resolve(object) : apply(object, options);
      },
    })),
  },
];
