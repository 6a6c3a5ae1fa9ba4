import type { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IDataLake } from '../data/data-lake';

const WRITES = { field: 'readOnly', equalTo: ['false'] };

/**
 * What a trail logs. Never objects of its own bucket: each file that it writes there would be an event of the next one.
 */
export function auditSelectors(
  dataLake: IDataLake,
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
      fieldSelectors: [
        ...data('AWS::S3::Object'),
        // the slash ends the name: without it a bucket whose name goes on would be watched too
        { field: 'resources.ARN', startsWith: buckets.map(({ bucketArn }) => `${bucketArn}/`) },
        ...(logReads ? [] : [WRITES]),
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

function data(type: string): CfnTrail.AdvancedFieldSelectorProperty[] {
  return [
    { field: 'eventCategory', equalTo: ['Data'] },
    { field: 'resources.type', equalTo: [type] },
  ];
}
