import type { CfnCluster } from 'aws-cdk-lib/aws-eks-v2';
import { explainGatewayApi } from './cluster-findings';
import type { GatewayController } from './gateway-controller';

/** EKS's own controller: a Gateway is an Application Load Balancer, which reaches the pods by their addresses. */
export function autoModeGateway(cluster: CfnCluster): GatewayController {
  cluster.addPropertyOverride('KubernetesNetworkConfig.ElasticLoadBalancing.GatewayApi.Crds.Managed', true);
  explainGatewayApi(cluster);
  return { controllerName: 'eks.amazonaws.com/gateway-alb', objects: {} };
}
