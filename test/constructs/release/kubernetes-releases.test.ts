import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ModelRegistry } from '../../../constructs/registry/model-registry';
import { ReleaseController } from '../../../constructs/release/release-controller';
import { KubernetesModelService } from '../../../constructs/serving/kubernetes/kubernetes-model-service';
import { ENV, importedCluster } from '../serving/kubernetes/fixture';

/** Releases of an environment with a cluster, and a model of another stack on it. */
function releases() {
  const app = new App();
  const platform = new Stack(app, 'Platform', { env: ENV });
  const artifactBucket = Bucket.fromBucketName(platform, 'Artifacts', 'artifacts');
  const cluster = importedCluster(platform);
  const names = { environmentName: 'dev', modelName: 'rain' };
  const releaseController = new ReleaseController(platform, 'Releases', {
    environmentName: 'dev',
    artifactBucket,
    servingCluster: cluster,
  });
  const model = new Stack(app, 'Model', { env: ENV });
  new KubernetesModelService(model, 'Service', {
    ...names,
    registry: new ModelRegistry(model, 'Registry', names),
    artifactBucket,
    releaseController,
    cluster,
  });
  return { releaseController, platform: Template.fromStack(platform), model: Template.fromStack(model) };
}

interface Policy {
  readonly Properties: { readonly PolicyDocument: { readonly Statement: Statement[] } };
}

interface Statement {
  readonly Action: string | string[];
  readonly Effect: string;
}

/** Access entries by the function whose role they are of. */
function groups(template: Template): Record<string, string[]> {
  const entries = Object.values(template.findResources('AWS::EKS::AccessEntry')) as {
    Properties: { PrincipalArn: { 'Fn::GetAtt': [string, string] }; KubernetesGroups: string[] };
  }[];
  return Object.fromEntries(
    entries.map(({ Properties: { PrincipalArn: arn, KubernetesGroups: all } }) => [
      /StepFunction|Reconciler|Collector|Batches/.exec(arn['Fn::GetAtt'][0])?.[0] ?? arn['Fn::GetAtt'][0],
      all,
    ]),
  );
}

describe('releases of an environment with a cluster', () => {
  test('reach it as those who release, and one function that removes and releases not', () => {
    expect(groups(releases().platform)).toEqual({
      StepFunction: ['mlops-dev-release'],
      Reconciler: ['mlops-dev-release'],
      Collector: ['mlops-dev-collector'],
      Batches: ['mlops-dev-batch'],
    });
  });

  test('come from its network, each function with a security group of its own that lets nobody in', () => {
    const { platform } = releases();
    const functions = Object.values(platform.findResources('AWS::Lambda::Function')) as {
      Properties: { Description: string; VpcConfig?: { SecurityGroupIds: unknown[] } };
    }[];
    const inNetwork = functions.filter(({ Properties: { VpcConfig: config } }) => config !== undefined);
    expect(new Set(inNetwork.map(({ Properties: { VpcConfig: config } }) => JSON.stringify(config))).size).toBe(4);
    expect(inNetwork.map(({ Properties: { Description: text } }) => text.split(' ')[0]).sort()).toEqual([
      'Finishes',
      'Predicts',
      'Removes',
      'Steps',
    ]);
    platform.resourceCountIs('AWS::EC2::SecurityGroup', 4);
    platform.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
  });

  test('leave the interfaces of the network to Lambda, whatever the code of a function asks for', () => {
    const policies = Object.values(releases().platform.findResources('AWS::IAM::Policy')) as Policy[];
    const ofInterfaces = policies.map(({ Properties: { PolicyDocument: document } }) =>
      document.Statement.filter(({ Action }) => [Action].flat().some(action => action.startsWith('ec2:'))),
    );
    const inNetwork = ofInterfaces.filter(statements => statements.length > 0);

    expect(inNetwork).toHaveLength(4);
    for (const statements of inNetwork) {
      const [allowed, denied] = statements;
      expect(statements).toHaveLength(2);
      expect(allowed?.Effect).toBe('Allow');
      // only a request of the code tells from which function it comes
      expect(denied).toEqual({
        Action: allowed?.Action,
        Effect: 'Deny',
        Resource: '*',
        Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      });
    }
  });

  test('tell people when versions are not removed any more', () => {
    releases().platform.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'CollectorHeartbeat',
      Dimensions: [{ Name: 'Environment', Value: 'dev' }],
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
      AlarmActions: [Match.anyValue()],
      AlarmDescription: Match.stringLikeRegexp('could not be removed from all models of mlops-dev on EKS'),
    });
  });

  test('may read the templates of the models, and no other asset', () => {
    const { platform } = releases();
    for (const role of ['StepFunction', 'ReconcilerFunction', 'BatchesFunction']) {
      const [policy] = Object.entries(platform.findResources('AWS::IAM::Policy'))
        .filter(([id]) => id.startsWith(`Releases${role}`))
        .map(([, found]) => JSON.stringify(found));
      expect(policy).toContain(`:s3:::cdk-hnb659fds-assets-${ENV.account}-${ENV.region}/*.json`);
    }
  });

  test('and batches change nothing that serves: their function reads, and that is all', () => {
    const { platform } = releases();
    const [policy] = Object.entries(platform.findResources('AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith('ReleasesBatchesFunction'),
    );
    const { Statement: statements } = (
      policy[1] as { Properties: { PolicyDocument: { Statement: { Action: string | string[] }[] } } }
    ).Properties.PolicyDocument;
    const own = statements
      .flatMap(({ Action: actions }) => actions)
      .filter(action => !/^(ec2|xray|logs):/.test(action));
    expect(own.sort()).toEqual([
      'dynamodb:GetItem',
      's3:GetObject',
      'sagemaker:DescribeModelPackage',
      'ssm:GetParameter',
    ]);
  });

  test('may not ask EKS for the cluster: endpoint and certificate are in the settings', () => {
    expect(JSON.stringify(releases().platform.findResources('AWS::IAM::Policy'))).not.toContain('eks:');
  });

  test('need nothing in the stack of a model', () => {
    releases().model.resourceCountIs('AWS::Lambda::Function', 0);
  });
});

test('releases of an environment without a cluster are in no network, and read no templates', () => {
  const stack = new Stack(new App(), 'Platform', { env: ENV });
  const artifactBucket = Bucket.fromBucketName(stack, 'Artifacts', 'artifacts');
  const controller = new ReleaseController(stack, 'Releases', { environmentName: 'dev', artifactBucket });
  const template = Template.fromStack(stack);
  template.allResourcesProperties('AWS::Lambda::Function', { VpcConfig: Match.absent() });
  template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  expect(controller.templateReaders).toEqual([]);
});
