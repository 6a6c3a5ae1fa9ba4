import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

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
