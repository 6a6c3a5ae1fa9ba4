import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DataLake } from '../../../constructs/data/data-lake';
import { ReleaseController } from '../../../constructs/release/release-controller';
import type { ReleaseControllerProps } from '../../../constructs/release/release-controller-props';
import { RELEASE_METRIC_NAMES, RELEASE_METRIC_NAMESPACE } from '../../../lambda/shared/contracts';
import { definitionOf } from '../../support/state-machine';

function controller(props: Partial<ReleaseControllerProps> = {}) {
  const stack = new Stack(new App(), 'Platform', { env: { account: '000000000000', region: 'eu-west-1' } });
  const artifactBucket = new Bucket(stack, 'Artifacts');
  const releases = new ReleaseController(stack, 'Releases', { environmentName: 'local', artifactBucket, ...props });
  return { stack, releases, template: () => Template.fromStack(stack) };
}

/** Statements of the policies of the function whose logical id begins so. */
function statementsOf(template: Template, role: string): Record<string, unknown>[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(role))
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: Record<string, unknown>[] } } }).Properties
          .PolicyDocument.Statement,
    );
}

function actionsOf(statements: Record<string, unknown>[]): string[] {
  return statements.flatMap(statement => [statement.Action].flat() as string[]);
}

describe('a controller that compares shadows', () => {
  test('reads inference logs and metrics, and one that does not reads neither', () => {
    // GIVEN
    const lakeOf = (stack: Stack) => new DataLake(stack, 'Lake', { environmentName: 'local' });
    const comparing = new Stack(new App(), 'Comparing');
    const artifactBucket = new Bucket(comparing, 'Artifacts');
    const plain = controller();

    // WHEN
    const releases = new ReleaseController(comparing, 'Releases', {
      environmentName: 'local',
      artifactBucket,
      shadowDataLake: lakeOf(comparing),
    });

    // THEN
    const without = actionsOf(statementsOf(plain.template(), 'ReleasesStepFunction'));
    const added = actionsOf(statementsOf(Template.fromStack(comparing), 'ReleasesStepFunction')).filter(
      action => !without.includes(action),
    );
    expect([releases.canShadow, plain.releases.canShadow]).toEqual([true, false]);
    expect(added.filter(action => /^(athena|cloudwatch|glue):/.test(action)).sort()).toEqual([
      'athena:GetDataCatalog',
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'cloudwatch:GetMetricData',
      'glue:GetDatabase',
      'glue:GetDatabase',
      'glue:GetTable',
    ]);
    expect(without.filter(action => action.startsWith('athena:'))).toEqual([]);
  });
});

describe('a controller that starts endpoints under keys', () => {
  test('lets SageMaker have grants of those keys, and one without keys lets it have none', () => {
    // GIVEN
    const stack = new Stack(new App(), 'Encrypting');
    const key = new Key(stack, 'Key');

    // WHEN
    const releases = new ReleaseController(stack, 'Releases', {
      environmentName: 'local',
      artifactBucket: new Bucket(stack, 'Artifacts'),
      endpointKeys: [key],
    });

    // THEN
    expect(releases.endpointKeys).toEqual([key]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 'kms:CreateGrant',
            Effect: 'Allow',
            Resource: stack.resolve(key.keyArn) as object,
            Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          },
        ]),
      },
    });
    expect(actionsOf(statementsOf(controller().template(), 'ReleasesStepFunction'))).not.toContain('kms:CreateGrant');
  });
});

describe('artifacts under a key of their own', () => {
  test('are read with it, whatever key the ledger has', () => {
    // GIVEN
    const stack = new Stack(new App(), 'Team');
    const key = new Key(stack, 'Key');

    // WHEN
    new ReleaseController(stack, 'Releases', {
      environmentName: 'local',
      artifactBucket: new Bucket(stack, 'Artifacts', { encryptionKey: key }),
    });

    // THEN
    expect(statementsOf(Template.fromStack(stack), 'ReleasesStepFunction')).toContainEqual({
      Action: 'kms:Decrypt',
      Effect: 'Allow',
      Resource: stack.resolve(key.keyArn) as object,
    });
  });
});

describe('the ledger', () => {
  test('is kept, protected and recoverable', () => {
    const template = controller().template();
    template.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      Properties: {
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          }),
        ],
      },
    });
  });

  test('stays although told once that it may go, with a warning', () => {
    const { stack, template } = controller({ removalPolicy: RemovalPolicy.DESTROY });
    template().hasResource('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'Retain' });
    Annotations.fromStack(stack).hasWarning('/Platform/Releases', Match.stringLikeRegexp("set 'deleteData' to true"));
  });

  test('goes when told twice', () => {
    controller({ removalPolicy: RemovalPolicy.DESTROY, deleteData: true })
      .template()
      .hasResource('AWS::DynamoDB::GlobalTable', {
        DeletionPolicy: 'Delete',
        Properties: { Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })] },
      });
  });

  test('is encrypted under the key that is given', () => {
    const { stack, template } = controller();
    const key = new Key(stack, 'Key');
    new ReleaseController(stack, 'Encrypted', {
      environmentName: 'local',
      artifactBucket: Bucket.fromBucketName(stack, 'Imported', 'artifacts'),
      encryptionKey: key,
    });
    template().hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
  });
});

describe('notifications', () => {
  test('go over TLS only, to the addresses that are given', () => {
    const template = controller({ emailAddresses: ['oncall@example.com'] }).template();
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'oncall@example.com' });
  });

  test('go to the topic that is given', () => {
    const { stack, template } = controller();
    const topic = new Topic(stack, 'Topic');
    const releases = new ReleaseController(stack, 'Other', {
      environmentName: 'local',
      artifactBucket: Bucket.fromBucketName(stack, 'Imported', 'artifacts'),
      notificationTopic: topic,
    });
    expect(releases.notificationTopic).toBe(topic);
    template().resourceCountIs('AWS::SNS::Topic', 2);
  });
});

describe('the release function', () => {
  const statements = () => statementsOf(controller().template(), 'ReleasesStepFunctionRole');

  test('knows what it works with', () => {
    controller({ pollInterval: Duration.seconds(1) })
      .template()
      .hasResourceProperties('AWS::Lambda::Function', {
        Environment: {
          Variables: {
            ENVIRONMENT: 'local',
            LEDGER_TABLE: Match.anyValue(),
            NOTIFICATION_TOPIC_ARN: Match.anyValue(),
            MODEL_PACKAGE_ARN_PREFIX: Match.anyValue(),
            POLL_SECONDS: '1',
          },
        },
      });
  });

  test('may reject a version, not approve one', () => {
    expect(statements()).toContainEqual(
      expect.objectContaining({
        Action: 'sagemaker:UpdateModelPackage',
        Condition: { StringEqualsIfExists: { 'sagemaker:ModelApprovalStatus': 'Rejected' } },
      }),
    );
  });

  test('passes only the roles of this environment, only to SageMaker', () => {
    expect(statements()).toContainEqual(
      expect.objectContaining({
        Action: 'iam:PassRole',
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::000000000000:role/mlops/local/*']] },
      }),
    );
  });

  test('touches the endpoints of this environment only', () => {
    const endpoint = statements().find(statement => [statement.Action].flat().includes('sagemaker:UpdateEndpoint'));
    expect(JSON.stringify(endpoint?.Resource)).toContain(':endpoint/mlops-local-*');
    expect(JSON.stringify(endpoint?.Resource)).not.toContain('"*"');
  });

  test('deletes nothing from the ledger', () => {
    const actions = actionsOf(statements());
    expect(actions.filter(action => action.startsWith('dynamodb:'))).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ]);
  });
});

describe('the cleanup function', () => {
  test('may delete what releases made, and nothing that was registered or stored', () => {
    const actions = actionsOf(statementsOf(controller().template(), 'ReleasesCleanupFunctionRole'));
    expect(actions.filter(action => !/^(xray|logs):/.test(action))).toEqual([
      'sagemaker:DescribeEndpoint',
      'sagemaker:DeleteEndpoint',
      'sagemaker:DeleteEndpointConfig',
      'sagemaker:DeleteModel',
      'sagemaker:ListEndpointConfigs',
      'sagemaker:ListModels',
      'application-autoscaling:DeregisterScalableTarget',
      'application-autoscaling:DescribeScalableTargets',
      'cloudwatch:DeleteAlarms',
    ]);
  });
});

describe('scaling', () => {
  const allowing = (action: string): Record<string, unknown>[] =>
    statementsOf(controller().template(), 'ReleasesStepFunctionRole').filter(statement =>
      actionsOf([statement]).includes(action),
    );

  test('is allowed of endpoint variants alone: a scalable target has no name that a policy could give', () => {
    controller()
      .template()
      .hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: [
                'application-autoscaling:RegisterScalableTarget',
                'application-autoscaling:PutScalingPolicy',
                'application-autoscaling:DeregisterScalableTarget',
              ],
              Condition: {
                StringEquals: {
                  'application-autoscaling:service-namespace': 'sagemaker',
                  'application-autoscaling:scalable-dimension': 'sagemaker:variant:DesiredInstanceCount',
                },
              },
            }),
          ]),
        },
      });
  });

  test("touches the alarms of this environment's variants alone", () => {
    const alarms = allowing('cloudwatch:PutMetricAlarm');
    expect(alarms).toHaveLength(1);
    expect(JSON.stringify(alarms[0]?.Resource)).toContain(':alarm:TargetTracking-endpoint/mlops-local-*');
  });

  test('may make the role in whose name AWS scales, and no other', () => {
    expect(allowing('iam:CreateServiceLinkedRole').map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'iam:AWSServiceName': 'sagemaker.application-autoscaling.amazonaws.com' } },
    ]);
  });
});

describe('an approval', () => {
  test('of a version of any model of the environment starts a release', () => {
    controller()
      .template()
      .hasResourceProperties('AWS::Events::Rule', {
        EventPattern: {
          source: ['aws.sagemaker'],
          'detail-type': ['SageMaker Model Package State Change'],
          detail: { ModelPackageGroupName: [{ prefix: 'mlops-local-' }], ModelApprovalStatus: ['Approved'] },
        },
        Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ReleasesApprovalsFunction'), 'Arn'] } }],
      });
  });
});

describe('the approval function', () => {
  test('keeps what it could not turn into a release, and an alarm tells of it', () => {
    const template = controller().template();
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Releases'), 'Arn'] } } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^ReleasesNotifications') }],
    });
  });
});

describe('the topic', () => {
  test('warns when nobody listens to it', () => {
    const warnings = (props: Partial<ReleaseControllerProps>): unknown[] =>
      Annotations.fromStack(controller(props).stack).findWarning('*', Match.stringLikeRegexp('nobody is told'));
    expect(warnings({})).toHaveLength(1);
    expect(warnings({ emailAddresses: ['oncall@example.com'] })).toEqual([]);
  });

  test('lets the alarms of this account publish, which enforced TLS alone would keep out', () => {
    controller()
      .template()
      .hasResourceProperties('AWS::SNS::TopicPolicy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: 'sns:Publish',
              Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
            }),
          ]),
        },
      });
  });
});

describe('the release machine', () => {
  test('logs everything and is traced', () => {
    controller()
      .template()
      .hasResourceProperties('AWS::StepFunctions::StateMachine', {
        LoggingConfiguration: Match.objectLike({ Level: 'ALL' }),
        TracingConfiguration: { Enabled: true },
      });
  });

  test('has a way on from each step that ends with an error, and it leads to people', () => {
    const { States: states } = definitionOf(controller().stack);
    const tasks = Object.entries(states).filter(([, state]) => state?.Type === 'Task');
    expect(tasks).toHaveLength(14);
    for (const [, state] of tasks) expect(state?.Catch).toHaveLength(1);
    expect(Object.fromEntries(tasks.map(([name, state]) => [name, state?.Catch?.[0]?.Next]))).toEqual({
      Hold: 'Tell',
      Acquire: 'Finish',
      Eligible: 'Undo',
      Sleep: 'Undo',
      Prepare: 'Undo',
      Shadow: 'Undo',
      Shift: 'Undo',
      Settle: 'Undo',
      Verify: 'Undo',
      Record: 'Undo',
      Conclude: 'Finish',
      Undo: 'Finish',
      Finish: 'Tell',
      Tell: 'NotTold',
    });
  });
});

describe('grants, metrics, imports', () => {
  test('lives longer than the longest release that its settings allow, and its way back', () => {
    const template = controller().template();
    const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
    const limit = Number(/\\?"TimeoutSeconds\\?":(\d{5,})/.exec(JSON.stringify(machine))?.[1]);
    const shadow = Duration.hours(24).plus(Duration.hours(1));
    const shift = Duration.hours(8);

    expect(limit).toBeGreaterThan(shadow.plus(shift).plus(shift).toSeconds());
  });

  test('grantRelease lets somebody start executions', () => {
    const { stack, releases, template } = controller();
    releases.grantRelease(new Role(stack, 'Person', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    expect(actionsOf(statementsOf(template(), 'PersonDefaultPolicy'))).toEqual(['states:StartExecution']);
  });

  test('metrics are those of the machine', () => {
    const { releases } = controller();
    expect(releases.metricFailed().metricName).toBe('ExecutionsFailed');
    expect(releases.metricSucceeded().metricName).toBe('ExecutionsSucceeded');
    expect(releases.metricTime().metricName).toBe('ExecutionTime');
  });

  test('an imported controller is as good as the one it stands for', () => {
    const { stack, releases } = controller();
    const imported = ReleaseController.fromReleaseControllerAttributes(stack, 'Imported', releases);
    expect(imported.cleanupServiceToken).toBe(releases.cleanupServiceToken);
    expect(imported.stateMachine).toBe(releases.stateMachine);
  });
});

describe('fails', () => {
  test('on an environment that no name can hold', () => {
    expect(() => controller({ environmentName: 'My_Env' })).toThrow(
      /^Platform\/Releases: 'environmentName' is 'My_Env', must be/,
    );
  });

  test('on a key in a stack of no region, in words that say what to do', () => {
    const stack = new Stack(new App(), 'Agnostic');
    const artifactBucket = new Bucket(stack, 'Artifacts');
    const encryptionKey = new Key(stack, 'Key');
    expect(
      () => new ReleaseController(stack, 'Releases', { environmentName: 'local', artifactBucket, encryptionKey }),
    ).toThrow("Agnostic/Releases: 'encryptionKey' is given in a stack whose region is not known, must be in one");
  });

  test('on an address that is named twice', () => {
    expect(() => controller({ emailAddresses: ['a@example.com', 'b@example.com', 'a@example.com'] })).toThrow(
      "'emailAddresses' has 'a@example.com' twice, must name each once",
    );
  });

  test('on a poll interval outside of what makes sense', () => {
    expect(() => controller({ pollInterval: Duration.minutes(2) })).toThrow(
      "'pollInterval' is 120, must be from 1 to 60",
    );
  });
});

describe('the reconciler', () => {
  test('looks at all models every five minutes, or as often as is said', () => {
    const scheduled = (props: Partial<ReleaseControllerProps>): unknown =>
      Object.values(controller(props).template().findResources('AWS::Scheduler::Schedule')).map(
        schedule => (schedule as { Properties: { ScheduleExpression: string } }).Properties.ScheduleExpression,
      );
    expect(scheduled({})).toEqual(['rate(5 minutes)']);
    expect(scheduled({ reconcileInterval: Duration.minutes(1) })).toEqual(['rate(1 minute)']);
  });

  test('makes, moves and deletes no version: it looks, asks the machine, tells, and tends the capacity', () => {
    const statements = statementsOf(controller().template(), 'ReleasesReconcilerFunctionRole');
    expect(actionsOf(statements).filter(action => !/^(xray|logs):/.test(action))).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'sns:Publish',
      'states:StartExecution',
      'sagemaker:DescribeEndpoint',
      'sagemaker:DescribeEndpointConfig',
      // a warm standby ends, and scaling follows the settings
      'sagemaker:UpdateEndpointWeightsAndCapacities',
      'application-autoscaling:RegisterScalableTarget',
      'application-autoscaling:PutScalingPolicy',
      'application-autoscaling:DeregisterScalableTarget',
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:DescribeScalingPolicies',
      'cloudwatch:PutMetricAlarm',
      'cloudwatch:DeleteAlarms',
      'cloudwatch:DescribeAlarms',
      'iam:CreateServiceLinkedRole',
      'ssm:GetParameter',
      'cloudwatch:PutMetricData',
    ]);
  });

  test('tells of models that drifted, and of its own silence', () => {
    const template = controller().template();
    const names = { Namespace: RELEASE_METRIC_NAMESPACE, Dimensions: [{ Name: 'Environment', Value: 'local' }] };
    const [drifted, heartbeat] = RELEASE_METRIC_NAMES;
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...names,
      MetricName: drifted,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [Match.anyValue()],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...names,
      MetricName: heartbeat,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
      AlarmActions: [Match.anyValue()],
    });
  });

  test('fails at an interval at which nothing is found in time', () => {
    expect(() => controller({ reconcileInterval: Duration.hours(2) })).toThrow(
      "'reconcileInterval' is 7200 seconds, must be whole minutes, 1 to 60",
    );
  });
});

test('a release that ends without its steps pages', () => {
  const stack = new Stack(new App(), 'Stack');
  new ReleaseController(stack, 'Release', {
    environmentName: 'local',
    artifactBucket: Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'),
  });
  for (const metric of [
    'ExecutionsTimedOut',
    'ExecutionsAborted',
    Match.stringLikeRegexp('^Stack-Release-.*-UntoldFailures$'),
  ]) {
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: metric,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^ReleaseNotifications') }],
    });
  }
});

test('a release that failed and was told does not page once more', () => {
  const { stack, template } = controller();
  const told = Object.values(definitionOf(stack).States).flatMap(state =>
    state?.Type === 'Fail' && /^Release/.test(String(state.Error)) ? [String(state.Error)] : [],
  );

  expect(told.sort()).toEqual(['ReleaseFailed', 'ReleaseUndone']);
  template().hasResourceProperties('AWS::Logs::MetricFilter', {
    FilterPattern:
      '{ ($.type = "ExecutionFailed") && ($.details.error != "ReleaseUndone") && ($.details.error != "ReleaseFailed") }',
  });
});
