import { Duration, Stack } from 'aws-cdk-lib';
import { HelmChart, type HelmChartOptions, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { explainWildcards } from '../../private/wildcards';
import { ENVOY_GATEWAY_NAMESPACE, ENVOY_GATEWAY_VALUES } from './envoy-gateway';
import { PodIdentityRole } from './pod-identity-role';

const CHART_TIMEOUT = Duration.minutes(10);

/** Where KEDA runs; the only one that may read the pods' metrics for it. */
export const KEDA_NAMESPACE = 'keda';
const AUTOSCALER_NAME = 'cluster-autoscaler';
const SYSTEM_NAMESPACE = 'kube-system';
/**
 * Pods that lose their nodes for the night are new ones without a node: for them the autoscaler would start one, before it
 * loses its own.
 *
 * @see https://github.com/kubernetes/autoscaler/releases/tag/cluster-autoscaler-1.13.0
 */
const SCALE_UP_DELAY = '30s';

/** Each from those who make it, at a version that was looked up; a new one is a change that is seen here. */
const CHARTS = {
  keda: { repository: 'https://kedacore.github.io/charts', chart: 'keda', version: '2.21.1' },
  metricsServer: {
    repository: 'https://kubernetes-sigs.github.io/metrics-server',
    chart: 'metrics-server',
    version: '3.13.1',
  },
  clusterAutoscaler: {
    repository: 'https://kubernetes.github.io/autoscaler',
    chart: 'cluster-autoscaler',
    version: '9.56.0',
  },
  nvidiaDevicePlugin: {
    repository: 'https://nvidia.github.io/k8s-device-plugin',
    chart: 'nvidia-device-plugin',
    version: '0.18.0',
  },
  envoyGateway: {
    repository: 'oci://docker.io/envoyproxy/gateway-helm',
    chart: 'gateway-helm',
    version: 'v1.9.1',
  },
} as const;

/** Which add-ons a cluster gets. */
export interface ClusterChartsProps {
  readonly cluster: ICluster;
  readonly keda: boolean;
  readonly metricsServer: boolean;
  readonly clusterAutoscaler: boolean;
  readonly nvidiaDevicePlugin: boolean;
  readonly envoyGateway: boolean;
  /** Whether all nodes are ended at times. */
  readonly nodesSleep: boolean;
}

/** What a cluster that serves models needs beside EKS's own. */
export class ClusterCharts extends Construct {
  constructor(scope: Construct, id: string, props: ClusterChartsProps) {
    super(scope, id);
    const { cluster } = props;
    if (props.metricsServer) {
      this.chart('MetricsServer', cluster, { ...CHARTS.metricsServer, namespace: SYSTEM_NAMESPACE });
    }
    if (props.keda) this.chart('Keda', cluster, { ...CHARTS.keda, namespace: KEDA_NAMESPACE });
    if (props.nvidiaDevicePlugin) {
      this.chart('NvidiaDevicePlugin', cluster, {
        ...CHARTS.nvidiaDevicePlugin,
        namespace: SYSTEM_NAMESPACE,
        // on its own it tolerates the taint of GPUs alone, and spot nodes would never tell that they have one
        values: { tolerations: [{ operator: 'Exists' }] },
      });
    }
    if (props.clusterAutoscaler) this.addClusterAutoscaler(cluster, props.nodesSleep);
    if (props.envoyGateway) {
      this.chart('EnvoyGateway', cluster, {
        ...CHARTS.envoyGateway,
        namespace: ENVOY_GATEWAY_NAMESPACE,
        values: ENVOY_GATEWAY_VALUES,
      });
    }
  }

  private addClusterAutoscaler(cluster: ICluster, nodesSleep: boolean): void {
    const role = new ClusterAutoscalerRole(this, 'ClusterAutoscalerRole', { clusterName: cluster.clusterName });
    this.chart('ClusterAutoscaler', cluster, {
      ...CHARTS.clusterAutoscaler,
      namespace: SYSTEM_NAMESPACE,
      values: {
        autoDiscovery: { clusterName: cluster.clusterName },
        awsRegion: Stack.of(this).region,
        rbac: { serviceAccount: { name: AUTOSCALER_NAME } },
        ...(nodesSleep ? { extraArgs: { 'new-pod-scale-up-delay': SCALE_UP_DELAY } } : {}),
      },
    }).node.addDependency(role);
  }

  private chart(id: string, cluster: ICluster, options: HelmChartOptions): HelmChart {
    return new HelmChart(this, id, {
      cluster,
      release: options.chart,
      // what comes next may need it: an API, or a controller that must clean up
      wait: true,
      timeout: CHART_TIMEOUT,
      ...options,
    });
  }
}

interface ClusterAutoscalerRoleProps {
  readonly clusterName: string;
}

/** Looks at node groups, and changes the size of this cluster's. */
class ClusterAutoscalerRole extends PodIdentityRole {
  constructor(scope: Construct, id: string, props: ClusterAutoscalerRoleProps) {
    const { clusterName } = props;
    super(scope, id, {
      description: 'Changes the size of node groups as pods need it',
      clusterName,
      namespaceName: SYSTEM_NAMESPACE,
      serviceAccount: AUTOSCALER_NAME,
    });
    const looks = [
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeAutoScalingInstances',
      'autoscaling:DescribeLaunchConfigurations',
      'autoscaling:DescribeScalingActivities',
      'ec2:DescribeImages',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:GetInstanceTypesFromInstanceRequirements',
    ];
    const changes = ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'];
    this.addToPolicy(new PolicyStatement({ actions: looks, resources: ['*'] }));
    this.addToPolicy(
      new PolicyStatement({
        actions: changes,
        resources: ['*'],
        conditions: { StringEquals: { 'aws:ResourceTag/eks:cluster-name': clusterName } },
      }),
    );
    this.addToPolicy(
      new PolicyStatement({
        // the taints and labels of a group that has no node yet
        actions: ['eks:DescribeNodegroup'],
        resources: [
          Stack.of(this).formatArn({ service: 'eks', resource: 'nodegroup', resourceName: `${clusterName}/*` }),
        ],
      }),
    );
    explainWildcards(
      this,
      { wildcard: '*', actions: looks, reason: 'none of these knows resources' },
      { wildcard: '*', actions: changes, reason: "EKS names the groups; the condition names this cluster's tag" },
      { wildcard: '/*', actions: ['eks:DescribeNodegroup'], reason: "this cluster's groups" },
    );
  }
}
