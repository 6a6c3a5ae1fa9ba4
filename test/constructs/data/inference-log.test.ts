import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ColumnType, DataLake, InferenceLog, type InferenceLogProps } from '../../../constructs';
import { inlineRights } from '../../support/inline-rights';

function stackWith(props: Partial<InferenceLogProps> = {}): { stack: Stack; log: InferenceLog } {
  const stack = new Stack(new App(), 'Stack');
  const log = new InferenceLog(stack, 'Log', {
    environmentName: 'dev',
    modelName: 'churn-eu',
    dataLake: new DataLake(stack, 'Lake', { environmentName: 'dev' }),
    schema: {
      features: [
        { name: 'age', type: ColumnType.BIGINT },
        { name: 'income', type: ColumnType.DOUBLE },
        { name: 'plan', type: ColumnType.STRING },
      ],
      label: 'churned',
    },
    ...props,
  });
  return { stack, log };
}

function templateWith(props: Partial<InferenceLogProps> = {}): Template {
  return Template.fromStack(stackWith(props).stack);
}

test('tables wait for the database that they are in', () => {
  const tables = Object.values(templateWith().findResources('AWS::Glue::Table')) as {
    Properties: { DatabaseName: unknown };
  }[];

  expect(tables).toHaveLength(2);
  for (const { Properties } of tables) {
    expect(Properties.DatabaseName).toEqual({ Ref: expect.stringMatching(/^LakeDatabase/) as string });
  }
});

test('features are typed fields of one column', () => {
  templateWith().hasResourceProperties('AWS::Glue::Table', {
    TableInput: {
      Name: 'churn_eu_inference_log',
      StorageDescriptor: {
        Columns: Match.arrayWith([{ Name: 'features', Type: 'struct<age:bigint,income:double,plan:string>' }]),
        SerdeInfo: { SerializationLibrary: Match.stringLikeRegexp('ParquetHiveSerDe') },
      },
    },
  });
});

test('partitions are computed from day and hour, none is registered', () => {
  const template = templateWith();

  template.hasResourceProperties('AWS::Glue::Table', {
    TableInput: {
      PartitionKeys: [
        Match.objectLike({ Name: 'day', Type: 'string' }),
        Match.objectLike({ Name: 'hour', Type: 'string' }),
      ],
      Parameters: {
        'projection.enabled': 'true',
        'projection.day.type': 'date',
        'projection.hour.type': 'integer',
        'projection.hour.digits': '2',
        'storage.location.template': {
          'Fn::Join': ['', Match.arrayWith(['/inference_log/model=churn-eu/day=${day}/hour=${hour}'])],
        },
      },
    },
  });
});

test('labels are JSON lines by day, and a broken line does not hide the others', () => {
  templateWith().hasResourceProperties('AWS::Glue::Table', {
    TableInput: {
      Name: 'churn_eu_labels',
      PartitionKeys: [Match.objectLike({ Name: 'day' })],
      StorageDescriptor: {
        SerdeInfo: {
          SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
          Parameters: { 'ignore.malformed.json': 'true' },
        },
      },
    },
  });
});

test('a record of many lines is split and each lies in the hour of its event', () => {
  templateWith().hasResourceProperties('AWS::KinesisFirehose::DeliveryStream', {
    ExtendedS3DestinationConfiguration: {
      DynamicPartitioningConfiguration: { Enabled: true },
      Prefix: 'inference_log/model=churn-eu/day=!{partitionKeyFromQuery:day}/hour=!{partitionKeyFromQuery:hour}/',
      ProcessingConfiguration: {
        Processors: [
          { Type: 'RecordDeAggregation', Parameters: [{ ParameterName: 'SubRecordType', ParameterValue: 'JSON' }] },
          {
            Type: 'MetadataExtraction',
            Parameters: Match.arrayWith([
              {
                ParameterName: 'MetadataExtractionQuery',
                ParameterValue: '{"day":.event_time[0:10],"hour":.event_time[11:13]}',
              },
            ]),
          },
        ],
      },
    },
  });
});

test('what cannot be placed is kept outside the table', () => {
  templateWith().hasResourceProperties('AWS::KinesisFirehose::DeliveryStream', {
    ExtendedS3DestinationConfiguration: {
      ErrorOutputPrefix: 'firehose_errors/model=churn-eu/!{firehose:error-output-type}/',
    },
  });
});

test('stream and objects are under the key of the lake', () => {
  const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^LakeKey'), 'Arn'] };

  templateWith().hasResourceProperties('AWS::KinesisFirehose::DeliveryStream', {
    DeliveryStreamEncryptionConfigurationInput: { KeyType: 'CUSTOMER_MANAGED_CMK', KeyARN: key },
    ExtendedS3DestinationConfiguration: { EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN: key } } },
  });
});

test.each([
  [undefined, 300],
  [Duration.minutes(1), 60],
])('buffers %s as %d seconds', (bufferingInterval, seconds) => {
  templateWith({ bufferingInterval }).hasResourceProperties('AWS::KinesisFirehose::DeliveryStream', {
    ExtendedS3DestinationConfiguration: { BufferingHints: { IntervalInSeconds: seconds, SizeInMBs: 64 } },
  });
});

test("the stream may write below this model's prefixes only", () => {
  const template = templateWith();

  const written = inlineRights(template)
    .filter(statement => statement.Action.includes('s3:PutObject'))
    .map(statement => JSON.stringify(statement.Resource));
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('/inference_log/model=churn-eu/*');
  expect(written[0]).toContain('/firehose_errors/model=churn-eu/*');
});

test('the grantee may put records and nothing else', () => {
  // GIVEN
  const { stack, log } = stackWith();
  const role = new Role(stack, 'Server', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') });

  // WHEN
  log.grantWrite(role);

  // THEN
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Action: 'firehose:PutRecordBatch',
          Effect: 'Allow',
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LogStream'), 'Arn'] },
        },
      ],
    },
    Roles: [{ Ref: Match.stringLikeRegexp('^Server') }],
  });
});

test('adds neither a function nor a state machine for the model', () => {
  const template = templateWith();

  template.resourceCountIs('AWS::Lambda::Function', 0);
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
});

describe('fails', () => {
  test('on a model name that no endpoint could have', () => {
    expect(() => stackWith({ modelName: 'Rain_1' })).toThrow(/Stack\/Log: 'modelName' is 'Rain_1', must be at most 27/);
  });

  test('on a schema without features', () => {
    expect(() => stackWith({ schema: { features: [], label: 'y' } })).toThrow(/'schema.features' is empty/);
  });

  test('on a feature that is named twice', () => {
    const age = { name: 'age', type: ColumnType.BIGINT };

    expect(() => stackWith({ schema: { features: [age, age], label: 'y' } })).toThrow(/has 'age' twice/);
  });

  test('on a feature whose range is empty', () => {
    const age = { name: 'age', type: ColumnType.BIGINT, min: 9, max: 1 };

    expect(() => stackWith({ schema: { features: [age], label: 'y' } })).toThrow(
      /'min' of feature 'age' is 9, must be at most its 'max' 1/,
    );
  });

  test('on an interval that Firehose does not have', () => {
    expect(() => stackWith({ bufferingInterval: Duration.seconds(10) })).toThrow(
      /'bufferingInterval' is 10, must be from 60 to 900/,
    );
  });
});

test('another stack can write to it by its names', () => {
  // GIVEN
  const stack = new Stack(new App(), 'Stack');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') });

  // WHEN
  const imported = InferenceLog.fromInferenceLogAttributes(stack, 'Log', {
    streamName: 'rain-stream',
    tableName: 'rain_inference_log',
    labelsTableName: 'rain_labels',
  });
  imported.grantWrite(role);

  // THEN
  expect([imported.streamName, imported.tableName, imported.labelsTableName]).toEqual([
    'rain-stream',
    'rain_inference_log',
    'rain_labels',
  ]);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Action: 'firehose:PutRecordBatch',
          Resource: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':deliverystream/rain-stream$')])] },
        },
      ],
    },
  });
});
