import type { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IDataLake } from '../data/data-lake';

const WRITES = { field: 'readOnly', equalTo: ['false'] };

/** What takes evidence away, or what keeps it. CloudTrail and the records' function only ever put objects. */
export const EVIDENCE_EVENTS = ['DeleteObject', 'DeleteObjects', 'PutObjectLegalHold', 'PutObjectRetention'];

/**
 * What a trail logs. Of its own bucket only what it never does itself: each file that it writes there would be an event
 * of the next one. Filters by name: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
 */
export function auditSelectors(
  dataLake: IDataLake,
  auditBucket: IBucket,
  tables: ITable[],
  logReads: boolean,
): CfnTrail.AdvancedEventSelectorProperty[] {
  const buckets = [
    dataLake.rawBucket,
    dataLake.curatedBucket,
    dataLake.snapshotBucket,
    dataLake.artifactBucket,
    dataLake.monitoringBucket,
  ];
  const selectors = [
    // reads of the account are many and change nothing; CloudTrail's event history has them for 90 days
    { name: 'changes', fieldSelectors: [{ field: 'eventCategory', equalTo: ['Management'] }, WRITES] },
    {
      name: 'objects of the lake',
      fieldSelectors: [...data('AWS::S3::Object'), objectsOf(buckets), ...(logReads ? [] : [WRITES])],
    },
    {
      name: 'evidence that goes, or whose locks change',
      fieldSelectors: [
        ...data('AWS::S3::Object'),
        { field: 'eventName', equalTo: EVIDENCE_EVENTS },
        objectsOf([auditBucket]),
      ],
    },
  ];
  if (tables.length === 0) {
    return selectors;
  }
  const tableArns = { field: 'resources.ARN', equalTo: tables.map(({ tableArn }) => tableArn) };
  return [
    ...selectors,
    { name: 'items of the records', fieldSelectors: [...data('AWS::DynamoDB::Table'), WRITES, tableArns] },
  ];
}

function objectsOf(buckets: IBucket[]): CfnTrail.AdvancedFieldSelectorProperty {
  // the slash ends the name: without it a bucket whose name goes on would be watched too
  return { field: 'resources.ARN', startsWith: buckets.map(({ bucketArn }) => `${bucketArn}/`) };
}

function data(type: string): CfnTrail.AdvancedFieldSelectorProperty[] {
  return [
    { field: 'eventCategory', equalTo: ['Data'] },
    { field: 'resources.type', equalTo: [type] },
  ];
}
