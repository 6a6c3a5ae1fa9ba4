import { Duration, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { ReactionController, type RollbackReactionProps } from '../../../constructs';
import { reactionSettings, RELEASE_METRIC_NAMESPACE, type ReleaseMetricName } from '../../../lambda/shared/contracts';
import { Fixture, joined } from './fixture';

function fixtureWith(props: Partial<RollbackReactionProps> = {}): Fixture {
  const fixture = new Fixture();
  fixture.reaction(fixture.monitor(), props);
  return fixture;
}

function settingsOf(fixture: Fixture): ReturnType<typeof reactionSettings.parse> {
  const parameters = Template.fromStack(fixture.model).findResources('AWS::SSM::Parameter', {
    Properties: { Name: '/mlops/dev/rain/reaction' },
  });
  const [parameter] = Object.values(parameters) as { Properties: { Value: unknown } }[];
  return reactionSettings.parse(JSON.parse(joined(parameter.Properties.Value)));
}

describe('the reaction of a model', () => {
  test('is the action of all five alarms', () => {
    const template = Template.fromStack(fixtureWith().model);

    template.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { AlarmActions: [{ 'Fn::ImportValue': Match.stringLikeRegexp('ReactionAlarms') }] },
      5,
    );
  });

  test('leaves which alarm says what', () => {
    expect(settingsOf(fixtureWith())).toEqual({
      alarms: {
        predictionDrift: expect.stringMatching(/^<MonitorPredictionDriftAlarm/) as string,
        quality: expect.stringMatching(/^<MonitorQualityAlarm/) as string,
        inputDrift: expect.stringMatching(/^<MonitorInputDriftAlarm/) as string,
        heartbeat: expect.stringMatching(/^<MonitorHeartbeatAlarm/) as string,
        samples: expect.stringMatching(/^<MonitorSamplesAlarm/) as string,
      },
      rollbackWindowSeconds: 259_200,
      cooldownSeconds: 21_600,
      retrain: true,
    });
  });

  test('takes limits of zero and false at their word', () => {
    expect(settingsOf(fixtureWith({ cooldown: Duration.seconds(0), retrain: false }))).toMatchObject({
      cooldownSeconds: 0,
      retrain: false,
    });
  });

  test('can be the action of another alarm', () => {
    const fixture = new Fixture();
    const monitor = fixture.monitor();
    const reaction = fixture.reaction(monitor);
    const alarm = new Alarm(fixture.model, 'Mine', {
      metric: monitor.metricQualityDelta(),
      threshold: 0.5,
      evaluationPeriods: 1,
    });

    alarm.addAlarmAction(reaction);

    Template.fromStack(fixture.model).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 0.5,
      AlarmActions: [Match.anyValue()],
    });
  });

  test('makes a controller of its own where there is none', () => {
    const fixture = new Fixture();
    const { ledgerTable, notificationTopic, pipelineStateMachine, releaseStateMachine } = fixture;

    fixture.reaction(fixture.monitor(), {
      controller: undefined,
      ledgerTable,
      notificationTopic,
      pipelineStateMachine,
      releaseStateMachine,
    });

    Template.fromStack(fixture.model).resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('fails without a controller and what one of its own needs', () => {
    expect(() => fixtureWith({ controller: undefined })).toThrow(
      "Model/Reaction: 'controller' is not given, must be given, or 'ledgerTable', 'releaseStateMachine'",
    );
  });

  test('fails for a rollback window of nothing', () => {
    expect(() => fixtureWith({ rollbackWindow: Duration.seconds(0) })).toThrow("'rollbackWindow' is 0 seconds");
  });

  test('fails for a rollback window in which no alarm can go off', () => {
    // GIVEN: two windows of a day, and a quarter of an hour until they are counted
    const needed = Duration.hours(48).plus(Duration.minutes(15));

    // THEN
    expect(() => fixtureWith({ rollbackWindow: needed })).toThrow(
      "'rollbackWindow' is 2 days 15 minutes, must be longer than the 2 days 15 minutes that the monitor's alarms need, or no version is new any more when one goes off; give the monitor a shorter 'period' or fewer 'windowPeriods'",
    );
    expect(() => fixtureWith({ rollbackWindow: needed.plus(Duration.seconds(1)) })).not.toThrow();
  });

  test('fails for a cooldown that never ends', () => {
    expect(() => fixtureWith({ cooldown: Duration.days(91) })).toThrow(
      "'cooldown' is 91 days, must be at most 90 days",
    );
  });

  test('leaves a duration alone that is known at deployment only', () => {
    const seconds = Duration.seconds(Token.asNumber({ Ref: 'Seconds' }));

    expect(() => fixtureWith({ cooldown: seconds, rollbackWindow: seconds })).not.toThrow();
  });
});

describe('the controller', () => {
  /** Synthesised once: the tests only look. */
  let synthesised: Template | undefined;
  function template(): Template {
    if (synthesised === undefined) {
      const fixture = new Fixture();
      fixture.reactionController();
      synthesised = Template.fromStack(fixture.platform);
    }
    return synthesised;
  }
  const cloudWatchMayPublish = (topic: string): object => ({
    Topics: [{ Ref: Match.stringLikeRegexp(topic) }],
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 'sns:Publish',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
        }),
      ]),
    },
  });

  test.each(['^ReactionAlarms', '^Notifications'])('CloudWatch may publish to the topic %s', topic => {
    template().hasResourceProperties('AWS::SNS::TopicPolicy', cloudWatchMayPublish(topic));
  });

  test('tries again, and keeps what it could not decide upon', () => {
    const queue = { 'Fn::GetAtt': [Match.stringLikeRegexp('^ReactionDeadLetterQueue'), 'Arn'] };

    template().hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
    template().hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'lambda',
      RedrivePolicy: { deadLetterTargetArn: queue },
    });
  });

  test('tells people of an alarm that it could not decide upon', () => {
    template().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Notifications') }],
    });
  });

  test('tells people of a sweep that is silent, by the metric that the function publishes', () => {
    const names: readonly ReleaseMetricName[] = ['SweepHeartbeat'];

    template().hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: RELEASE_METRIC_NAMESPACE,
      MetricName: names[0],
      Dimensions: [{ Name: 'Environment', Value: 'dev' }],
      Period: 300,
      EvaluationPeriods: 3,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Notifications') }],
    });
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'cloudwatch:PutMetricData',
            Condition: { StringEquals: { 'cloudwatch:namespace': RELEASE_METRIC_NAMESPACE } },
          }),
        ]),
      },
    });
  });

  test('can start the two machines, and stop, approve or change nothing', () => {
    const policies = Object.entries(template().findResources('AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith('ReactionFunction'),
    );
    const actions = policies.flatMap(([, policy]) =>
      (
        policy as { Properties: { PolicyDocument: { Statement: { Action: string | string[] }[] } } }
      ).Properties.PolicyDocument.Statement.flatMap(statement => statement.Action),
    );

    expect([...new Set(actions)].sort()).toEqual([
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'cloudwatch:PutMetricData',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'kms:Decrypt',
      'kms:Encrypt',
      'kms:GenerateDataKey*',
      'kms:ReEncrypt*',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sns:Publish',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:SendMessage',
      'ssm:GetParameter',
      'states:StartExecution',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  test('another stack can use it by its topic', () => {
    const fixture = new Fixture();

    const imported = ReactionController.fromReactionControllerAttributes(fixture.model, 'Imported', {
      alarmTopic: fixture.notificationTopic,
    });

    expect(imported.alarmTopic).toBe(fixture.notificationTopic);
  });
});
