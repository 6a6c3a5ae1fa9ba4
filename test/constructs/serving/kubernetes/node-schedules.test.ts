import { App, Stack, TimeZone, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ModelRegistry } from '../../../../constructs/registry/model-registry';
import { KubernetesModelService } from '../../../../constructs/serving/kubernetes/kubernetes-model-service';
import type { KubernetesModelServiceProps } from '../../../../constructs/serving/kubernetes/kubernetes-model-service-props';
import { Weekday, type AwakeHours } from '../../../../constructs/serving/idle-policy';
import {
  ClusterCapacity,
  type ManagedNodeGroupOptions,
} from '../../../../constructs/serving/kubernetes/cluster-capacity';
import { ServingCluster } from '../../../../constructs/serving/kubernetes/serving-cluster';
import { ENV, kubectlLayer } from './fixture';

const AWAKE: AwakeHours = { from: '07:00', to: '20:00', timeZone: TimeZone.EUROPE_BERLIN };

const FILES = Bucket.fromBucketName(new Stack(), 'Files', 'files');

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, ReturnType<typeof JSON.parse>>;
}

function clusterIn(stack: Stack, options: ManagedNodeGroupOptions) {
  return new ServingCluster(stack, 'Models', {
    vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }),
    kubectlLayer: kubectlLayer(stack),
    capacity: ClusterCapacity.managedNodeGroups(options),
  });
}

function clusterOf(options: ManagedNodeGroupOptions) {
  const stack = new Stack(new App(), 'Cluster', { env: ENV });
  const cluster = clusterIn(stack, options);
  return { stack, cluster, template: Template.fromStack(stack) };
}

/** A schedule as EventBridge Scheduler would do it: what is known at deployment only is written as `<id.attribute>`. */
function schedulesOf(template: Template) {
  return (Object.values(template.findResources('AWS::Scheduler::Schedule')) as Resource[]).map(({ Properties }) => {
    const [, parts] = Properties.Target.Input['Fn::Join'] as [string, unknown[]];
    const text = parts.map(part => (typeof part === 'string' ? part : named(part))).join('');
    const { ClusterName, NodegroupName, ScalingConfig, ...others } = JSON.parse(text) as Record<string, unknown>;
    expect(others).toEqual({});
    return {
      cron: Properties.ScheduleExpression as string,
      zone: Properties.ScheduleExpressionTimezone as string,
      cluster: ClusterName as string,
      group: NodegroupName as string,
      scaling: ScalingConfig as { MinSize: number; DesiredSize: number; MaxSize: number },
      target: Properties.Target,
    };
  });
}

function named(reference: unknown): string {
  const { Ref: ref, 'Fn::GetAtt': attribute } = reference as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return `<${ref ?? attribute?.join('.') ?? ''}>`;
}

/** Logical id of the group of a name. */
function groupId(template: Template, beginning: string): string {
  const ids = Object.keys(template.findResources('AWS::EKS::Nodegroup'));
  return ids.find(id => new RegExp(`NodeGroups${beginning}[0-9A-F]{8}$`).test(id)) ?? '';
}

describe('a cluster whose models have hours', () => {
  const all = { maxSpotNodes: 4, maxGpuNodes: 2, minNodes: 3, maxNodes: 8, awake: AWAKE };

  test('has the nodes that it has at least from before the hours to after them', () => {
    // WHEN
    const { template } = clusterOf({ minNodes: 3, maxNodes: 8, awake: AWAKE });

    // THEN
    const group = `<${groupId(template, 'Cpu')}.NodegroupName>`;
    expect(schedulesOf(template)).toEqual([
      expect.objectContaining({
        cron: 'cron(45 6 ? * MON,TUE,WED,THU,FRI *)',
        zone: 'Europe/Berlin',
        group,
        scaling: { MinSize: 3, DesiredSize: 3, MaxSize: 8 },
      }),
      expect.objectContaining({
        cron: 'cron(30 20 ? * MON,TUE,WED,THU,FRI *)',
        zone: 'Europe/Berlin',
        group,
        scaling: { MinSize: 0, DesiredSize: 0, MaxSize: 1 },
      }),
    ]);
  });

  test('begins again with the sizes of its template, so that a deploy changes nothing', () => {
    const { template } = clusterOf({ minNodes: 3, maxNodes: 8, awake: AWAKE });
    template.hasResourceProperties('AWS::EKS::Nodegroup', { ScalingConfig: schedulesOf(template)[0]?.scaling });
  });

  test('ends the nodes of groups for GPUs and spot too, which the autoscaler begins again', () => {
    // WHEN
    const { template } = clusterOf({ ...all, maxSpotGpuNodes: 5 });

    // THEN
    const of = (beginning: string) =>
      schedulesOf(template)
        .filter(({ group }) => group === `<${groupId(template, beginning)}.NodegroupName>`)
        .map(({ scaling }) => scaling);
    expect(of('Cpu')).toHaveLength(2);
    expect(of('CpuSpot')).toEqual([{ MinSize: 0, DesiredSize: 0, MaxSize: 4 }]);
    expect(of('Gpu')).toEqual([{ MinSize: 0, DesiredSize: 0, MaxSize: 2 }]);
    expect(of('GpuSpot')).toEqual([{ MinSize: 0, DesiredSize: 0, MaxSize: 5 }]);
    expect(schedulesOf(template)).toHaveLength(5);
  });

  test('calls EKS itself, for half an hour where it fails, and keeps what it could not do', () => {
    const { template } = clusterOf(all);
    const [queue] = Object.keys(template.findResources('AWS::SQS::Queue'));
    for (const { target, cluster } of schedulesOf(template)) {
      expect(target.Arn).toEqual({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':scheduler:::aws-sdk:eks:updateNodegroupConfig']],
      });
      expect(target.RetryPolicy.MaximumEventAgeInSeconds).toBe(1800);
      expect(target.DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': [queue, 'Arn'] } });
      expect(Object.keys(template.findResources('AWS::EKS::Cluster')).map(id => `<${id}>`)).toEqual([cluster]);
    }
  });

  test('lets its schedules change the size of these groups and nothing else', () => {
    // WHEN
    const { template } = clusterOf(all);

    // THEN
    const [roleReference] = schedulesOf(template).map(({ target }) => target.RoleArn['Fn::GetAtt'][0] as string);
    const policies = (Object.values(template.findResources('AWS::IAM::Policy')) as Resource[]).filter(
      ({ Properties }) => Properties.Roles[0].Ref === roleReference,
    );
    const statements = policies.flatMap(
      ({ Properties }) =>
        Properties.PolicyDocument.Statement as { Action: string; Resource: unknown; Effect: string }[],
    );
    const resourcesOf = (action: string) =>
      statements.filter(({ Action }) => Action === action).flatMap(({ Resource: resource }) => [resource].flat());
    const arns = ['Cpu', 'CpuSpot', 'Gpu'].map(beginning => ({
      'Fn::GetAtt': [groupId(template, beginning), 'Arn'],
    }));
    const [queue] = Object.keys(template.findResources('AWS::SQS::Queue'));
    expect(resourcesOf('eks:UpdateNodegroupConfig')).toEqual(arns);
    expect(resourcesOf('sqs:SendMessage')).toEqual([{ 'Fn::GetAtt': [queue, 'Arn'] }]);
    expect(new Set(statements.map(({ Action }) => Action))).toEqual(
      new Set(['eks:UpdateNodegroupConfig', 'sqs:SendMessage']),
    );
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': ENV.account } },
          },
        ],
      }),
    });
  });

  test('has an autoscaler that starts no node for pods that lost theirs just now', () => {
    const values = (options: ManagedNodeGroupOptions) => {
      const charts = clusterOf(options).template.findResources('Custom::AWSCDK-EKS-HelmChart', {
        Properties: { Chart: 'cluster-autoscaler' },
      });
      return JSON.stringify(Object.values(charts));
    };
    expect(values({ awake: AWAKE })).toContain('new-pod-scale-up-delay');
    expect(values({})).not.toContain('new-pod-scale-up-delay');
  });

  test('is explained to whoever runs cdk-nag', () => {
    const { stack } = clusterOf(all);
    const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
    const paths = violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath ?? ''}`),
    );
    // the stand-in of a network
    expect(paths.filter(path => !path.includes('Cluster/Vpc/'))).toEqual([]);
  });
});

describe('a model on a cluster with hours', () => {
  function modelWith(props: Partial<KubernetesModelServiceProps>) {
    const stack = new Stack(new App(), 'Model', { env: ENV });
    const names = { environmentName: 'dev', modelName: 'rain' };
    new KubernetesModelService(stack, 'Service', {
      ...names,
      registry: new ModelRegistry(stack, 'Registry', names),
      artifactBucket: Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'),
      cluster: clusterIn(stack, { awake: AWAKE }),
      ...props,
    });
    return Template.fromStack(stack);
  }

  test.each<[string, AwakeHours]>([
    ['the same', AWAKE],
    ['shorter', { ...AWAKE, days: [Weekday.FRIDAY], from: '08:00', to: '19:00' }],
  ])('may be up in %s hours', (_, awake) => {
    expect(() => modelWith({ idle: { awake } })).not.toThrow();
  });

  test.each<[string, Partial<KubernetesModelServiceProps>]>([
    ["'idle.awake' is left out on a cluster without nodes outside of its own 'awake', must lie within it", {}],
    ["'idle.awake' is left out on a cluster without nodes", { idle: {} }],
    [
      "'idle.awake' is from '06:59' to '20:00' on a cluster without nodes outside of its own 'awake', must lie within it (from '07:00' to '20:00', by its days and time zone); or leave 'awake' out of the cluster's capacity",
      { idle: { awake: { ...AWAKE, from: '06:59' } } },
    ],
    ["'idle.awake' is from '07:00' to '20:01' on", { idle: { awake: { ...AWAKE, to: '20:01' } } }],
    ['must lie within it', { idle: { awake: { ...AWAKE, days: [Weekday.SATURDAY] } } }],
    ['must lie within it', { idle: { awake: { ...AWAKE, timeZone: TimeZone.EUROPE_LONDON } } }],
    [
      "'batch' is given on a cluster without nodes outside of its 'awake', must be left out: a Job would lose its nodes",
      { idle: { awake: AWAKE }, batch: { bucket: FILES, inputPrefix: 'in/', outputPrefix: 'out/' } },
    ],
  ])('fails where it could be up without a node: %s', (message, props) => {
    expect(() => modelWith(props)).toThrow(message);
  });
});

describe('nothing is scaled', () => {
  test('without hours', () => {
    const { template } = clusterOf({ maxGpuNodes: 2 });
    template.resourceCountIs('AWS::Scheduler::Schedule', 0);
    template.resourceCountIs('AWS::SQS::Queue', 0);
  });

  test('in hours that leave no hour between them', () => {
    const awake = { ...AWAKE, days: Object.values(Weekday), from: '00:00', to: '23:00' };
    const { cluster, template } = clusterOf({ awake });
    template.resourceCountIs('AWS::Scheduler::Schedule', 0);
    expect(cluster.awake).toBeUndefined();
    expect(JSON.stringify(template.toJSON())).not.toContain('new-pod-scale-up-delay');
  });
});

describe('fails, with the reason and what to do,', () => {
  test.each<[string, Partial<AwakeHours>, string]>([
    [
      'for a time of no clock',
      { from: '7:00' },
      "Cluster/Models: 'capacity.awake.from' is '7:00', must be a time of day",
    ],
    [
      'for an end before the beginning',
      { to: '06:00' },
      "'capacity.awake.to' is '06:00', must be a time of the same day",
    ],
    ['for no day', { days: [] }, "'capacity.awake.days' is [], must name at least one day"],
    ['for a zone that is none', { timeZone: TimeZone.of('Berlin') }, "'capacity.awake.timeZone' is 'Berlin', must be"],
    [
      'for all the week',
      { days: Object.values(Weekday), from: '00:00', to: '24:00' },
      "'capacity.awake' is all the week, must leave time for sleep; leave 'capacity.awake' out for what never sleeps",
    ],
    [
      'for a time that the deployment tells',
      { from: Token.asString({ Ref: 'From' }) },
      "'capacity.awake' is known at deployment only, must be known at synth: the times of nodes are reckoned from it",
    ],
  ])('%s', (_, hours, message) => {
    expect(() => clusterOf({ awake: { ...AWAKE, ...hours } })).toThrow(message);
  });
});
