import { Match, Template } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import { CostBudget, type CostBudgetProps } from '../../../constructs';
import { watchedPlatform } from './fixture';

function templatesWith(props: Partial<CostBudgetProps> = {}) {
  const { stack, governance, environmentName, notificationTopic, jobStarterRole } = watchedPlatform();
  new CostBudget(governance, 'Budget', {
    environmentName,
    monthlyLimitUsd: 200,
    notificationTopic,
    stoppedRoles: [jobStarterRole],
    ...props,
  });
  return { platform: Template.fromStack(stack), template: Template.fromStack(governance) };
}

test('an environment has a monthly limit on the cost of what bears its tag, and people are told before and at it', () => {
  // WHEN
  const { template } = templatesWith();

  // THEN
  const told = (NotificationType: string, Threshold: number) =>
    Match.objectLike({
      Notification: Match.objectLike({ NotificationType, Threshold, ThresholdType: 'PERCENTAGE' }),
      Subscribers: [Match.objectLike({ SubscriptionType: 'SNS' })],
    });
  template.hasResourceProperties('AWS::Budgets::Budget', {
    Budget: {
      BudgetName: Match.absent(),
      BudgetType: 'COST',
      TimeUnit: 'MONTHLY',
      BudgetLimit: { Amount: 200, Unit: 'USD' },
      FilterExpression: { Tags: { Key: 'mlops:environment', Values: ['dev'], MatchOptions: ['EQUALS'] } },
    },
    NotificationsWithSubscribers: [
      told('ACTUAL', 80),
      told('ACTUAL', 100),
      told('FORECASTED', 80),
      told('FORECASTED', 100),
    ],
  });
});

test('the budget of a model counts what bears both tags', () => {
  // WHEN
  const { template } = templatesWith({ modelName: 'rain', stoppedRoles: undefined });

  // THEN
  template.hasResourceProperties('AWS::Budgets::Budget', {
    Budget: {
      BudgetName: Match.absent(),
      FilterExpression: {
        And: [
          { Tags: Match.objectLike({ Key: 'mlops:environment', Values: ['dev'] }) },
          { Tags: Match.objectLike({ Key: 'mlops:model', Values: ['rain'] }) },
        ],
      },
    },
  });
  template.resourceCountIs('AWS::Budgets::BudgetsAction', 0);
});

describe('at the limit', () => {
  test('AWS attaches a policy to the roles that start training, without asking, and people are told', () => {
    // WHEN
    const { template } = templatesWith();

    // THEN
    template.hasResourceProperties('AWS::Budgets::BudgetsAction', {
      ActionType: 'APPLY_IAM_POLICY',
      ApprovalModel: 'AUTOMATIC',
      NotificationType: 'ACTUAL',
      ActionThreshold: { Type: 'PERCENTAGE', Value: 100 },
      Definition: {
        IamActionDefinition: {
          PolicyArn: { Ref: Match.stringLikeRegexp('^BudgetTrainingStopPolicy') },
          Roles: [Match.anyValue()],
        },
      },
      Subscribers: [Match.objectLike({ Type: 'SNS' })],
    });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Effect: 'Deny',
            Action: Match.arrayWith(['sagemaker:CreateProcessingJob', 'sagemaker:CreateTrainingJob']),
            Resource: '*',
          }),
        ],
      },
    });
  });

  test('AWS may attach that policy to those roles, and nothing else', () => {
    // WHEN
    const { template } = templatesWith();

    // THEN
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
            Resource: { 'Fn::ImportValue': Match.stringLikeRegexp('PipelineRole.*Arn') },
            Condition: { ArnEquals: { 'iam:PolicyARN': { Ref: Match.stringLikeRegexp('^BudgetTrainingStopPolicy') } } },
          },
        ],
      },
    });
  });
});

test('budgets of this account may tell on the topic, and use its key for it', () => {
  // WHEN
  const { platform } = templatesWith();

  // THEN
  const conditions = {
    StringEquals: { 'aws:SourceAccount': '111122223333' },
    ArnLike: { 'aws:SourceArn': Match.anyValue() },
  };
  platform.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Principal: { Service: 'budgets.amazonaws.com' }, Condition: conditions }),
      ]),
    },
  });
  platform.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Principal: { Service: 'budgets.amazonaws.com' },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          Condition: conditions,
        }),
      ]),
    },
  });
});

test('fails for any limit that is not above 0', () => {
  const wrong = fc.oneof(fc.constant(0), fc.constant(NaN), fc.constant(Infinity), fc.double({ max: 0, noNaN: true }));
  fc.assert(
    fc.property(wrong, monthlyLimitUsd => {
      expect(() => templatesWith({ monthlyLimitUsd })).toThrow(/'monthlyLimitUsd' is .*, must be above 0/);
    }),
    { numRuns: 5 },
  );
});
