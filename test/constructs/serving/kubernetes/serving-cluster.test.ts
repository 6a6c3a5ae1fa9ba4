import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { App, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc, type VpcProps } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ModelRegistry } from '../../../../constructs/registry/model-registry';
import { ClusterAccess, ClusterAccessPurpose } from '../../../../constructs/serving/kubernetes/cluster-access';
import { ClusterCapacity } from '../../../../constructs/serving/kubernetes/cluster-capacity';
import { KubernetesModelService } from '../../../../constructs/serving/kubernetes/kubernetes-model-service';
import { ServingCluster } from '../../../../constructs/serving/kubernetes/serving-cluster';
import type { ServingClusterProps } from '../../../../constructs/serving/kubernetes/serving-cluster-props';
import { ShiftPolicy } from '../../../../constructs/serving/shift-policy';
import { ENV, importedCluster, kubectlLayer, type Manifest, manifests, modelService, object, text } from './fixture';

/** A cluster to which something is added still. */
function unfinished(props: Partial<ServingClusterProps> = {}) {
  const app = new App();
  const stack = new Stack(app, 'Cluster', { env: ENV });
  const made = new ServingCluster(stack, 'Models', {
    vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }),
    kubectlLayer: kubectlLayer(stack),
    ...props,
  });
  return { app, stack, cluster: made };
}

function cluster(props: Partial<ServingClusterProps> = {}) {
  const { stack, cluster: made } = unfinished(props);
  return { stack, cluster: made, template: Template.fromStack(stack) };
}

const GROUPS = ClusterCapacity.managedNodeGroups({ maxSpotNodes: 4, maxGpuNodes: 2 });
const AUTO = ClusterCapacity.autoMode({ maxSpotCpus: 64, maxGpus: 8, maxSpotGpus: 4 });

function charts(template: Template): Record<string, string> {
  return Object.fromEntries(
    Object.values(template.findResources('Custom::AWSCDK-EKS-HelmChart')).map(resource => {
      const { Chart, Version } = (resource as Manifest).Properties as Record<string, string>;
      return [Chart, Version];
    }),
  ) as Record<string, string>;
}

/** The kind of the object that kubectl is given; kinds that the object names come after its own. */
function kindOf({ Properties }: Manifest): string | undefined {
  return /"kind":"(\w+)"/.exec(text(Properties.Manifest))?.[1];
}

/** All resources that must be there before one of a kind of object, and so go after it. */
function awaited(template: Template, kind: string): Manifest[] {
  const resources = template.toJSON().Resources as Record<string, Manifest>;
  const [id = ''] =
    Object.entries(resources).find(
      ([, resource]) =>
        (resource.Type === 'Custom::AWSCDK-EKS-KubernetesResource' && kindOf(resource) === kind) ||
        (resource.Type === 'Custom::AWSCDK-EKS-HelmChart' && resource.Properties.Chart === kind) ||
        resource.Type === kind,
    ) ?? [];
  const found = new Set<string>();
  const look = (each: string) => {
    const { DependsOn = [], ...rest } = resources[each] ?? {};
    const references = [...JSON.stringify(rest).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(([, name]) => name);
    for (const next of [...[DependsOn].flat(), ...references] as string[]) {
      if (next in resources && !found.has(next)) {
        found.add(next);
        look(next);
      }
    }
  };
  look(id);
  return [...found].map(each => resources[each] ?? {});
}

/** Their types. */
function outlives(template: Template, kind: string): string[] {
  return awaited(template, kind).map(({ Type }) => Type as string);
}

/** The kinds of those that kubectl applies. */
function outlivedKinds(template: Template, kind: string): string[] {
  return awaited(template, kind)
    .filter(({ Type }) => Type === 'Custom::AWSCDK-EKS-KubernetesResource')
    .map(resource => kindOf(resource) ?? '');
}

describe('a cluster', () => {
  test('is reached from its network only, keeps its secrets under a key of the account, and all its logs', () => {
    const { template } = cluster();
    template.hasResourceProperties('AWS::EKS::Cluster', {
      Version: '1.36',
      ResourcesVpcConfig: Match.objectLike({ EndpointPublicAccess: false, EndpointPrivateAccess: true }),
      EncryptionConfig: [{ Resources: ['secrets'], Provider: { KeyArn: Match.anyValue() } }],
      Logging: {
        ClusterLogging: {
          EnabledTypes: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'].map(Type => ({ Type })),
        },
      },
      AccessConfig: { AuthenticationMode: 'API', BootstrapClusterCreatorAdminPermissions: false },
    });
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('puts nothing into public subnets', () => {
    const { template } = cluster();
    const [resource] = Object.values(template.findResources('AWS::EKS::Cluster')) as Manifest[];
    const subnets = JSON.stringify(resource?.Properties.ResourcesVpcConfig.SubnetIds);
    expect(subnets).toContain('PrivateSubnet');
    expect(subnets).not.toContain('PublicSubnet');
  });

  test('gets what models scale by, each chart at one version', () => {
    expect(Object.keys(charts(cluster().template)).sort()).toEqual(['keda', 'metrics-server']);
    for (const version of Object.values(charts(cluster({ capacity: GROUPS, gateway: true }).template))) {
      expect(version).toMatch(/^v?\d+\.\d+\.\d+$/);
    }
    expect(charts(cluster({ keda: false, metricsServer: false }).template)).toEqual({});
  });

  test('tells models what it has', () => {
    expect(cluster().cluster).toMatchObject({
      kubernetesVersion: '1.36',
      gpuPool: false,
      spotPool: false,
      metricsServer: true,
      kedaNamespace: 'keda',
    });
    expect(cluster({ keda: false }).cluster.kedaNamespace).toBeUndefined();
    expect(cluster({ capacity: AUTO }).cluster).toMatchObject({ gpuPool: true, spotPool: true });
  });
});

describe('in Auto Mode', () => {
  test('EKS runs the nodes, of which its own pool takes no pods of models, and policies of the network are in force', () => {
    const { template } = cluster();
    template.hasResourceProperties('AWS::EKS::Cluster', {
      ComputeConfig: Match.objectLike({ Enabled: true, NodePools: ['system'] }),
    });
    const all = manifests(template);
    expect(object(all, 'ConfigMap', 'amazon-vpc-cni').data).toEqual({ 'enable-network-policy-controller': 'true' });
    expect(object(all, 'NodeClass').spec.networkPolicy).toBe('DefaultAllow');
    template.resourceCountIs('AWS::EKS::Nodegroup', 0);
  });

  test('GPUs and spot have pools of their own, tainted, that begin with no node', () => {
    const all = manifests(cluster({ capacity: AUTO }).template);
    const pool = (name: string) => object(all, 'NodePool', name).spec as Manifest;
    const taints = (name: string) =>
      ((pool(name).template.spec.taints ?? []) as Manifest[]).map(({ key }) => key as string);
    expect(taints('mlops-cpu')).toEqual([]);
    expect(taints('mlops-cpu-spot')).toEqual(['mlops/spot']);
    expect(taints('mlops-gpu')).toEqual(['nvidia.com/gpu']);
    expect(taints('mlops-gpu-spot')).toEqual(['nvidia.com/gpu', 'mlops/spot']);
    expect(pool('mlops-gpu').limits).toEqual({ 'nvidia.com/gpu': '8' });
    // a pool without a fixed number of replicas follows its pods, down to none
    expect(pool('mlops-gpu')).not.toHaveProperty('replicas');
    expect(pool('mlops-gpu-spot').template.spec.requirements).toContainEqual({
      key: 'karpenter.sh/capacity-type',
      operator: 'In',
      values: ['spot'],
    });
    expect(pool('mlops-cpu-spot').template.metadata.labels).toEqual({ 'mlops/spot': 'true' });
  });

  test('a pool that may have no node is none', () => {
    const names = manifests(cluster().template)
      .filter(({ kind }) => kind === 'NodePool')
      .map(({ metadata }) => metadata.name as string);
    expect(names).toEqual(['mlops-cpu']);
  });

  test('a gateway takes the routes of the namespaces that say so, by the API that EKS manages', () => {
    const made = cluster({ gateway: true });
    made.template.hasResourceProperties('AWS::EKS::Cluster', {
      KubernetesNetworkConfig: { ElasticLoadBalancing: { Enabled: true, GatewayApi: { Crds: { Managed: true } } } },
    });
    const all = manifests(made.template);
    expect(object(all, 'GatewayClass').spec.controllerName).toBe('eks.amazonaws.com/gateway-alb');
    expect(object(all, 'Gateway').spec.listeners[0].allowedRoutes.namespaces).toEqual({
      from: 'Selector',
      selector: { matchLabels: { 'mlops/routes': 'true' } },
    });
    expect(made.cluster.gateway).toEqual({ name: 'mlops', namespace: 'mlops-gateway' });
    expect(cluster({ gateway: true, gatewayHostname: 'models.dev.example' }).cluster.gateway?.hostname).toBe(
      'models.dev.example',
    );
    expect(cluster().cluster.gateway).toBeUndefined();
  });

  test('charts wait for the pool of their pods, and go before its nodes', () => {
    const { template } = cluster();
    for (const chart of ['keda', 'metrics-server']) {
      expect(outlivedKinds(template, chart)).toContain('NodePool');
    }
  });

  test('nodes have the disk that is asked for', () => {
    const nodes = (props: Partial<ServingClusterProps>) => object(manifests(cluster(props).template), 'NodeClass').spec;
    expect(nodes({}).ephemeralStorage).toEqual({ size: '80Gi' });
    const capacity = ClusterCapacity.autoMode({ diskSize: Size.gibibytes(200) });
    expect(nodes({ capacity }).ephemeralStorage).toEqual({ size: '200Gi' });
  });

  test('what is in the cluster goes before it, and the Gateway before its class', () => {
    const { template } = cluster({ gateway: true, capacity: AUTO });
    for (const kind of ['Gateway', 'NodePool', 'NodeClass', 'keda', 'metrics-server']) {
      expect(outlives(template, kind)).toContain('AWS::EKS::Cluster');
    }
    const gateway = Object.values(template.findResources('Custom::AWSCDK-EKS-KubernetesResource')).find(resource =>
      text((resource as Manifest).Properties.Manifest).includes('"kind":"Gateway"'),
    ) as Manifest;
    expect(gateway.DependsOn).toEqual(
      expect.arrayContaining([expect.stringContaining('GatewayClass'), expect.stringContaining('GatewayNamespace')]),
    );
    expect(outlives(template, 'GatewayClass')).toContain('Custom::AWSCDK-EKS-HelmChart');
  });
});

describe('with managed node groups', () => {
  test('GPUs and spot have groups of their own, tainted, that begin with no node', () => {
    const { template } = cluster({ capacity: GROUPS });
    template.resourceCountIs('AWS::EKS::Nodegroup', 3);
    template.hasResourceProperties('AWS::EKS::Nodegroup', {
      CapacityType: 'ON_DEMAND',
      AmiType: 'AL2023_x86_64_NVIDIA',
      ScalingConfig: { MinSize: 0, DesiredSize: 0, MaxSize: 2 },
      Taints: [{ Key: 'nvidia.com/gpu', Value: 'true', Effect: 'NO_SCHEDULE' }],
      // what the autoscaler waits by for the GPU of a new node
      Labels: Match.objectLike({ 'k8s.amazonaws.com/accelerator': 'nvidia' }),
    });
    template.hasResourceProperties('AWS::EKS::Nodegroup', {
      CapacityType: 'SPOT',
      ScalingConfig: { MinSize: 0, DesiredSize: 0, MaxSize: 4 },
      Labels: { 'mlops/spot': 'true' },
      Taints: [{ Key: 'mlops/spot', Value: 'true', Effect: 'NO_SCHEDULE' }],
    });
    template.hasResourceProperties('AWS::EKS::Nodegroup', {
      ScalingConfig: { MinSize: 2, DesiredSize: 2, MaxSize: 10 },
      Taints: [],
    });
  });

  test('the network enforces policies, pods have identities, and nodes follow the pods', () => {
    const { template } = cluster({ capacity: GROUPS });
    template.hasResourceProperties('AWS::EKS::Addon', {
      AddonName: 'vpc-cni',
      ConfigurationValues: '{"enableNetworkPolicy":"true"}',
      ResolveConflicts: 'OVERWRITE',
    });
    template.hasResourceProperties('AWS::EKS::Addon', { AddonName: 'eks-pod-identity-agent' });
    expect(Object.keys(charts(template)).sort()).toEqual([
      'cluster-autoscaler',
      'keda',
      'metrics-server',
      'nvidia-device-plugin',
    ]);
  });

  describe('a gateway', () => {
    const made = cluster({ capacity: GROUPS, gateway: true, callerCidrs: ['10.0.7.0/24'] });
    const all = manifests(made.template);
    const chartValues = () => {
      const [chart] = Object.values(
        made.template.findResources('Custom::AWSCDK-EKS-HelmChart', { Properties: { Chart: 'gateway-helm' } }),
      ) as Manifest[];
      return JSON.parse(chart?.Properties.Values as string) as Manifest;
    };

    test("is Envoy Gateway's, whose chart brings the API that EKS manages in Auto Mode only", () => {
      made.template.hasResourceProperties('Custom::AWSCDK-EKS-HelmChart', {
        Chart: 'gateway-helm',
        Repository: 'oci://docker.io/envoyproxy/gateway-helm',
        Wait: true,
      });
      made.template.hasResourceProperties('AWS::EKS::Cluster', {
        KubernetesNetworkConfig: { ElasticLoadBalancing: { Enabled: false, GatewayApi: Match.absent() } },
      });
      expect(object(all, 'GatewayClass').spec.controllerName).toBe('gateway.envoyproxy.io/gatewayclass-controller');
      expect(object(all, 'Gateway').spec).toMatchObject({
        gatewayClassName: object(all, 'GatewayClass').metadata.name as string,
        infrastructure: {
          parametersRef: {
            group: 'gateway.envoyproxy.io',
            kind: 'EnvoyProxy',
            name: object(all, 'EnvoyProxy').metadata.name as string,
          },
        },
        listeners: [{ allowedRoutes: { namespaces: { selector: { matchLabels: { 'mlops/routes': 'true' } } } } }],
      });
      expect(Object.keys(charts(cluster({ capacity: GROUPS }).template))).not.toContain('gateway-helm');
      expect(Object.keys(charts(cluster({ gateway: true }).template))).not.toContain('gateway-helm');
    });

    test('has its proxies beside it, which models let in whoever else may call, and which pass the restricted profile', () => {
      expect(chartValues().config.envoyGateway.provider.kubernetes.deploy).toEqual({ type: 'GatewayNamespace' });
      expect(made.cluster.gateway).toEqual({
        name: 'mlops',
        namespace: 'mlops-gateway',
        proxyNamespace: 'mlops-gateway',
      });
      expect(object(all, 'EnvoyProxy').metadata.namespace).toBe('mlops-gateway');
      expect(object(all, 'Namespace', 'mlops-gateway').metadata.labels).toMatchObject({
        'pod-security.kubernetes.io/enforce': 'restricted',
      });
    });

    test('outlives the loss of a node: two controllers and two proxies, apart from each other', () => {
      const { envoyDeployment, envoyPDB } = object(all, 'EnvoyProxy').spec.provider.kubernetes as Manifest;
      expect(envoyDeployment.replicas).toBe(2);
      expect(envoyPDB).toEqual({ maxUnavailable: 1 });
      // labels that Envoy Gateway gives the pods of a Gateway, and its chart the controllers
      const apart = (matchLabels: object) =>
        ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(topologyKey =>
          expect.objectContaining({ topologyKey, maxSkew: 1, labelSelector: { matchLabels } }),
        );
      expect(envoyDeployment.pod.topologySpreadConstraints).toEqual(
        apart({ 'gateway.networking.k8s.io/gateway-name': 'mlops' }),
      );
      const values = chartValues();
      expect(values.deployment.replicas).toBe(2);
      expect(values.podDisruptionBudget).toEqual({ maxUnavailable: 1 });
      expect(values.deployment.pod.topologySpreadConstraints).toEqual(apart({ 'control-plane': 'envoy-gateway' }));
    });

    test('is behind a load balancer in private subnets, one for each zone, that nobody reaches from the internet', () => {
      const { annotations, externalTrafficPolicy, loadBalancerSourceRanges, type } = object(all, 'EnvoyProxy').spec
        .provider.kubernetes.envoyService as Manifest;
      const of = (name: string) => annotations[`service.beta.kubernetes.io/aws-load-balancer-${name}`] as string;
      expect([type, of('type'), of('internal')]).toEqual(['LoadBalancer', 'nlb', 'true']);
      expect(of('subnets').split(',')).toEqual([
        expect.stringContaining('PrivateSubnet1'),
        expect.stringContaining('PrivateSubnet2'),
      ]);
      expect(loadBalancerSourceRanges).toEqual([expect.stringContaining('CidrBlock')]);
      // or a pod gets no answer from a proxy on its own node, or one fails with a proxy that leaves its node
      expect(of('target-group-attributes')).toBe('preserve_client_ip.enabled=false');
      expect(externalTrafficPolicy).toBe('Cluster');
    });

    test('waits for a model as long as SageMaker does, and leaves no connection open that the model server closes', () => {
      expect(object(all, 'BackendTrafficPolicy').spec).toEqual({
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'mlops' }],
        timeout: { http: { requestTimeout: '60s', connectionIdleTimeout: '60s' } },
      });
    });

    test('goes before its namespace, which waits for the load balancer, and all of it before the controller and the nodes', () => {
      expect(outlivedKinds(made.template, 'Gateway')).toEqual(
        expect.arrayContaining(['GatewayClass', 'Namespace', 'EnvoyProxy', 'BackendTrafficPolicy']),
      );
      for (const kind of ['EnvoyProxy', 'BackendTrafficPolicy']) {
        expect(outlivedKinds(made.template, kind)).toContain('Namespace');
      }
      for (const kind of ['Gateway', 'GatewayClass', 'Namespace', 'EnvoyProxy']) {
        const charted = awaited(made.template, kind).map(({ Properties }) => Properties?.Chart as string);
        expect(charted).toContain('gateway-helm');
      }
      expect(outlives(made.template, 'gateway-helm')).toContain('AWS::EKS::Nodegroup');
    });
  });

  test('GPUs are counted on every node that has some, whatever it is tainted with', () => {
    const { template } = cluster({ capacity: ClusterCapacity.managedNodeGroups({ maxSpotGpuNodes: 2 }) });
    template.hasResourceProperties('Custom::AWSCDK-EKS-HelmChart', {
      Chart: 'nvidia-device-plugin',
      Values: JSON.stringify({ tolerations: [{ operator: 'Exists' }] }),
    });
  });

  test('nodes have the disk that is asked for, and the autoscaler knows it of a group without a node', () => {
    const groups = (capacity: ClusterCapacity) =>
      Object.values(cluster({ capacity }).template.findResources('AWS::EKS::Nodegroup')) as Manifest[];
    const tag = 'k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage';
    for (const { Properties } of groups(GROUPS)) {
      expect(Properties).toMatchObject({ DiskSize: 80, Tags: { [tag]: '80Gi' } });
    }
    for (const { Properties } of groups(ClusterCapacity.managedNodeGroups({ diskSize: Size.gibibytes(200) }))) {
      expect(Properties).toMatchObject({ DiskSize: 200, Tags: { [tag]: '200Gi' } });
    }
  });

  test("the autoscaler changes this cluster's groups only", () => {
    cluster({ capacity: GROUPS }).template.hasResourceProperties('AWS::IAM::Role', {
      Policies: [
        {
          PolicyDocument: {
            Statement: Match.arrayWith([
              Match.objectLike({
                Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
                Condition: { StringEquals: { 'aws:ResourceTag/eks:cluster-name': Match.anyValue() } },
              }),
            ]),
          },
        },
      ],
    });
  });

  test('charts go before nodes, and nodes before the network that would take their interfaces along', () => {
    const { template } = cluster({ capacity: GROUPS });
    expect(outlives(template, 'keda')).toContain('AWS::EKS::Nodegroup');
    expect(outlives(template, 'AWS::EKS::Nodegroup')).toContain('AWS::EKS::Addon');
    expect(outlives(template, 'AWS::EKS::Nodegroup')).not.toContain('Custom::AWSCDK-EKS-HelmChart');
  });
});

describe('a model on a cluster that is made here', () => {
  function modelOn(inOneStack: boolean, props: Partial<ServingClusterProps> = {}) {
    const { app, stack, cluster: made } = unfinished({ gateway: true, ...props });
    const modelStack = inOneStack ? stack : new Stack(app, 'Model', { env: ENV });
    const environment = { environmentName: 'dev', modelName: 'rain' };
    const artifactBucket = Bucket.fromBucketName(modelStack, 'Artifacts', 'artifacts');
    new KubernetesModelService(modelStack, 'Service', {
      ...environment,
      registry: new ModelRegistry(modelStack, 'Registry', environment),
      artifactBucket,
      cluster: made,
      shift: ShiftPolicy.canary({ percent: 10 }),
    });
    return { stack, modelStack, template: Template.fromStack(modelStack) };
  }

  test('in one stack with it, its namespace goes before the Gateway, whose load balancer needs somebody to remove it', () => {
    const resources = modelOn(true).template.toJSON().Resources as Record<string, Manifest>;
    const namespace = Object.entries(resources).find(([id]) => /^ServiceNamespace[0-9A-F]{8}$/.test(id))?.[1];
    expect(namespace?.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^ModelsGateway[0-9A-F]{8}$/)]));
    expect(namespace?.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^ModelsChartsKeda/)]));
  });

  test('with managed node groups lets in the proxies of the Gateway, also where the network may not call', () => {
    const { template } = modelOn(false, { capacity: GROUPS, callerCidrs: ['10.0.7.0/24'] });
    const { ingress } = object(manifests(template), 'NetworkPolicy', 'model-server').spec;
    expect(ingress[0].from).toEqual([
      { ipBlock: { cidr: '10.0.7.0/24' } },
      {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['keda', 'mlops-gateway'] }],
        },
      },
    ]);
  });

  test('in a stack of its own goes before the cluster as a whole', () => {
    const { stack, modelStack } = modelOn(false);
    expect(modelStack.dependencies).toContain(stack);
  });
});

describe('access', () => {
  function access(purpose: ClusterAccessPurpose) {
    const stack = new Stack(new App(), 'Access', { env: ENV });
    const made = new ClusterAccess(stack, 'Release', {
      cluster: importedCluster(stack),
      environmentName: 'dev',
      purpose,
      role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::000000000000:role/step'),
      securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-2'),
    });
    return { made, template: Template.fromStack(stack) };
  }

  test.each([
    [ClusterAccessPurpose.RELEASE, 'mlops-dev-release', [443, 8080]],
    [ClusterAccessPurpose.COLLECTION, 'mlops-dev-collector', [443]],
  ])('for %s is a group without any policy of the cluster, over its ports alone', (purpose, group, ports) => {
    const { made, template } = access(purpose);
    expect(made.kubernetesGroup).toBe(group);
    template.hasResourceProperties('AWS::EKS::AccessEntry', {
      ClusterName: 'models',
      PrincipalArn: 'arn:aws:iam::000000000000:role/step',
      KubernetesGroups: [group],
      AccessPolicies: Match.absent(),
    });
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')) as Manifest[];
    expect(rules.map(({ Properties }) => Properties.FromPort as number).sort()).toEqual([...ports].sort());
    for (const { Properties } of rules) {
      expect(Properties).toMatchObject({ GroupId: 'sg-1', SourceSecurityGroupId: 'sg-2', IpProtocol: 'tcp' });
    }
  });
});

describe('whoever runs cdk-nag finds nothing that the library does not explain', () => {
  const findings = (stack: Stack) =>
    new AwsSolutionsChecks(stack)
      .validateScope(stack)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath ?? ''}`),
      )
      // the stand-in of a network
      .filter(finding => !finding.includes('Cluster/Vpc/'));

  test.each([
    ['Auto Mode', AUTO],
    ['managed node groups', GROUPS],
  ])('with %s', (_, capacity) => {
    expect(findings(cluster({ capacity, gateway: true }).stack)).toEqual([]);
  });

  test.each(['AdministratorAccess', 'AmazonS3FullAccess'])('but a policy of AWS that is not meant: %s', name => {
    // GIVEN
    const { stack, cluster: made } = unfinished();

    // WHEN
    (made.node.findChild('NodeRole') as Role).addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName(name));
    Template.fromStack(stack);

    // THEN
    expect(findings(stack)).toEqual([
      `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}] Cluster/Models/NodeRole/Resource`,
    ]);
  });

  test('with a model on a cluster that exists', () => {
    const { stack, template } = modelService();
    template();
    expect(findings(stack)).toEqual([]);
  });

  test('with a function that applies manifests in a cluster that exists', () => {
    const stack = new Stack(new App(), 'Model', { env: ENV });
    importedCluster(stack, { kubectlProvider: undefined, kubectlLayer: kubectlLayer(stack) });
    Template.fromStack(stack);
    expect(findings(stack)).toEqual([]);
  });
});

describe('a cluster that exists already', () => {
  test('applies manifests by a function of ours, as an administrator, from its private subnets', () => {
    const stack = new Stack(new App(), 'Model', { env: ENV });
    importedCluster(stack, { kubectlProvider: undefined, kubectlLayer: kubectlLayer(stack) });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EKS::AccessEntry', {
      ClusterName: 'models',
      AccessPolicies: [Match.objectLike({ AccessScope: { Type: 'cluster' } })],
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: Match.stringLikeRegexp('python'),
      VpcConfig: { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] },
    });
  });

  test.each([
    [{ kubectlProvider: undefined }, "neither 'kubectlProvider' nor 'kubectlLayer' is given, must be one of them"],
    [
      { kubernetesVersion: '1.28' },
      "'kubernetesVersion' is '1.28', must be a minor version of Kubernetes of at least 1.32",
    ],
    [{ kubernetesVersion: 'v1.36' }, "'kubernetesVersion' is 'v1.36', must be a minor version"],
    [
      { gateway: { name: 'edge', namespace: 'edges', hostname: 'https://models' } },
      "'gateway.hostname' is 'https://models', must be a name of DNS in lower case without a port",
    ],
  ])('fails with %j', (attributes, message) => {
    expect(() => importedCluster(new Stack(new App(), 'Model'), attributes)).toThrow(message);
  });
});

describe('kubectl', () => {
  const withKubectl = (kubernetesVersion: string) => () => {
    const stack = new Stack(new App(), 'Cluster', { env: ENV });
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
    new ServingCluster(stack, 'Models', {
      vpc,
      kubectlLayer: new KubectlV36Layer(stack, 'Kubectl'),
      kubernetesVersion,
    });
  };

  test.each(['1.35', '1.36', '1.37'])('of 1.36 speaks to a cluster of %s', version => {
    expect(withKubectl(version)).not.toThrow();
  });

  test.each(['1.34', '1.38'])('of 1.36 is refused for a cluster of %s', version => {
    const minor = version.slice(2);
    expect(withKubectl(version)).toThrow(
      `Cluster/Models: 'kubectlLayer' has kubectl 1.36 for Kubernetes '${version}', must be at most 1 minor version away; give 'KubectlV${minor}Layer' of '@aws-cdk/lambda-layer-kubectl-v${minor}'`,
    );
  });

  test('is refused likewise for a cluster that is there already', () => {
    const stack = new Stack(new App(), 'Model', { env: ENV });
    const layer = new KubectlV36Layer(stack, 'Layer');
    expect(() =>
      importedCluster(stack, { kubectlProvider: undefined, kubectlLayer: layer, kubernetesVersion: '1.34' }),
    ).toThrow("'kubectlLayer' has kubectl 1.36 for Kubernetes '1.34'");
  });

  test('of a layer that does not tell its version is taken', () => {
    const { stack } = unfinished();
    const kubectlLayer = new LayerVersion(stack, 'Own', { code: Code.fromAsset(__dirname) });
    const vpc = new Vpc(stack, 'Other', { maxAzs: 2 });
    expect(() => new ServingCluster(stack, 'Second', { vpc, kubectlLayer, kubernetesVersion: '1.34' })).not.toThrow();
  });
});

describe('fails, with the reason and what to do,', () => {
  test.each<[string, Partial<ServingClusterProps>, string]>([
    [
      'for a name of no gateway',
      { gatewayHostname: 'models.example.com' },
      "'gatewayHostname' is given without a gateway, must be with 'gateway: true'",
    ],
    [
      'for charts without a node',
      { capacity: ClusterCapacity.autoMode({ maxCpus: 0, maxGpus: 1 }) },
      "'capacity' has a 'maxCpus' of 0, must be at least 1, since KEDA and the metrics server need a node",
    ],
    ['for an old Kubernetes', { kubernetesVersion: '1.30' }, "'kubernetesVersion' is '1.30', must be a minor version"],
    ['for a name that EKS refuses', { clusterName: '-models' }, "'clusterName' is '-models', must be at most 100"],
  ])('%s', (_, props, message) => {
    expect(() => cluster(props)).toThrow(message);
  });

  const inNetwork = (props: VpcProps) => () => {
    const stack = new Stack(new App(), 'Cluster', { env: ENV });
    new ServingCluster(stack, 'Models', { vpc: new Vpc(stack, 'Vpc', props), kubectlLayer: kubectlLayer(stack) });
  };

  test('for a network without private subnets, while the cluster has no public endpoint', () => {
    const subnetConfiguration = [{ name: 'Public', subnetType: SubnetType.PUBLIC }];
    expect(inNetwork({ maxAzs: 2, subnetConfiguration })).toThrow(
      "Cluster/Models: 'vpc' has no private subnets, must have some with a way out (SubnetType.PRIVATE_WITH_EGRESS): the cluster has no public endpoint",
    );
  });

  test('for a network in one availability zone', () => {
    expect(inNetwork({ availabilityZones: ['eu-west-1a'] })).toThrow(
      "'vpc' has private subnets in 1 availability zone, must have them in at least 2, which EKS demands; make the network with 'maxAzs: 2' or more",
    );
  });

  test('for a network in which the private endpoint has no name', () => {
    expect(inNetwork({ maxAzs: 2, enableDnsHostnames: false })).toThrow(
      "'vpc' has 'dnsHostnamesEnabled' false, must be true, since the private endpoint is found by a name of that network alone",
    );
  });

  test('for a part of a node', () => {
    expect(() => ClusterCapacity.autoMode({ maxGpus: 0.5 })).toThrow(
      "'maxGpus' is 0.5, must be a whole number of at least 0",
    );
    expect(() => ClusterCapacity.managedNodeGroups({ maxGpuNodes: -1 })).toThrow("'maxGpuNodes' is -1, must be");
  });

  test('for a disk that the system fills', () => {
    expect(() => ClusterCapacity.autoMode({ diskSize: Size.gibibytes(10) })).toThrow(
      "'diskSize' is 10 GiB, must be at least 20 GiB",
    );
  });

  test('for more nodes at least than at most', () => {
    expect(() => ClusterCapacity.managedNodeGroups({ minNodes: 3, maxNodes: 2 })).toThrow(
      "'minNodes' is 3 and 'maxNodes' is 2, must be at least 1 and at most 'maxNodes'",
    );
  });
});
