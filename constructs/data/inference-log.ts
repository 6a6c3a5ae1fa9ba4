import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import type { CfnTable } from 'aws-cdk-lib/aws-glue';
import { type Grant, type IGrantable, type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  EnableLogging,
  DeliveryStream,
  type IDeliveryStream,
  InputFormat,
  MetadataExtractionProcessor,
  OutputFormat,
  RecordDeAggregationProcessor,
  S3Bucket,
  SchemaConfiguration,
  StreamEncryption,
} from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { InlineRole } from '../private/inline-role';
import { requireEnvironmentName, requireModelName, requireModelSchema } from '../private/name-rules';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import type { IDataLake } from './data-lake';
import { LabelsTable, PredictionsTable } from './inference-log-tables';
import type { ModelSchema } from './model-schema';
import { FIREHOSE_ERRORS_PREFIX, INFERENCE_LOG_PREFIX, LABELS_PREFIX } from './monitoring-prefixes';

const DEFAULT_BUFFERING_INTERVAL = Duration.minutes(5);
const MIN_BUFFERING_SECONDS = 60;
const MAX_BUFFERING_SECONDS = 900;
/** The least that Firehose allows where it makes Parquet. */
const BUFFERING_SIZE = Size.mebibytes(64);

/** What a model answered, and what turned out to be true: the log's stream and tables. */
export interface IInferenceLog extends IConstruct {
  /** Firehose stream to which the model server writes, many JSON lines to a record. */
  readonly streamName: string;

  /** Glue table of the predictions. */
  readonly tableName: string;

  /** Glue table of the labels. */
  readonly labelsTableName: string;

  /** Lets the grantee write predictions to the stream. */
  grantWrite(grantee: IGrantable): Grant;
}

/** Settings of a model's inference log. */
export interface InferenceLogProps {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model whose predictions are logged. */
  readonly modelName: string;

  /** Lake in whose monitoring bucket and catalogue the log lies. */
  readonly dataLake: IDataLake;

  /** What the model reads: the types of the logged features. */
  readonly schema: ModelSchema;

  /**
   * Longest time that predictions wait in the stream before they are written; one minute to fifteen.
   *
   * @default Duration.minutes(5)
   */
  readonly bufferingInterval?: Duration;
}

/** An inference log that another stack or app made. */
export interface InferenceLogAttributes {
  /** Name of the Firehose stream. */
  readonly streamName: string;

  /** Name of the Glue table of the predictions. */
  readonly tableName: string;

  /** Name of the Glue table of the labels. */
  readonly labelsTableName: string;
}

abstract class InferenceLogBase extends Construct implements IInferenceLog {
  public abstract readonly streamName: string;
  public abstract readonly tableName: string;
  public abstract readonly labelsTableName: string;

  /** The stream, for its metrics. */
  public abstract readonly stream: IDeliveryStream;

  public grantWrite(grantee: IGrantable): Grant {
    // the model server packs its lines and sends batches alone
    return this.stream.grant(grantee, 'firehose:PutRecordBatch');
  }
}

/**
 * The log of a model's predictions and the table of their labels.
 *
 * Rows lie in the hour of their event, however late they arrive.
 */
export class InferenceLog extends InferenceLogBase {
  /** Uses a log that exists already, in this account and region. */
  public static fromInferenceLogAttributes(
    scope: Construct,
    id: string,
    attributes: InferenceLogAttributes,
  ): IInferenceLog {
    class ImportedInferenceLog extends InferenceLogBase {
      public readonly streamName = attributes.streamName;
      public readonly tableName = attributes.tableName;
      public readonly labelsTableName = attributes.labelsTableName;
      public readonly stream = DeliveryStream.fromDeliveryStreamName(this, 'Stream', attributes.streamName);
    }
    return new ImportedInferenceLog(scope, id);
  }

  public readonly streamName: string;
  public readonly tableName: string;
  public readonly labelsTableName: string;
  public readonly stream: IDeliveryStream;

  constructor(scope: Construct, id: string, props: InferenceLogProps) {
    super(scope, id);
    const bufferingInterval = props.bufferingInterval ?? DEFAULT_BUFFERING_INTERVAL;
    this.validate(props, bufferingInterval);

    const tablePrefix = props.modelName.replaceAll('-', '_');
    const predictionsPrefix = `${INFERENCE_LOG_PREFIX}/model=${props.modelName}`;
    const errorsPrefix = `${FIREHOSE_ERRORS_PREFIX}/model=${props.modelName}`;
    const { dataLake, schema } = props;
    const table = new PredictionsTable(this, 'Table', {
      dataLake,
      schema,
      tableName: `${tablePrefix}_inference_log`,
      prefix: predictionsPrefix,
    });
    const labelsTable = new LabelsTable(this, 'LabelsTable', {
      dataLake,
      tableName: `${tablePrefix}_labels`,
      prefix: `${LABELS_PREFIX}/model=${props.modelName}`,
    });
    // by reference: nobody queries a table before it is there
    this.tableName = table.ref;
    this.labelsTableName = labelsTable.ref;

    const logGroup = new LogGroup(this, 'StreamLogs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new InlineRole(this, 'StreamRole', { assumedBy: new ServicePrincipal('firehose.amazonaws.com') });
    const granted = this.grantDelivery(role, dataLake, table, [predictionsPrefix, errorsPrefix]);
    logGroup.grants.write(role);

    // stream and destination would each grant themselves more: the whole bucket, a second role
    const deliveryRole = role.withoutPolicyUpdates();
    this.stream = new DeliveryStream(this, 'Stream', {
      role: deliveryRole,
      encryption: StreamEncryption.customerManagedKey(dataLake.encryptionKey),
      destination: new S3Bucket(dataLake.monitoringBucket, {
        role: deliveryRole,
        loggingConfig: new EnableLogging(logGroup),
        encryptionKey: dataLake.encryptionKey,
        bufferingInterval,
        bufferingSize: BUFFERING_SIZE,
        dynamicPartitioning: { enabled: true },
        processors: [
          RecordDeAggregationProcessor.json(),
          MetadataExtractionProcessor.jq16({ day: '.event_time[0:10]', hour: '.event_time[11:13]' }),
        ],
        dataOutputPrefix: `${predictionsPrefix}/day=!{partitionKeyFromQuery:day}/hour=!{partitionKeyFromQuery:hour}/`,
        errorOutputPrefix: `${errorsPrefix}/!{firehose:error-output-type}/`,
        dataFormatConversion: {
          schemaConfiguration: SchemaConfiguration.fromCfnTable(table),
          inputFormat: InputFormat.OPENX_JSON,
          outputFormat: OutputFormat.PARQUET,
        },
      }),
    });
    this.stream.node.addDependency(granted);
    this.streamName = this.stream.deliveryStreamName;
  }

  private validate(props: InferenceLogProps, bufferingInterval: Duration): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireModelName(problems, props.modelName);
    requireModelSchema(problems, props.schema);
    problems.requireRange(
      'bufferingInterval',
      bufferingInterval.toSeconds(),
      MIN_BUFFERING_SECONDS,
      MAX_BUFFERING_SECONDS,
    );
    problems.throwIfAny();
  }

  /** What Firehose needs to write below these prefixes and to read the table's columns, and no more. */
  private grantDelivery(role: IRole, dataLake: IDataLake, table: CfnTable, prefixes: string[]): Grant {
    const bucket = dataLake.monitoringBucket;
    const stack = Stack.of(this);
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [bucket.bucketArn],
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        resources: prefixes.map(prefix => bucket.arnForObjects(`${prefix}/*`)),
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'],
        resources: [
          stack.formatArn({ service: 'glue', resource: 'catalog' }),
          stack.formatArn({ service: 'glue', resource: 'database', resourceName: dataLake.databaseName }),
          stack.formatArn({
            service: 'glue',
            resource: 'table',
            resourceName: `${dataLake.databaseName}/${table.ref}`,
          }),
        ],
      }),
    );
    explainWildcards(
      role,
      ...prefixes.map(prefix => ({
        wildcard: `/${prefix}/*`,
        reason: 'Firehose names its objects by day, hour and a random part',
      })),
      ...['kms:ReEncrypt*', 'kms:GenerateDataKey*'].map(wildcard => ({
        wildcard,
        reason: 'the forms of one KMS operation, on one key',
      })),
    );
    return dataLake.encryptionKey.grantEncryptDecrypt(role);
  }
}
