import { type ICluster, KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { ROUTE_LABEL } from './kubernetes-names';
import type { ServingGateway } from './serving-cluster-props';

const CLASS = 'mlops';
const NAMESPACE = 'mlops-gateway';
const NAME = 'mlops';
const HTTP_PORT = 80;

/** Where the Gateway is made. */
export interface ClusterGatewayProps {
  /** A cluster in Auto Mode. */
  readonly cluster: ICluster;
  /** @default - any */
  readonly hostname?: string;
}

/**
 * One Gateway for the models of a cluster: adding a model adds a route, and no load balancer. EKS Auto Mode makes the
 * load balancer, and removes it before the Gateway is gone, which a deletion waits for.
 */
export class ClusterGateway extends Construct {
  public readonly gateway: ServingGateway;

  constructor(scope: Construct, id: string, props: ClusterGatewayProps) {
    super(scope, id);
    this.gateway = { name: NAME, namespace: NAMESPACE, hostname: props.hostname };
    const manifest = (manifestId: string, object: Record<string, unknown>) =>
      new KubernetesManifest(this, manifestId, { cluster: props.cluster, manifest: [object], prune: false });
    const gatewayClass = manifest('Class', {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: CLASS },
      spec: { controllerName: 'eks.amazonaws.com/gateway-alb' },
    });
    const namespace = manifest('Namespace', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    manifest('Gateway', {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: NAME, namespace: NAMESPACE },
      spec: {
        gatewayClassName: CLASS,
        listeners: [
          {
            name: 'http',
            protocol: 'HTTP',
            port: HTTP_PORT,
            allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { [ROUTE_LABEL]: 'true' } } } },
          },
        ],
      },
    }).node.addDependency(gatewayClass, namespace);
  }
}
