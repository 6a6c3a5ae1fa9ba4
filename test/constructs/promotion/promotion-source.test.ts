import { Match } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ModelRegistry } from '../../../constructs';
import { DEV, forOthers, giving, PROD, PROD_ALONE } from './fixture';

const STAGING = { environmentName: 'staging', account: '333333333333', region: 'eu-west-1' };

describe('what the other environment may read', () => {
  test('is its packages: by the group, to describe them and nothing else', () => {
    expect(forOthers(giving().template(), 'AWS::SageMaker::ModelPackageGroup', 'ModelPackageGroupPolicy')).toEqual([
      {
        Sid: 'PromotionProd',
        Effect: 'Allow',
        Action: 'sagemaker:DescribeModelPackage',
        Resource: {
          'Fn::Join': [
            '',
            ['arn:', { Ref: 'AWS::Partition' }, ':sagemaker:eu-west-1:111111111111:model-package/mlops-dev-rain/*'],
          ],
        },
        ...PROD_ALONE,
      },
    ]);
  });

  test("is the files of the models' runs, and of versions that came here themselves", () => {
    const [statement, ...more] = forOthers(giving().template(), 'AWS::S3::BucketPolicy', 'PolicyDocument');
    const bucket = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Artifacts'), 'Arn'] };
    expect(more).toEqual([]);
    expect(statement).toMatchObject({ Effect: 'Allow', Action: 's3:GetObject', ...PROD_ALONE });
    giving()
      .template()
      .hasResourceProperties('AWS::S3::BucketPolicy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Resource: ['runs', 'promoted'].map(folder => ({ 'Fn::Join': ['', [bucket, `/*/${folder}/*`]] })),
            }),
          ]),
        },
      });
  });

  test('is decrypted through S3 of this region alone', () => {
    expect(forOthers(giving().template(), 'AWS::KMS::Key', 'KeyPolicy')).toEqual([
      {
        Sid: 'PromotionProd',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: '*',
        Principal: PROD_ALONE.Principal,
        Condition: {
          ...PROD_ALONE.Condition,
          StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.eu-west-1.', { Ref: 'AWS::URLSuffix' }]] } },
        },
      },
    ]);
  });

  test('is the image, to pull it', () => {
    expect(forOthers(giving().template(), 'AWS::ECR::Repository', 'RepositoryPolicyText')).toEqual([
      {
        Sid: 'PromotionProd',
        Effect: 'Allow',
        Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        ...PROD_ALONE,
      },
    ]);
  });

  test('is nothing that it could write, of whatever policy', () => {
    const template = giving({ targets: [PROD, STAGING] }).template();
    const actions = [
      ['AWS::SageMaker::ModelPackageGroup', 'ModelPackageGroupPolicy'],
      ['AWS::S3::BucketPolicy', 'PolicyDocument'],
      ['AWS::KMS::Key', 'KeyPolicy'],
      ['AWS::ECR::Repository', 'RepositoryPolicyText'],
    ].flatMap(([type, property]) => forOthers(template, type ?? '', property ?? '').flatMap(({ Action }) => Action));
    expect([...new Set(actions)].sort()).toEqual([
      'ecr:BatchGetImage',
      'ecr:GetDownloadUrlForLayer',
      'kms:Decrypt',
      's3:GetObject',
      'sagemaker:DescribeModelPackage',
    ]);
  });

  test('is said of each environment on its own', () => {
    const statements = forOthers(
      giving({ targets: [PROD, STAGING] }).template(),
      'AWS::SageMaker::ModelPackageGroup',
      'ModelPackageGroupPolicy',
    );
    expect(statements.map(({ Sid, Principal }) => [Sid, JSON.stringify(Principal).match(/\d{12}/)?.[0]])).toEqual([
      ['PromotionProd', '222222222222'],
      ['PromotionStaging', '333333333333'],
    ]);
  });

  test('of an image in a repository that is not made here, its owner must say: the policy is there to hand on', () => {
    const { stack, source, template } = giving({}, []);
    const registry = new ModelRegistry(stack, 'Registry', { environmentName: 'dev', modelName: 'rain' });
    source.addModel({
      modelName: 'rain',
      registry,
      imageRepository: Repository.fromRepositoryName(stack, 'Theirs', 'theirs'),
    });
    expect(forOthers(template(), 'AWS::ECR::Repository', 'RepositoryPolicyText')).toEqual([]);
    expect(stack.resolve(source.imagePolicy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'PromotionProd',
          Effect: 'Allow',
          Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          ...PROD_ALONE,
        },
      ],
    });
  });
});

describe('what the other environment hears', () => {
  test('is approvals and rejections, on its own bus, by a role that may tell that bus alone, and nothing is lost', () => {
    const template = giving().template();
    const bus = {
      'Fn::Join': [
        '',
        ['arn:', { Ref: 'AWS::Partition' }, ':events:eu-west-1:222222222222:event-bus/mlops-prod-promotion'],
      ],
    };
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.sagemaker'],
        'detail-type': ['SageMaker Model Package State Change'],
        detail: {
          ModelPackageGroupName: [{ prefix: 'mlops-dev-' }],
          ModelApprovalStatus: ['Approved', 'Rejected'],
        },
      },
      Targets: [Match.objectLike({ Arn: bus, RoleArn: Match.anyValue(), DeadLetterConfig: { Arn: Match.anyValue() } })],
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }],
        Version: '2012-10-17',
      },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('did not reach an environment'),
    });
  });

  test('costs no function and no state machine, and nothing for another model', () => {
    const count = (models: string[]) =>
      Object.values(giving({}, models).template().toJSON().Resources as Record<string, { Type: string }>)
        .map(({ Type }) => Type)
        .filter(type => type !== 'AWS::SageMaker::ModelPackageGroup');
    expect(count(['rain', 'churn'])).toEqual(count(['rain']));
    expect(count(['rain'])).not.toContain('AWS::Lambda::Function');
  });
});

describe('with a hundred models', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => `model-${index}`);
  const [one, many] = [['rain'], hundred].map(models => giving({ targets: [PROD, STAGING] }, models).template());

  test.each([
    ['AWS::S3::BucketPolicy', 'PolicyDocument'],
    ['AWS::KMS::Key', 'KeyPolicy'],
    ['AWS::ECR::Repository', 'RepositoryPolicyText'],
  ])('the policy of %s says what it says with one', (type, property) => {
    expect(forOthers(one, type, property)).toHaveLength(2);
    expect(forOthers(many, type, property)).toEqual(forOthers(one, type, property));
  });
});

describe('fails', () => {
  test('on targets that no policy could name, all at once', () => {
    const wrong = { environmentName: 'Prod', account: '1', region: 'Ireland' };
    expect(() => giving({ targets: [wrong] })).toThrow(
      "Dev/Promotion: 'targets[0].environmentName' is 'Prod', must be at most 12 lower-case letters and digits that begin with a letter, such as 'prod'; 'targets[0].account' is '1', must be an account's 12 digits; 'targets[0].region' is 'Ireland', must be a region such as 'eu-west-1'",
    );
  });

  test.each([
    ['none', [], "'targets' is empty, must name at least one environment"],
    ['itself', [DEV], "'targets[0].environmentName' is 'dev', must be another environment than this one"],
    ['one twice', [PROD, PROD], "'targets' names 'prod', 'prod', must name each environment once"],
  ])('on %s as the target', (_, targets, message) => {
    expect(() => giving({ targets })).toThrow(message);
  });

  test("on another environment's registry", () => {
    const { stack, source } = giving({}, []);
    const registry = new ModelRegistry(stack, 'Registry', { environmentName: 'test', modelName: 'rain' });
    expect(() => source.addModel({ modelName: 'rain', registry })).toThrow(
      "'registry' is the model package group 'mlops-test-rain', must be 'mlops-dev-rain'",
    );
  });
});
