import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { MeantWildcard } from '../private/wildcards';
import type { IDataLake } from './data-lake';
import { ATHENA_RESULTS_PREFIX } from './monitoring-prefixes';

/** The rights that a query over these prefixes of a lake needs, and why some of them name more than one resource. */
export interface QueryRights {
  readonly statements: PolicyStatement[];
  readonly wildcards: MeantWildcard[];
}

/** What is asked: what is done in which workgroup, which prefixes of the monitoring bucket are read, where results go. */
export interface QueryNeeds {
  readonly actions: string[];
  readonly prefixes: string[];
  /** @default - the lake's own, which the platform's queries share */
  readonly workgroupName?: string;
  /** @default - that of the lake's own workgroup */
  readonly resultsPrefix?: string;
}

/**
 * What whoever queries a lake needs: Athena reads and writes in the caller's name. The key of data and results is to be
 * granted beside it.
 */
export function queryRights(scope: IConstruct, dataLake: IDataLake, needs: QueryNeeds): QueryRights {
  const { actions, prefixes } = needs;
  const resultsPrefix = needs.resultsPrefix ?? ATHENA_RESULTS_PREFIX;
  const stack = Stack.of(scope);
  const bucket = dataLake.monitoringBucket;
  const glue = (resource: string, resourceName?: string): string =>
    stack.formatArn({ service: 'glue', resource, ...(resourceName === undefined ? {} : { resourceName }) });
  const database = [glue('catalog'), glue('database', dataLake.databaseName)];
  return {
    statements: [
      allow(actions, workgroupArn(stack, needs.workgroupName ?? dataLake.workgroupName)),
      allow(['glue:GetDatabase'], ...database),
      // the partitions of the log and the labels are projected: nobody asks the catalogue for them
      allow(['glue:GetTable'], ...database, glue('table', `${dataLake.databaseName}/*`)),
      // Athena looks at the catalogue and at its default database whatever a query names
      allow(
        ['athena:GetDataCatalog'],
        stack.formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' }),
      ),
      allow(['glue:GetDatabase'], glue('database', 'default')),
      ...(prefixes.length === 0
        ? [allow(['s3:GetBucketLocation'], bucket.bucketArn), onlyIn(resultsPrefix, bucket.bucketArn)]
        : [
            allow(['s3:GetBucketLocation', 's3:ListBucket'], bucket.bucketArn),
            allow(['s3:GetObject'], ...prefixes.map(prefix => bucket.arnForObjects(`${prefix}/*`))),
          ]),
      allow(
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        bucket.arnForObjects(`${resultsPrefix}/*`),
      ),
    ],
    wildcards: [
      { wildcard: ':table/', actions: ['glue:GetTable'], reason: "tables of every model's log and labels" },
      ...[...prefixes, resultsPrefix].map(prefix => ({
        wildcard: `/${prefix}/*`,
        reason: 'objects of one prefix, by model and time',
      })),
    ],
  };
}

/** A workgroup by its name. */
export function workgroupArn(scope: IConstruct, workgroupName: string): string {
  return Stack.of(scope).formatArn({ service: 'athena', resource: 'workgroup', resourceName: workgroupName });
}

/** Whoever reads no data of the bucket need not learn the names of what is there, but for its own results. */
function onlyIn(prefix: string, bucketArn: string): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:ListBucket'],
    resources: [bucketArn],
    conditions: { StringLike: { 's3:prefix': [prefix, `${prefix}/*`] } },
  });
}

function allow(actions: string[], ...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
