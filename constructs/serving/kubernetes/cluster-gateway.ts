import { type ICluster, KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { GATEWAY_NAME, GATEWAY_NAMESPACE, type GatewayController } from './gateway-controller';
import { ROUTE_LABEL } from './kubernetes-names';
import type { Manifest } from './manifest';
import { podSecurityLabels } from './pod-security';
import type { ServingGateway } from './serving-cluster-props';

const API_VERSION = 'gateway.networking.k8s.io/v1';
const HTTP_PORT = 80;

/** Where the Gateway is made. */
export interface ClusterGatewayProps {
  readonly cluster: ICluster;
  readonly kubernetesVersion: string;
  readonly controller: GatewayController;
  /** @default - any */
  readonly hostname?: string;
}

/**
 * One Gateway for the models of a cluster: adding a model adds a route, and no load balancer. Its controller makes the load
 * balancer, which is gone before the Gateway's namespace is: a deletion waits for that.
 */
export class ClusterGateway extends Construct {
  public readonly gateway: ServingGateway;

  constructor(scope: Construct, id: string, props: ClusterGatewayProps) {
    super(scope, id);
    const { cluster, controller } = props;
    this.gateway = {
      name: GATEWAY_NAME,
      namespace: GATEWAY_NAMESPACE,
      hostname: props.hostname,
      proxyNamespace: controller.proxyNamespace,
    };
    const manifest = (manifestId: string, object: Manifest) =>
      new KubernetesManifest(this, manifestId, { cluster, manifest: [object], prune: false });
    const gatewayClass = manifest('Class', {
      apiVersion: API_VERSION,
      kind: 'GatewayClass',
      metadata: { name: GATEWAY_NAME },
      spec: { controllerName: controller.controllerName },
    });
    const namespace = manifest('Namespace', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: GATEWAY_NAMESPACE, labels: podSecurityLabels(props.kubernetesVersion) },
    });
    const objects = Object.entries(controller.objects).map(([objectId, object]) => manifest(objectId, object));
    for (const object of objects) object.node.addDependency(namespace);
    manifest('Gateway', {
      apiVersion: API_VERSION,
      kind: 'Gateway',
      metadata: { name: GATEWAY_NAME, namespace: GATEWAY_NAMESPACE },
      spec: {
        gatewayClassName: GATEWAY_NAME,
        ...(controller.infrastructure === undefined ? {} : { infrastructure: controller.infrastructure }),
        listeners: [
          {
            name: 'http',
            protocol: 'HTTP',
            port: HTTP_PORT,
            allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { [ROUTE_LABEL]: 'true' } } } },
          },
        ],
      },
    }).node.addDependency(gatewayClass, namespace, ...objects);
  }
}
