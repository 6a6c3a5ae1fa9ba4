import { Match, type Template } from 'aws-cdk-lib/assertions';
import { DEV, PROD, receiving } from './fixture';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What the promotion function may do. */
function rights(template: Template): Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith('PromotionFunctionRole'))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
}

/** Statements with this action, each as one text. */
function rightsTo(action: string): string[] {
  return rights(receiving().template())
    .filter(({ Action }) => [Action].flat().includes(action))
    .map(({ Resource, Condition }) => JSON.stringify({ Resource, Condition }));
}

describe('the bus', () => {
  test('lets the giving account in, with that one kind of event, and nobody else', () => {
    receiving()
      .template()
      .hasResourceProperties('AWS::Events::EventBusPolicy', {
        EventBusName: { Ref: Match.stringLikeRegexp('PromotionBus') },
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::111111111111:root']] } },
          Action: 'events:PutEvents',
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('PromotionBus'), 'Arn'] },
          Condition: {
            'ForAllValues:StringEquals': {
              'events:source': 'aws.sagemaker',
              'events:detail-type': 'SageMaker Model Package State Change',
            },
            Null: { 'events:source': 'false' },
          },
        },
      });
  });

  test('is not the default one, by the name that the giving account tells', () => {
    receiving().template().hasResourceProperties('AWS::Events::EventBus', { Name: 'mlops-prod-promotion' });
  });

  test('has a rule that starts the function for events of that account alone, and a queue for what fails', () => {
    const template = receiving().template();
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: Match.anyValue(),
      EventPattern: { account: ['111111111111'], source: ['aws.sagemaker'], 'detail-type': Match.anyValue() },
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('PromotionFunction') },
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: Match.anyValue() },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('could not be promoted'),
    });
  });
});

describe('the function', () => {
  test("runs as the role that the giving account's policies name", () => {
    receiving()
      .template()
      .hasResourceProperties('AWS::IAM::Role', {
        RoleName: 'mlops-prod-promotion',
        AssumeRolePolicyDocument: {
          Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
          Version: '2012-10-17',
        },
      });
  });

  test('reads nothing but what lies in the giving account, or in its own folders here', () => {
    const resources = ['s3:GetObject', 'sagemaker:DescribeModelPackage', 'ecr:BatchGetImage', 'kms:Decrypt'].flatMap(
      rightsTo,
    );
    for (const text of resources) {
      expect(text).toMatch(/111111111111|222222222222|\/\*\/promoted\/\*|"Fn::GetAtt":\["Key/);
    }
    expect(rightsTo('s3:GetObject')).toContainEqual(
      expect.stringContaining('"Condition":{"StringEquals":{"s3:ResourceAccount":"111111111111"}}'),
    );
  });

  test('registers versions that wait, and can approve none', () => {
    const [create] = rightsTo('sagemaker:CreateModelPackage');
    expect(create).toContain('"StringEqualsIfExists":{"sagemaker:ModelApprovalStatus":"PendingManualApproval"}');
    expect(rightsTo('sagemaker:UpdateModelPackage')).toEqual([]);
  });

  test('writes files under the promoted versions alone, and the ledger by single items', () => {
    expect(rightsTo('s3:PutObject').every(text => text.includes('/*/promoted/*'))).toBe(true);
    const all = rights(receiving().template()).flatMap(({ Action }) => Action);
    expect(all.filter(action => action.startsWith('dynamodb:')).sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
    ]);
    expect(all.some(action => action.includes('Delete') || action.endsWith(':*'))).toBe(false);
  });

  test('is told where both ends are', () => {
    receiving()
      .template()
      .hasResourceProperties('AWS::Lambda::Function', {
        Environment: {
          Variables: Match.objectLike({
            ENVIRONMENT: 'prod',
            SOURCE_ENVIRONMENT: 'dev',
            SOURCE_ACCOUNT: '111111111111',
            SOURCE_REGION: 'eu-west-1',
          }),
        },
      });
  });
});

test('fails on a source that is this environment itself, or no account', () => {
  expect(() => receiving({ source: { ...DEV, environmentName: PROD.environmentName } })).toThrow(
    "'source.environmentName' is 'prod', must be another environment than this one",
  );
  expect(() => receiving({ source: { ...DEV, account: 'dev' } })).toThrow(
    "Prod/Promotion: 'source.account' is 'dev', must be an account's 12 digits",
  );
});
