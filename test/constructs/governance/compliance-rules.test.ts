import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ComplianceRules, type ComplianceRulesProps } from '../../../constructs';

function templateWith(props: Partial<ComplianceRulesProps> = {}): Template {
  const stack = new Stack(new App(), 'Stack');
  new ComplianceRules(stack, 'Rules', { environmentName: 'dev', ...props });
  return Template.fromStack(stack);
}

interface Rule {
  readonly DependsOn?: string[];
  readonly Properties: {
    readonly Source: { readonly SourceIdentifier: string };
    readonly Scope?: object;
    readonly Description: string;
  };
}

function rules(template: Template): Rule[] {
  return Object.values(template.findResources('AWS::Config::ConfigRule')) as Rule[];
}

const identifiers = (template: Template): string[] =>
  rules(template).map(({ Properties }) => Properties.Source.SourceIdentifier);

test('rules judge what would let data out or lose it, each with its reason', () => {
  const template = templateWith();
  expect(identifiers(template)).toEqual(
    expect.arrayContaining([
      'S3_BUCKET_PUBLIC_READ_PROHIBITED',
      'S3_BUCKET_SSL_REQUESTS_ONLY',
      'S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED',
      'DYNAMODB_PITR_ENABLED',
      'KMS_CMK_NOT_SCHEDULED_FOR_DELETION',
    ]),
  );
  expect(rules(template).every(({ Properties }) => /^dev: .{10,}/.test(Properties.Description))).toBe(true);
});

test('they judge by the tag of the environment where AWS lets them', () => {
  const judged = new Map(
    rules(templateWith()).map(({ Properties }) => [Properties.Source.SourceIdentifier, Properties.Scope]),
  );
  expect(judged.get('S3_BUCKET_SSL_REQUESTS_ONLY')).toEqual({ TagKey: 'mlops:environment', TagValue: 'dev' });
  expect(judged.get('KMS_CMK_NOT_SCHEDULED_FOR_DELETION')).toBeUndefined();
});

test('an account with a trail must keep it on, validated and encrypted', () => {
  const ofTrail = ['CLOUD_TRAIL_ENABLED', 'CLOUD_TRAIL_ENCRYPTION_ENABLED', 'CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED'];
  expect(identifiers(templateWith({ trail: true }))).toEqual(expect.arrayContaining(ofTrail));
  expect(identifiers(templateWith()).filter(identifier => ofTrail.includes(identifier))).toEqual([]);
});

describe('the recorder', () => {
  test('is not made unless asked for, since an account has one at most', () => {
    templateWith().resourceCountIs('AWS::Config::ConfigurationRecorder', 0);
  });

  test('records what the rules judge, into a bucket without a default lock, before any rule is made', () => {
    // WHEN
    const template = templateWith({ createRecorder: true });

    // THEN
    template.hasResourceProperties('AWS::Config::ConfigurationRecorder', {
      RecordingGroup: {
        AllSupported: false,
        ResourceTypes: Match.arrayWith(['AWS::DynamoDB::Table', 'AWS::S3::Bucket']),
      },
    });
    template.resourcePropertiesCountIs('AWS::S3::Bucket', { ObjectLockConfiguration: Match.anyValue() }, 0);
    const [recorder = ''] = Object.keys(template.findResources('AWS::Config::ConfigurationRecorder'));
    expect(rules(template).every(({ DependsOn }) => DependsOn?.includes(recorder))).toBe(true);
  });

  test('leaves its buckets when a first deploy fails, since Config writes into one as soon as it is told of it', () => {
    const buckets = Object.values(templateWith({ createRecorder: true }).findResources('AWS::S3::Bucket'));
    expect(buckets.map(({ DeletionPolicy }) => DeletionPolicy as unknown)).toEqual(['Retain', 'Retain']);
  });
});
