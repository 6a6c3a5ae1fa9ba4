import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Duration, Lazy, Size } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { InferenceLog } from '../../../../constructs/data/inference-log';
import { ReleaseController } from '../../../../constructs/release/release-controller';
import {
  type KubernetesModelServiceProps,
  ModelDelivery,
} from '../../../../constructs/serving/kubernetes/kubernetes-model-service-props';
import type { ServingClusterAttributes } from '../../../../constructs/serving/kubernetes/serving-cluster-props';
import { ShiftPolicy } from '../../../../constructs/serving/shift-policy';
import { anyServingSettings, eksServingSettings, type EksServingSettings } from '../../../../lambda/shared/contracts';
import { type Manifest, manifests, modelService, object, text } from './fixture';
import { inlineRights } from '../../../support/inline-rights';

function settings(template: Template): EksServingSettings {
  const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter'));
  return eksServingSettings.parse(JSON.parse(text((parameter as Manifest).Properties.Value)));
}

/** The template of versions as it lies in the assembly. */
function versionTemplate({ app, template }: ReturnType<typeof modelService>): string {
  const { key } = settings(template()).template;
  return readFileSync(join(app.synth().directory, `asset.${key}`), 'utf8');
}

describe('the template', () => {
  test('names no version and holds no object of one', () => {
    const kinds = manifests(modelService().template()).map(({ kind }) => kind as string);
    expect([...kinds].sort()).toEqual([
      'LimitRange',
      'Namespace',
      'NetworkPolicy',
      'NetworkPolicy',
      'ResourceQuota',
      'Role',
      'Role',
      'RoleBinding',
      'RoleBinding',
      'ServiceAccount',
    ]);
  });

  test('adds no function and no state machine to a model', () => {
    const template = modelService().template();
    template.resourceCountIs('AWS::Lambda::Function', 0);
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
  });

  test('gives kubectl one object at a time, since its prune forgets policies and rights', () => {
    const resources = modelService().template().findResources('Custom::AWSCDK-EKS-KubernetesResource');
    for (const resource of Object.values(resources) as Manifest[]) {
      expect(JSON.parse(text(resource.Properties.Manifest))).toHaveLength(1);
      expect(resource.Properties.PruneLabel).toBeUndefined();
    }
  });

  test('has logical ids that do not change', () => {
    const ids = Object.keys(modelService().template().toJSON().Resources as object)
      .filter(id => id.startsWith('Service'))
      .map(id => id.slice(0, -8));
    expect(ids.sort()).toEqual([
      'ServiceGuardrailLatency',
      'ServiceGuardrailModelErrors',
      'ServiceGuardrailServerErrors',
      'ServiceNamespace',
      'ServiceNamespaceCollectorRole',
      'ServiceNamespaceCollectorRoleBinding',
      'ServiceNamespaceDefaultDeny',
      'ServiceNamespaceLimitRange',
      'ServiceNamespaceModelServerTraffic',
      'ServiceNamespaceQuota',
      'ServiceNamespaceReleaseRole',
      'ServiceNamespaceReleaseRoleBinding',
      'ServiceNamespaceServiceAccount',
      'ServiceRole',
      'ServiceRoleAssociation',
      'ServiceSettings',
    ]);
  });

  test('takes the settings away first, then what is in the namespace, then the namespace, then its role', () => {
    const resources = modelService().template().toJSON().Resources as Record<string, Manifest>;
    const [idOf, dependsOn] = [
      (prefix: string) => Object.keys(resources).find(id => id.slice(0, -8) === prefix) ?? '',
      (prefix: string) =>
        (Object.entries(resources).find(([id]) => id.slice(0, -8) === prefix)?.[1].DependsOn ?? []) as string[],
    ];
    expect(dependsOn('ServiceSettings')).toContain(idOf('ServiceNamespaceModelServerTraffic'));
    expect(dependsOn('ServiceNamespaceModelServerTraffic')).toContain(idOf('ServiceNamespace'));
    expect(dependsOn('ServiceNamespace')).toContain(idOf('ServiceRole'));
  });
});

describe('the settings', () => {
  test('have the agreed shape and are told from those of the other target', () => {
    const written = settings(modelService().template());
    expect(anyServingSettings.parse(written).target).toBe('eks');
    expect(written).toMatchObject({
      modelPackageGroupName: 'mlops-dev-rain',
      cluster: { name: 'models', certificateAuthorityData: 'LS0tLS1CRUdJTg==' },
      namespace: 'mlops-dev-rain',
      environment: { AWS_REGION: 'eu-west-1', METRIC_NAMESPACE: 'MLOps/Serving/dev/rain' },
      port: 8080,
      traffic: {
        type: 'gateway',
        routeName: 'rain',
        gatewayName: 'mlops',
        gatewayNamespace: 'mlops-gateway',
        pathPrefix: '/v2/models/rain',
      },
      minReplicas: 1,
      readyTimeoutSeconds: 900,
      shift: { type: 'ALL_AT_ONCE', waitSeconds: 300 },
    });
    expect(written.guardrailAlarmNames).toHaveLength(3);
  });

  test('name the template of versions by its bytes', () => {
    const made = modelService();
    const digest = createHash('sha256').update(versionTemplate(made)).digest('hex');
    expect(settings(made.template()).template.digest).toBe(digest);
  });

  test('flip a Service where there is no gateway, and name it to callers', () => {
    const { service, template } = modelService({}, { gateway: undefined });
    expect(settings(template()).traffic).toEqual({ type: 'selector', serviceName: 'rain' });
    expect(service.serviceName).toBe('rain');
    expect(modelService().service.serviceName).toBeUndefined();
  });

  test('tell the models of environments at one gateway apart by a name', () => {
    const named = { name: 'mlops', namespace: 'mlops-gateway', hostname: 'models.dev.example' };
    expect(settings(modelService({}, { gateway: named }).template()).traffic).toMatchObject({
      hostname: 'models.dev.example',
    });
    expect(settings(modelService().template()).traffic).not.toHaveProperty('hostname');
  });

  test.each([
    ['prod', {}, 2],
    ['dev', { replicas: 3 }, 3],
    ['dev', { autoScaling: { minReplicas: 2, maxReplicas: 5, targetCpuPercent: 60 } }, 2],
  ])('in %s with %j wait for %i pods', (environmentName, props, expected) => {
    expect(settings(modelService({ environmentName, ...props }).template()).minReplicas).toBe(expected);
  });
});

describe('the namespace', () => {
  test('admits restricted pods only, by the rules of the version of the cluster', () => {
    const { labels } = object(
      manifests(modelService({}, { kubernetesVersion: '1.34' }).template()),
      'Namespace',
    ).metadata;
    for (const mode of ['enforce', 'audit', 'warn']) {
      expect(labels[`pod-security.kubernetes.io/${mode}`]).toBe('restricted');
      expect(labels[`pod-security.kubernetes.io/${mode}-version`]).toBe('v1.34');
    }
  });

  test("lets the environment's release function make versions, and its collector remove them, and no other's", () => {
    const all = manifests(modelService().template());
    const verbs = (name: string) => [
      ...new Set((object(all, 'Role', name).rules as Manifest[]).flatMap(rule => rule.verbs as string[])),
    ];
    expect(verbs('release').sort()).toEqual(['create', 'get', 'list', 'patch']);
    expect(verbs('collector').sort()).toEqual(['delete', 'get', 'list']);
    for (const rule of (object(all, 'Role', 'release').rules as Manifest[]).flatMap(
      each => each.resources as string[],
    )) {
      expect(['secrets', 'configmaps', 'roles', 'serviceaccounts', '*']).not.toContain(rule);
    }
    expect(object(all, 'RoleBinding', 'release').subjects).toEqual([
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'mlops-dev-release' },
    ]);
  });

  test('denies all traffic but what a model server needs', () => {
    const all = manifests(modelService({ clientNamespaces: ['shop'] }).template());
    expect(object(all, 'NetworkPolicy', 'default-deny').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    const { ingress, egress } = object(all, 'NetworkPolicy', 'model-server').spec;
    expect(ingress).toEqual([
      {
        from: [
          { ipBlock: { cidr: '10.0.0.0/16' } },
          {
            namespaceSelector: {
              matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop', 'keda'] }],
            },
          },
        ],
        ports: [{ protocol: 'TCP', port: 8080 }],
      },
    ]);
    const callers = object(
      manifests(modelService({}, { callerCidrs: ['10.0.7.0/24'] }).template()),
      'NetworkPolicy',
      'model-server',
    ).spec.ingress[0].from as Manifest[];
    expect(callers.filter(({ ipBlock }) => ipBlock !== undefined)).toEqual([{ ipBlock: { cidr: '10.0.7.0/24' } }]);
    expect(
      (egress as Manifest[]).flatMap(({ ports }) => ports as Manifest[]).map(({ port }) => port as number),
    ).toEqual([53, 53, 443, 80]);
  });

  test('has room for the version that serves, the last good one, the next, and the one before until it is collected', () => {
    const autoScaling = { maxReplicas: 4, targetRequestsInFlight: 8 };
    const all = manifests(modelService({ autoScaling, cpu: 2, memory: Size.gibibytes(4), gpus: 1 }).template());
    expect(object(all, 'ResourceQuota').spec.hard).toEqual({
      pods: '20',
      'requests.cpu': '40000m',
      'requests.memory': '81920Mi',
      'limits.memory': '81920Mi',
      'requests.nvidia.com/gpu': '20',
      'services.loadbalancers': '0',
      'services.nodeports': '0',
    });
  });
});

describe('the role of the pods', () => {
  test("is for the model's service account alone", () => {
    const condition = {
      StringEquals: {
        'aws:RequestTag/eks-cluster-name': 'models',
        'aws:RequestTag/kubernetes-namespace': 'mlops-dev-rain',
        'aws:RequestTag/kubernetes-service-account': 'model-server',
      },
    };
    const template = modelService().template();
    template.hasResourceProperties('AWS::IAM::Role', {
      Path: '/mlops/dev/',
      AssumeRolePolicyDocument: {
        Statement: ['sts:AssumeRole', 'sts:TagSession'].map(Action => ({
          Action,
          Effect: 'Allow',
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Condition: condition,
        })),
      },
    });
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      ClusterName: 'models',
      Namespace: 'mlops-dev-rain',
      ServiceAccount: 'model-server',
    });
  });

  test("reads the model's artifacts, writes its log, puts metrics in its namespace, and nothing else", () => {
    const { stack } = modelService();
    const inferenceLog = InferenceLog.fromInferenceLogAttributes(stack, 'Log', {
      streamName: 'rain-log',
      tableName: 'rain',
      labelsTableName: 'labels',
    });
    const statements = inlineRights(modelService({ inferenceLog }).template());
    expect(statements.map(({ Action, Resource, Condition }) => [Action, text(Resource), Condition])).toEqual([
      ['s3:GetObject', 'arn:<AWS::Partition>:s3:::artifacts/rain/*', undefined],
      ['firehose:PutRecordBatch', expect.stringMatching(/deliverystream\/rain-log$/), undefined],
      ['cloudwatch:PutMetricData', '*', { StringEquals: { 'cloudwatch:namespace': 'MLOps/Serving/dev/rain' } }],
    ]);
  });
});

describe('the guardrail alarms', () => {
  test.each([
    ['Invocation5XXErrors', 'Average', 0.05],
    ['InvocationModelErrors', 'Average', 0.25],
    ['ModelLatency', undefined, 1_000_000],
  ])('watch %s as on SageMaker', (metric, statistic, threshold) => {
    modelService()
      .template()
      .hasResourceProperties('AWS::CloudWatch::Alarm', {
        Namespace: 'MLOps/Serving/dev/rain',
        MetricName: metric,
        Dimensions: [{ Name: 'Model', Value: 'rain' }],
        Threshold: threshold,
        ...(statistic === undefined ? { ExtendedStatistic: 'p99' } : { Statistic: statistic }),
        TreatMissingData: 'notBreaching',
      });
  });

  test('warn when the bake is too short for them to go off', () => {
    const { stack } = modelService({ shift: ShiftPolicy.allAtOnce({ bakeTime: Duration.minutes(1) }) });
    Annotations.fromStack(stack).hasWarning('/Model/Service', Match.stringLikeRegexp("wait of 'shift' is 1 minute"));
  });
});

test('whoever is granted it reads the template of versions, and no other object of the bucket', () => {
  const { stack, service, template } = modelService();
  service.grantReadTemplates(Role.fromRoleArn(stack, 'Step', 'arn:aws:iam::000000000000:role/step'));
  const { bucket, key } = settings(template()).template;
  const policies = Object.values(template().findResources('AWS::IAM::Policy')) as Manifest[];
  const [statement] = policies.find(({ Properties }) => (Properties.Roles as string[]).includes('step'))?.Properties
    .PolicyDocument.Statement as Manifest[];
  expect(statement?.Action).toBe('s3:GetObject');
  expect(text(statement?.Resource)).toBe(`arn:<AWS::Partition>:s3:::${bucket}/${key}`);
});

type Props = Partial<KubernetesModelServiceProps>;
type Cluster = Partial<ServingClusterAttributes>;

describe('fails, with the reason and what to do,', () => {
  test.each<[string, Props, Cluster, string]>([
    [
      'for a canary without a gateway',
      { shift: ShiftPolicy.canary({ percent: 10 }) },
      { gateway: undefined },
      "'shift' is CANARY, but the cluster has no gateway, and a Service sends all requests to one version or none: give the cluster a 'gateway', or use 'ShiftPolicy.allAtOnce()'",
    ],
    [
      'for one pod in production',
      { environmentName: 'prod', replicas: 1 },
      {},
      "'replicas' is 1 in 'prod', must be a whole number of at least 2, so that the loss of an availability zone leaves a pod",
    ],
    [
      'for a floor of one in production',
      { environmentName: 'prod', autoScaling: { minReplicas: 1, maxReplicas: 4, targetCpuPercent: 50 } },
      {},
      "'autoScaling.minReplicas' is 1 in 'prod', must be a whole number of at least 2",
    ],
    [
      'for scaling to zero',
      { autoScaling: { minReplicas: 0, maxReplicas: 4, targetCpuPercent: 50 } },
      {},
      "'autoScaling.minReplicas' is 0, must be a whole number of at least 1, since nothing holds a request until a pod is there",
    ],
    [
      'for a number of pods with two owners',
      { replicas: 3, autoScaling: { minReplicas: 2, maxReplicas: 4, targetCpuPercent: 50 } },
      {},
      "'replicas' is 3 beside 'autoScaling.minReplicas' 2, must not both be given: the number of pods has one owner, leave 'replicas' out",
    ],
    [
      'for fewer pods at most than at least',
      { autoScaling: { minReplicas: 3, maxReplicas: 2, targetCpuPercent: 50 } },
      {},
      "'autoScaling.maxReplicas' is 2, must be a whole number of at least 'minReplicas' (3)",
    ],
    [
      'for two autoscalers at one deployment',
      { autoScaling: { maxReplicas: 2, targetCpuPercent: 50, targetRequestsInFlight: 4 } },
      {},
      "'autoScaling' has a target of processor time beside others, must have 'targetRequestsInFlight', 'targetLatency' or both, or 'targetCpuPercent' alone",
    ],
    ['for scaling without a target', { autoScaling: { maxReplicas: 2 } }, {}, "'autoScaling' has no target"],
    [
      'for a target that nobody reads',
      { autoScaling: { maxReplicas: 2, targetRequestsInFlight: 4 } },
      { kedaNamespace: undefined },
      "'autoScaling' has a target that KEDA must read, but the cluster has no KEDA",
    ],
    [
      'for processor time that nobody measures',
      { autoScaling: { maxReplicas: 2, targetCpuPercent: 50 } },
      { metricsServer: false },
      "'autoScaling.targetCpuPercent' is given, but the cluster has no metrics server",
    ],
    [
      'for a target of nothing',
      { autoScaling: { maxReplicas: 2, targetLatency: Duration.seconds(0) } },
      {},
      "'autoScaling.targetLatency' is 0, must be more than 0",
    ],
    [
      'for GPUs without a pool',
      { gpus: 1 },
      { gpuPool: false },
      "'gpus' is 1, but the cluster has no pool of them: give it 'gpuPool', or leave 'gpus' out",
    ],
    ['for a part of a GPU', { gpus: 0.5 }, {}, "'gpus' is 0.5, must be a whole number of at least 0"],
    [
      'for spot without capacity',
      { spot: true },
      { spotPool: false },
      "'spot' is true, but the cluster has no spot capacity",
    ],
    [
      'for a request over its limit',
      { cpu: 2, cpuLimit: 1 },
      {},
      "'cpuLimit' is 1, must be at least 'cpu' (2): Kubernetes refuses a request over its limit",
    ],
    ['for no processor', { cpu: 0 }, {}, "'cpu' is 0, must be more than 0 and a multiple of 0.001"],
    ['for a part of a thousandth', { cpu: 0.0005 }, {}, "'cpu' is 0.0005, must be more than 0 and a multiple of 0.001"],
    [
      'for memory that the server alone takes',
      { memory: Size.mebibytes(64) },
      {},
      "'memory' is 64 MiB, must be at least 256 MiB",
    ],
    [
      'for an image volume on an old cluster',
      { modelDelivery: ModelDelivery.IMAGE_VOLUME },
      { kubernetesVersion: '1.34' },
      "'modelDelivery' is 'IMAGE_VOLUME' on Kubernetes 1.34, which does not mount images without a switch, must be on 1.35 or newer; use 'ModelDelivery.FETCH'",
    ],
    [
      'for a load of hours',
      { modelLoadTime: Duration.hours(2) },
      {},
      "'modelLoadTime' is 7200, must be from 1 to 3600",
    ],
    [
      'for a name that is too long for Kubernetes',
      { modelName: 'a'.repeat(28) },
      {},
      "'modelName' has 28 characters, must have at most 27",
    ],
    ['for a client that is no namespace', { clientNamespaces: ['Shop'] }, {}, "'clientNamespaces' is 'Shop', must be"],
    ['for a share over one', { maxServerErrorRate: 5 }, {}, "'maxServerErrorRate' is 5, must be from 0 to 1"],
    [
      'for a latency that no answer has',
      { maxLatency: Duration.millis(0) },
      {},
      "'maxLatency' is 0 ms, must be more than 0, or every release goes back",
    ],
  ])('%s', (_, props, attributes, message) => {
    expect(() => modelService(props, attributes)).toThrow(message);
  });

  test('for a name that is known at deployment only, which no file of the assembly can hold', () => {
    expect(() => modelService({ modelName: Lazy.string({ produce: () => 'rain' }) })).toThrow(
      'the template of versions holds a value that is known at deployment only, must be known at synth',
    );
  });

  test('for a controller that is let into no cluster', () => {
    const { stack } = modelService();
    const releaseController = new ReleaseController(stack, 'Elsewhere', {
      environmentName: 'dev',
      artifactBucket: Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'),
    });
    expect(() => modelService({ releaseController })).toThrow(
      "'releaseController' is one without access to a cluster, must be made with the 'servingCluster' on which the model serves",
    );
  });

  test('and tells all of it at once', () => {
    expect(() => modelService({ cpu: 0, gpus: -1 })).toThrow(/Model\/Service: 'cpu' is 0.*; 'gpus' is -1/);
  });
});

test('a controller of its own is made where none is given', () => {
  const { service } = modelService({ releaseController: undefined });
  expect(service.releaseController.node.path).toBe('Model/Service/ReleaseController');
});
