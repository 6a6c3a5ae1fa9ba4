import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/** Where an environment's data lies: one bucket for each zone, one key over all of them, one catalogue. */
export interface IDataLake extends IConstruct {
  /** Key under which every bucket, table and stream of the lake is encrypted. */
  readonly encryptionKey: IKey;

  /** Files as they were landed; `<model>/<batchId>/…`, complete once `_READY` is there. */
  readonly rawBucket: IBucket;

  /** Valid rows of each batch, beside what was quarantined and why. */
  readonly curatedBucket: IBucket;

  /** Dataset snapshots, named by their digest and locked against change. */
  readonly snapshotBucket: IBucket;

  /** What runs leave behind: training code, models, evaluations, `run.json`. */
  readonly artifactBucket: IBucket;

  /** The inference log, the labels, and what the monitors make of them. */
  readonly monitoringBucket: IBucket;

  /** Glue database of the lake's tables. */
  readonly databaseName: string;

  /** Athena workgroup in which the platform's queries run, with their results under `athena/` of the monitoring bucket. */
  readonly workgroupName: string;
}
