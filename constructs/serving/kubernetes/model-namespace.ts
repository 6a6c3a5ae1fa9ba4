import { KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { modelResourceName } from '../../private/names';
import { batchQuota, batchRules } from './batch-rules';
import {
  batchGroup,
  collectorGroup,
  GPU_RESOURCE,
  LABELS,
  PORT,
  releaseGroup,
  ROUTE_LABEL,
  SERVICE_ACCOUNT,
} from './kubernetes-names';
import type { Manifest } from './manifest';
import type { PodResources } from './model-pod';
import { podSecurityLabels } from './pod-security';
import type { IServingCluster } from './serving-cluster-props';

/** The version that serves, the last good one, the one that comes, and the one before, until the collector has been there. */
const VERSIONS_AT_ONCE = 4;
/** `maxSurge` of a deployment. */
const SURGE = 1.25;

/** Where Pod Identity's agent answers on each node. */
const POD_IDENTITY_AGENT = ['169.254.170.23/32', 'fd00:ec2::23/128'];
const POD_IDENTITY_PORT = 80;
const DNS_PORT = 53;
const HTTPS_PORT = 443;

/** What the namespace of a model depends on. */
export interface ModelNamespaceProps {
  readonly environmentName: string;
  readonly modelName: string;
  readonly cluster: IServingCluster;
  readonly resources: PodResources;
  /** Most pods of one version. */
  readonly maxReplicas: number;
  /** Most pods of a batch; none, where there are no batches. */
  readonly batchPods: number;
  /** Namespaces whose pods may call the model without the gateway. */
  readonly clientNamespaces: string[];
}

/**
 * All of a model that has no version: its namespace and what bounds the pods in it. Versions live there, made by the
 * release controller; they go when the namespace goes.
 *
 * One `KubernetesManifest` for each object: `kubectl apply --prune` forgets policies, quotas and rights, while a manifest
 * that leaves the stack is deleted, of whatever kind.
 */
export class ModelNamespace extends Construct {
  public readonly namespaceName: string;

  constructor(scope: Construct, id: string, props: ModelNamespaceProps) {
    super(scope, id);
    this.namespaceName = modelResourceName(props.environmentName, props.modelName);
    const namespace = this.manifest('Namespace', props, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: this.namespaceName, labels: namespaceLabels(props) },
    });
    // what takes down load balancers and nodes must outlive what needs them
    namespace.node.addDependency(props.cluster);
    for (const [objectId, object] of Object.entries(namespacedObjects(props))) {
      this.manifest(objectId, props, inNamespace(object, this.namespaceName)).node.addDependency(namespace);
    }
  }

  private manifest(id: string, { cluster }: ModelNamespaceProps, object: Manifest): KubernetesManifest {
    return new KubernetesManifest(this, id, {
      cluster: cluster.cluster,
      manifest: [object],
      // alone in its manifest there is nothing beside it to prune
      prune: false,
    });
  }
}

/** Every object of a model's namespace but the namespace itself, by the id of its construct. */
export function namespacedObjects(props: ModelNamespaceProps): Record<string, Manifest> {
  return {
    ServiceAccount: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: SERVICE_ACCOUNT },
      automountServiceAccountToken: false,
    },
    Quota: quota(props),
    LimitRange: limitRange(props.resources),
    DefaultDeny: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
    ModelServerTraffic: modelServerTraffic(props),
    ...role('Release', releaseGroup(props.environmentName), releaseRules()),
    ...role('Collector', collectorGroup(props.environmentName), collectorRules()),
    ...(props.batchPods > 0
      ? { ...role('Batch', batchGroup(props.environmentName), batchRules()), BatchQuota: batchQuota(props.batchPods) }
      : {}),
  };
}

/** Labels of a model's namespace. */
export function namespaceLabels(props: Pick<ModelNamespaceProps, 'modelName' | 'cluster'>): Record<string, string> {
  return {
    'app.kubernetes.io/part-of': 'mlops',
    [LABELS.model]: props.modelName,
    [ROUTE_LABEL]: 'true',
    ...podSecurityLabels(props.cluster.kubernetesVersion),
  };
}

function inNamespace(object: Manifest, namespace: string): Manifest {
  return { ...object, metadata: { ...(object.metadata as Manifest), namespace } };
}

/** Room for the versions that may be there at once; and no load balancer or node port behind the gateway's back. */
function quota({ resources, maxReplicas, batchPods }: ModelNamespaceProps): Manifest {
  const pods = Math.ceil(VERSIONS_AT_ONCE * maxReplicas * SURGE) + batchPods;
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'model' },
    spec: {
      hard: {
        pods: String(pods),
        'requests.cpu': `${pods * resources.cpuMillis}m`,
        'requests.memory': `${pods * resources.memoryMebibytes}Mi`,
        'limits.memory': `${pods * resources.memoryMebibytes}Mi`,
        [`requests.${GPU_RESOURCE}`]: String(pods * resources.gpus),
        'services.loadbalancers': '0',
        'services.nodeports': '0',
      },
    },
  };
}

/** What a container gets that says nothing, so that the quota does not refuse it. */
function limitRange({ cpuMillis, memoryMebibytes }: PodResources): Manifest {
  const memory = `${memoryMebibytes}Mi`;
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'model' },
    spec: {
      limits: [{ type: 'Container', default: { memory }, defaultRequest: { cpu: `${cpuMillis}m`, memory } }],
    },
  };
}

/** What a model's pods may hear and say: all else is denied. */
function modelServerTraffic({ modelName, cluster, clientNamespaces }: ModelNamespaceProps): Manifest {
  const tcp = (port: number) => ({ protocol: 'TCP', port });
  const fromNamespaces = (names: string[]) => ({
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: names }],
    },
  });
  const metricReaders = cluster.kedaNamespace === undefined ? [] : [cluster.kedaNamespace];
  const { proxyNamespace } = cluster.gateway ?? {};
  const proxies = proxyNamespace === undefined ? [] : [proxyNamespace];
  const namespaces = [...new Set([...clientNamespaces, ...metricReaders, ...proxies])];
  const callers = [
    // load balancers and the release function have addresses, not labels; so has whatever else is in these ranges
    ...cluster.callerCidrs.map(cidr => ({ ipBlock: { cidr } })),
    ...(namespaces.length === 0 ? [] : [fromNamespaces(namespaces)]),
  ];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'model-server' },
    spec: {
      podSelector: { matchLabels: { [LABELS.model]: modelName } },
      policyTypes: ['Ingress', 'Egress'],
      // to Kubernetes, an empty list of callers is everybody
      ingress: callers.length === 0 ? [] : [{ from: callers, ports: [tcp(PORT)] }],
      egress: [
        // the resolver is a pod, a node or an address of the VPC, by kind of cluster
        { ports: [tcp(DNS_PORT), { protocol: 'UDP', port: DNS_PORT }] },
        // AWS's services have no fixed addresses
        { ports: [tcp(HTTPS_PORT)] },
        { to: POD_IDENTITY_AGENT.map(cidr => ({ ipBlock: { cidr } })), ports: [tcp(POD_IDENTITY_PORT)] },
      ],
    },
  };
}

/** What a role of a namespace may do. */
export interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

/** What a version is made of, by API group. */
const VERSIONED: [string, string[]][] = [
  ['apps', ['deployments']],
  ['', ['services']],
  // a model's settings may go from one autoscaler to the other, and the old one's objects are still there
  ['autoscaling', ['horizontalpodautoscalers']],
  ['keda.sh', ['scaledobjects']],
  ['policy', ['poddisruptionbudgets']],
  ['gateway.networking.k8s.io', ['httproutes']],
];

/** Makes and changes versions, and sees why one does not come up. */
function releaseRules(): Rule[] {
  return [
    ...versionedRules(['get', 'list', 'create', 'patch']),
    { apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list'] },
  ];
}

/** Removes versions, and makes none. */
function collectorRules(): Rule[] {
  return versionedRules(['get', 'list', 'delete']);
}

function versionedRules(verbs: string[]): Rule[] {
  return VERSIONED.map(([group, resources]) => ({ apiGroups: [group], resources, verbs }));
}

/** A role of the namespace and its binding to a group of the access entries. */
function role(id: string, group: string, rules: Rule[]): Record<string, Manifest> {
  const name = id.toLowerCase();
  return {
    [`${id}Role`]: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name }, rules },
    [`${id}RoleBinding`]: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
    },
  };
}
