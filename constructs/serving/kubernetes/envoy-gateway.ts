import { GATEWAY_NAME, GATEWAY_NAMESPACE, type GatewayController } from './gateway-controller';
import type { Manifest } from './manifest';

const API_GROUP = 'gateway.envoyproxy.io';
const API_VERSION = `${API_GROUP}/v1alpha1`;

/** One may go with its node, for the controller as for the proxies. */
const REPLICAS = 2;
const DISRUPTION_BUDGET = { maxUnavailable: 1 };

/** As long as SageMaker waits for a model, and a load balancer of Auto Mode for an answer; Envoy alone would give up after 15 s. */
const REQUEST_TIMEOUT = '60s';
/** Less than the 75 s after which the model server closes a connection, or a request would be on its way to a closed one. */
const CONNECTION_IDLE_TIMEOUT = '60s';

/** Where the controller runs. */
export const ENVOY_GATEWAY_NAMESPACE = 'envoy-gateway-system';

/** What its chart is given. */
export const ENVOY_GATEWAY_VALUES = {
  deployment: {
    replicas: REPLICAS,
    pod: { topologySpreadConstraints: spread({ 'control-plane': 'envoy-gateway' }) },
  },
  podDisruptionBudget: DISRUPTION_BUDGET,
  config: {
    envoyGateway: {
      // proxies beside their Gateway: its namespace is gone only after the Service in it has lost its load balancer. For that
      // the chart lets the controller make and delete such objects in each namespace (docs/kubernetes.md)
      provider: { type: 'Kubernetes', kubernetes: { deploy: { type: 'GatewayNamespace' } } },
    },
  },
  // it prefers pods of the same zone, and for that would hear of, and change, each pod of the cluster
  topologyInjector: { enabled: false },
};

/** Where the load balancer of the proxies is, and who reaches it. */
export interface EnvoyGatewayProps {
  /** One subnet for each zone. */
  readonly subnetIds: string[];
  /** Ranges from which the load balancer reaches the nodes. */
  readonly sourceCidrs: string[];
}

/**
 * Envoy Gateway: a Gateway is a Deployment of Envoy that reaches the models' pods by their addresses, behind an internal
 * Network Load Balancer, which the part of Kubernetes makes that EKS runs for every cluster.
 */
export function envoyGateway(props: EnvoyGatewayProps): GatewayController {
  return {
    controllerName: `${API_GROUP}/gatewayclass-controller`,
    infrastructure: { parametersRef: { group: API_GROUP, kind: 'EnvoyProxy', name: GATEWAY_NAME } },
    objects: { Proxy: proxy(props), Policy: trafficPolicy() },
    proxyNamespace: GATEWAY_NAMESPACE,
  };
}

function proxy(props: EnvoyGatewayProps): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'EnvoyProxy',
    metadata: { name: GATEWAY_NAME, namespace: GATEWAY_NAMESPACE },
    spec: {
      provider: {
        type: 'Kubernetes',
        kubernetes: {
          envoyDeployment: {
            replicas: REPLICAS,
            pod: { topologySpreadConstraints: spread({ 'gateway.networking.k8s.io/gateway-name': GATEWAY_NAME }) },
            container: { resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } } },
          },
          envoyPDB: DISRUPTION_BUDGET,
          envoyService: loadBalancer(props),
        },
      },
    },
  };
}

function loadBalancer({ subnetIds, sourceCidrs }: EnvoyGatewayProps): Manifest {
  const annotations = {
    type: 'nlb',
    internal: 'true',
    // not by tags, which a network that is there may lack
    subnets: subnetIds.join(','),
    // or a pod gets no answer when its request comes back to its own node
    'target-group-attributes': 'preserve_client_ip.enabled=false',
  };
  return {
    type: 'LoadBalancer',
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [
        `service.beta.kubernetes.io/aws-load-balancer-${name}`,
        value,
      ]),
    ),
    // every node passes on to a proxy that is ready: none fails by a proxy that leaves it
    externalTrafficPolicy: 'Cluster',
    loadBalancerSourceRanges: sourceCidrs,
  };
}

function trafficPolicy(): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'BackendTrafficPolicy',
    metadata: { name: GATEWAY_NAME, namespace: GATEWAY_NAMESPACE },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: GATEWAY_NAME }],
      timeout: { http: { requestTimeout: REQUEST_TIMEOUT, connectionIdleTimeout: CONNECTION_IDLE_TIMEOUT } },
    },
  };
}

function spread(matchLabels: Record<string, string>): Manifest[] {
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(topologyKey => ({
    topologyKey,
    // a proxy beside another is better than none
    whenUnsatisfiable: 'ScheduleAnyway',
    maxSkew: 1,
    labelSelector: { matchLabels },
  }));
}
