import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ICluster, IKubectlProvider } from 'aws-cdk-lib/aws-eks-v2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import type { AwakeHours } from '../idle-policy';
import type { ClusterCapacity } from './cluster-capacity';

/** A Gateway to which models' routes attach. */
export interface ServingGateway {
  /** Its name. */
  readonly name: string;

  /** Namespace in which it is. */
  readonly namespace: string;

  /**
   * Name by which callers ask for the models, such as `models.dev.example.com`. Two environments whose models share a
   * Gateway need one each: by the path alone, requests for a model go to the environment whose route is older.
   *
   * @default - any name; no other environment's models are behind this Gateway
   */
  readonly hostname?: string;

  /**
   * Namespace of the pods through which its requests come, such as Envoy's. The models let them in, whatever their addresses.
   *
   * @default - none: requests come from load balancers, whose addresses are in `callerCidrs`
   */
  readonly proxyNamespace?: string;

  /**
   * URL at which it answers in the cluster's network, by which a release proves that a new version answers: at port 80
   * within the ranges of the network, or at 443.
   *
   * @default - a release asks the pods of the version, and what the Gateway says of its route
   */
  readonly url?: string;
}

/** A Kubernetes cluster on which models serve. */
export interface IServingCluster extends IConstruct {
  /** The cluster, with a provider that applies manifests. */
  readonly cluster: ICluster;

  /** Minor version of Kubernetes, such as `1.36`. */
  readonly kubernetesVersion: string;

  /** Address ranges of the pods and of what calls them. */
  readonly vpcCidrs: string[];

  /** Address ranges that may call the models: of load balancers and functions, and of whatever else lies in them. */
  readonly callerCidrs: string[];

  /** Whether pods with GPUs have somewhere to run. */
  readonly gpuPool: boolean;

  /** Whether there is spot capacity. */
  readonly spotPool: boolean;

  /** Whether processor time is measured. */
  readonly metricsServer: boolean;

  /** Namespace of KEDA, if it is there. */
  readonly kedaNamespace?: string;

  /** Gateway that takes the models' routes, if there is one. */
  readonly gateway?: ServingGateway;

  /** Hours in which it has nodes, if it has none outside of them. */
  readonly awake?: AwakeHours;

  /** Where calls lie that its nodes' schedules could not make, if its nodes have hours. */
  readonly nodeScheduleDeadLetterQueue?: IQueue;
}

/** Settings of a cluster for models. */
export interface ServingClusterProps {
  /** Network of the cluster. Nodes and the API server's interfaces lie in its private subnets with egress. */
  readonly vpc: IVpc;

  /**
   * `kubectl` and `helm` for the function that applies manifests, at most one minor version away from the cluster's:
   * `KubectlV36Layer` of `@aws-cdk/lambda-layer-kubectl-v36` for the default.
   */
  readonly kubectlLayer: ILayerVersion;

  /**
   * Minor version of Kubernetes.
   *
   * @default '1.36'
   */
  readonly kubernetesVersion?: string;

  /**
   * Name of the cluster.
   *
   * @default - a generated one
   */
  readonly clusterName?: string;

  /**
   * Key that encrypts Kubernetes' secrets.
   *
   * @default - a new one, rotated each year
   */
  readonly secretsEncryptionKey?: IKey;

  /**
   * Address ranges that may call the models: those of the subnets in which load balancers and the functions that release
   * are. Pods have addresses too, so any pod of a range may call every model; to keep pods out, they and the load balancers
   * need subnets of their own. Whoever reaches the Gateway reaches the models behind it all the same.
   *
   * @default - the range of `vpc`: whatever is in the network may call
   */
  readonly callerCidrs?: string[];

  /**
   * Where pods run.
   *
   * @default ClusterCapacity.autoMode()
   */
  readonly capacity?: ClusterCapacity;

  /**
   * Whether the cluster gets a Gateway that takes the models' routes, so that traffic can move in parts: with Auto Mode a load
   * balancer of EKS's own controller, with managed node groups proxies of Envoy Gateway behind an internal one. The makers of
   * Envoy Gateway 1.9 name Kubernetes 1.33 to 1.36.
   *
   * @default false
   */
  readonly gateway?: boolean;

  /**
   * Name by which callers ask the gateway for the models. Another environment that uses the same cluster imports it with
   * a name of its own.
   *
   * @default - any name; the models of one environment alone are on the cluster
   */
  readonly gatewayHostname?: string;

  /**
   * Whether the cluster gets KEDA, for models that scale by requests or latency.
   *
   * @default true
   */
  readonly keda?: boolean;

  /**
   * Whether the cluster gets the metrics server, for models that scale by processor time.
   *
   * @default true
   */
  readonly metricsServer?: boolean;
}

/**
 * A cluster that exists already. It needs `API` in its authentication mode, EKS Pod Identity's agent, an engine that enforces
 * network policies (`enableNetworkPolicy` of the VPC CNI, or Auto Mode), and nodes with the cluster's security group, through
 * which functions reach the pods.
 */
export interface ServingClusterAttributes {
  /** Name of the cluster. */
  readonly clusterName: string;

  /** URL of the API server. */
  readonly clusterEndpoint: string;

  /** Base64 of the certificate with which the API server's is checked. */
  readonly clusterCertificateAuthorityData: string;

  /** Security group that EKS made for the cluster. */
  readonly clusterSecurityGroupId: string;

  /** Network of the cluster. */
  readonly vpc: IVpc;

  /** Minor version of Kubernetes, such as `1.36`. */
  readonly kubernetesVersion: string;

  /**
   * What applies manifests, made by another stack or app.
   *
   * @default - a new one, by `kubectlLayer`
   */
  readonly kubectlProvider?: IKubectlProvider;

  /**
   * `kubectl` and `helm` for a new function that applies manifests from the private subnets of `vpc`. It gets an access
   * entry as an administrator, for which the cluster's authentication mode must include `API`.
   *
   * @default - none, `kubectlProvider` is used
   */
  readonly kubectlLayer?: ILayerVersion;

  /**
   * Address ranges of the pods and of what calls them: more than one, if the network has secondary ranges.
   *
   * @default - the range of `vpc`
   */
  readonly vpcCidrs?: string[];

  /**
   * Address ranges that may call the models: those of the subnets in which load balancers and the functions that release
   * are. Pods have addresses too, so any pod of a range may call every model; to keep pods out, they and the load balancers
   * need subnets of their own. Whoever reaches the Gateway reaches the models behind it all the same.
   *
   * @default - `vpcCidrs`: whatever is in the network may call
   */
  readonly callerCidrs?: string[];

  /**
   * Whether nodes with NVIDIA GPUs are there or come, tainted `nvidia.com/gpu`.
   *
   * @default false
   */
  readonly gpuPool?: boolean;

  /**
   * Whether spot nodes are there or come, labelled and tainted `mlops/spot`.
   *
   * @default false
   */
  readonly spotPool?: boolean;

  /**
   * Whether the metrics server is there.
   *
   * @default false
   */
  readonly metricsServer?: boolean;

  /**
   * Namespace of KEDA.
   *
   * @default - KEDA is not there
   */
  readonly kedaNamespace?: string;

  /**
   * Gateway that takes routes from namespaces labelled `mlops/routes: "true"`: one for each environment, or one with a
   * `hostname` for each.
   *
   * @default - none
   */
  readonly gateway?: ServingGateway;
}
