import { Token } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  type CfnCluster,
  Cluster,
  type ClusterAttributes,
  ClusterLoggingTypes,
  DefaultCapacityType,
  EndpointAccess,
  type ICluster,
  KubernetesVersion,
} from 'aws-cdk-lib/aws-eks-v2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Problems } from '../../private/validation';
import { type AwakeHours, checkAwake } from '../idle-policy';
import { autoModeGateway } from './auto-mode-gateway';
import { AutoModeNodes } from './auto-mode-nodes';
import { ClusterCapacity } from './cluster-capacity';
import { ClusterCharts, KEDA_NAMESPACE } from './cluster-charts';
import { explainCluster, explainKubectl, explainManagedPolicies } from './cluster-findings';
import { ClusterGateway } from './cluster-gateway';
import { requireClusterNetwork } from './cluster-network-rules';
import { ClusterKubectl, PRIVATE_SUBNETS } from './cluster-kubectl';
import { envoyGateway } from './envoy-gateway';
import { requireKubectl } from './kubectl-skew';
import { isAtLeast, OLDEST_MINOR, parseMinor } from './kubernetes-minor';
import { ManagedNodeGroups } from './managed-node-groups';
import { nodeHours } from './node-hours';
import { NodeSchedules } from './node-schedules';
import type {
  IServingCluster,
  ServingClusterAttributes,
  ServingClusterProps,
  ServingGateway,
} from './serving-cluster-props';

const DEFAULT_VERSION = '1.36';
/** Of AWS's own pools the tainted one alone: `general-purpose` would take the models' pods, whatever ours allow. */
const AWS_NODE_POOLS = ['system'];

/**
 * An EKS cluster for models: its API server is private, its secrets are encrypted with a key of the account, all its logs
 * are kept, and what is in it goes in an order that leaves no load balancer and no network interface behind.
 */
export class ServingCluster extends Construct implements IServingCluster {
  /** Uses a cluster that exists already; it serves models as one that was made here. */
  public static fromServingClusterAttributes(
    scope: Construct,
    id: string,
    attributes: ServingClusterAttributes,
  ): IServingCluster {
    const problems = new Problems(scope);
    requireVersion(problems, attributes.kubernetesVersion);
    const { kubectlProvider, kubectlLayer } = attributes;
    problems.require(
      (kubectlProvider === undefined) !== (kubectlLayer === undefined),
      `${kubectlProvider === undefined ? "neither 'kubectlProvider' nor 'kubectlLayer' is" : "both 'kubectlProvider' and 'kubectlLayer' are"} given, must be one of them: by it manifests are applied`,
    );
    if (kubectlLayer !== undefined) requireKubectl(problems, kubectlLayer, attributes.kubernetesVersion);
    requireHostname(problems, 'gateway.hostname', attributes.gateway?.hostname);
    problems.throwIfAny();
    class ImportedServingCluster extends Construct implements IServingCluster {
      public readonly kubernetesVersion = attributes.kubernetesVersion;
      public readonly vpcCidrs = attributes.vpcCidrs ?? [attributes.vpc.vpcCidrBlock];
      public readonly callerCidrs = attributes.callerCidrs ?? this.vpcCidrs;
      public readonly gpuPool = attributes.gpuPool ?? false;
      public readonly spotPool = attributes.spotPool ?? false;
      public readonly metricsServer = attributes.metricsServer ?? false;
      public readonly kedaNamespace = attributes.kedaNamespace;
      public readonly gateway = attributes.gateway;
      public readonly cluster = Cluster.fromClusterAttributes(this, 'Cluster', {
        ...clusterAttributes(attributes),
        kubectlProvider:
          kubectlLayer === undefined
            ? kubectlProvider
            : new ClusterKubectl(this, 'Kubectl', { attributes: clusterAttributes(attributes), kubectlLayer }).provider,
      });
    }
    return new ImportedServingCluster(scope, id);
  }

  public readonly cluster: ICluster;
  public readonly kubernetesVersion: string;
  public readonly vpcCidrs: string[];
  public readonly callerCidrs: string[];
  public readonly gpuPool: boolean;
  public readonly spotPool: boolean;
  public readonly metricsServer: boolean;
  public readonly kedaNamespace?: string;
  public readonly gateway?: ServingGateway;
  public readonly awake?: AwakeHours;
  public readonly nodeScheduleDeadLetterQueue?: IQueue;

  /** Security group of the API server and the nodes. */
  public readonly clusterSecurityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, props: ServingClusterProps) {
    super(scope, id);
    const capacity = props.capacity ?? ClusterCapacity.autoMode();
    this.kubernetesVersion = props.kubernetesVersion ?? DEFAULT_VERSION;
    this.validate(props, capacity);
    this.vpcCidrs = [props.vpc.vpcCidrBlock];
    this.callerCidrs = props.callerCidrs ?? this.vpcCidrs;
    this.gpuPool = capacity.gpuPool;
    this.spotPool = capacity.spotPool;
    this.metricsServer = props.metricsServer ?? true;
    const awake = capacity._nodeGroups?.awake;
    const hours = awake === undefined ? undefined : nodeHours(awake);
    // where the hours leave no rest between them, the nodes stay
    this.awake = hours === undefined ? undefined : awake;
    const keda = props.keda ?? true;
    this.kedaNamespace = keda ? KEDA_NAMESPACE : undefined;

    const autoMode = capacity._autoMode !== undefined;
    const nodeRole = autoMode ? this.autoModeNodeRole() : undefined;
    const cluster = new Cluster(this, 'Resource', {
      clusterName: props.clusterName,
      version: KubernetesVersion.of(this.kubernetesVersion),
      vpc: props.vpc,
      vpcSubnets: [PRIVATE_SUBNETS],
      endpointAccess: EndpointAccess.PRIVATE,
      secretsEncryptionKey: props.secretsEncryptionKey ?? this.newSecretsKey(),
      clusterLogging: Object.values(ClusterLoggingTypes),
      // whoever deploys is no administrator for ever: access entries say who is
      bootstrapClusterCreatorAdminPermissions: false,
      kubectlProviderOptions: { kubectlLayer: props.kubectlLayer },
      ...(nodeRole === undefined
        ? { defaultCapacityType: DefaultCapacityType.NODEGROUP, defaultCapacity: 0 }
        : { defaultCapacityType: DefaultCapacityType.AUTOMODE, compute: { nodeRole, nodePools: AWS_NODE_POOLS } }),
    });
    this.cluster = cluster;
    this.clusterSecurityGroup = cluster.clusterSecurityGroup;

    const charts = new ClusterCharts(this, 'Charts', {
      cluster,
      keda,
      metricsServer: this.metricsServer,
      clusterAutoscaler: !autoMode,
      // Auto Mode has its own
      nvidiaDevicePlugin: !autoMode && this.gpuPool,
      // likewise
      envoyGateway: !autoMode && props.gateway === true,
      nodesSleep: this.awake !== undefined,
    });
    if (capacity._autoMode !== undefined && nodeRole !== undefined) {
      const nodes = new AutoModeNodes(this, 'Nodes', {
        cluster,
        nodeRoleName: nodeRole.roleName,
        subnetIds: props.vpc.selectSubnets(PRIVATE_SUBNETS).subnetIds,
        securityGroupId: cluster.clusterSecurityGroupId,
        diskSize: capacity._autoMode.diskSize,
        options: capacity._autoMode,
      });
      // charts have pods, which tolerate no taint of EKS's own pool, and go before their nodes
      charts.node.addDependency(nodes);
    }
    if (capacity._nodeGroups !== undefined) {
      const { eksPodIdentityAgent } = cluster;
      const groups = new ManagedNodeGroups(this, 'NodeGroups', {
        cluster,
        subnets: PRIVATE_SUBNETS,
        options: capacity._nodeGroups,
      });
      charts.node.addDependency(groups);
      if (hours !== undefined && awake !== undefined) {
        const { clusterName } = cluster;
        const { timeZone } = awake;
        const schedules = new NodeSchedules(this, 'NodeHours', { clusterName, groups: groups.groups, hours, timeZone });
        this.nodeScheduleDeadLetterQueue = schedules.deadLetterQueue;
      }
      if (eksPodIdentityAgent !== undefined) charts.node.addDependency(eksPodIdentityAgent);
    }
    const resource = cluster.node.defaultChild as CfnCluster;
    if (props.gateway === true) {
      const gateway = new ClusterGateway(this, 'Gateway', {
        cluster,
        kubernetesVersion: this.kubernetesVersion,
        hostname: props.gatewayHostname,
        controller: autoMode
          ? autoModeGateway(resource)
          : envoyGateway({
              subnetIds: props.vpc.selectSubnets({ ...PRIVATE_SUBNETS, onePerAz: true }).subnetIds,
              sourceCidrs: this.vpcCidrs,
            }),
      });
      // a chart brings the kinds of its API, and takes down what it made; EKS brings its own while charts take minutes
      gateway.node.addDependency(charts);
      this.gateway = gateway.gateway;
    }
    explainCluster(resource);
    explainManagedPolicies(this);
    if (cluster.kubectlProvider !== undefined) explainKubectl(cluster.kubectlProvider);
  }

  private validate(props: ServingClusterProps, capacity: ClusterCapacity): void {
    const problems = new Problems(this);
    requireVersion(problems, this.kubernetesVersion);
    requireKubectl(problems, props.kubectlLayer, this.kubernetesVersion);
    requireClusterNetwork(problems, props.vpc);
    problems.requirePattern(
      'clusterName',
      props.clusterName,
      /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/,
      'at most 100 letters, digits, hyphens and underscores that begin with a letter or digit',
    );
    problems.require(
      props.gatewayHostname === undefined || props.gateway === true,
      "'gatewayHostname' is given without a gateway, must be with 'gateway: true'",
    );
    requireHostname(problems, 'gatewayHostname', props.gatewayHostname);
    const awake = capacity._nodeGroups?.awake;
    if (awake !== undefined) requireHours(problems, awake);
    problems.require(
      capacity._autoMode?.maxCpus !== 0 || (props.keda === false && props.metricsServer === false),
      "'capacity' has a 'maxCpus' of 0, must be at least 1, since KEDA and the metrics server need a node; or set 'keda' and 'metricsServer' to false",
    );
    problems.throwIfAny();
  }

  /** What the nodes of Auto Mode may: pull images and be nodes. */
  private autoModeNodeRole(): Role {
    return new Role(this, 'NodeRole', {
      description: 'Nodes of EKS Auto Mode',
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'].map(name =>
        ManagedPolicy.fromAwsManagedPolicyName(name),
      ),
    });
  }

  private newSecretsKey(): Key {
    return new Key(this, 'SecretsKey', { description: "Kubernetes' secrets", enableKeyRotation: true });
  }
}

function requireHours(problems: Problems, awake: AwakeHours): void {
  const property = 'capacity.awake';
  checkAwake(problems, awake, { property, leftOut: property });
  problems.require(
    !Token.isUnresolved(awake.from) && !Token.isUnresolved(awake.to),
    `'${property}' is known at deployment only, must be known at synth: the times of nodes are reckoned from it`,
  );
}

function requireHostname(problems: Problems, property: string, hostname: string | undefined): void {
  problems.requirePattern(
    property,
    hostname,
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "a name of DNS in lower case without a port, such as 'models.dev.example.com'",
  );
}

function requireVersion(problems: Problems, version: string): void {
  problems.require(
    parseMinor(version) !== undefined && isAtLeast(version, OLDEST_MINOR),
    `'kubernetesVersion' is '${version}', must be a minor version of Kubernetes of at least ${OLDEST_MINOR}, such as '${DEFAULT_VERSION}'`,
  );
}

function clusterAttributes(attributes: ServingClusterAttributes): ClusterAttributes {
  return {
    clusterName: attributes.clusterName,
    clusterEndpoint: attributes.clusterEndpoint,
    clusterCertificateAuthorityData: attributes.clusterCertificateAuthorityData,
    clusterSecurityGroupId: attributes.clusterSecurityGroupId,
    vpc: attributes.vpc,
  };
}
