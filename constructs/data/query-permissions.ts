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

/** What whoever queries a lake needs: Athena reads and writes in the caller's name. The lake's key is to be granted beside it. */
export function queryRights(
  scope: IConstruct,
  dataLake: IDataLake,
  { actions, prefixes }: { actions: string[]; prefixes: string[] },
): QueryRights {
  const stack = Stack.of(scope);
  const bucket = dataLake.monitoringBucket;
  const glue = (resource: string, resourceName?: string): string =>
    stack.formatArn({ service: 'glue', resource, ...(resourceName === undefined ? {} : { resourceName }) });
  const database = [glue('catalog'), glue('database', dataLake.databaseName)];
  return {
    statements: [
      allow(actions, workgroupArn(stack, dataLake)),
      allow(['glue:GetDatabase'], ...database),
      // the partitions of the log and the labels are projected: nobody asks the catalogue for them
      allow(['glue:GetTable'], ...database, glue('table', `${dataLake.databaseName}/*`)),
      // Athena looks at the catalogue and at its default database whatever a query names
      allow(
        ['athena:GetDataCatalog'],
        stack.formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' }),
      ),
      allow(['glue:GetDatabase'], glue('database', 'default')),
      allow(['s3:GetBucketLocation', 's3:ListBucket'], bucket.bucketArn),
      ...(prefixes.length === 0
        ? []
        : [allow(['s3:GetObject'], ...prefixes.map(prefix => bucket.arnForObjects(`${prefix}/*`)))]),
      allow(
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        bucket.arnForObjects(`${ATHENA_RESULTS_PREFIX}/*`),
      ),
    ],
    wildcards: [
      { wildcard: ':table/', actions: ['glue:GetTable'], reason: "tables of every model's log and labels" },
      ...[...prefixes, ATHENA_RESULTS_PREFIX].map(prefix => ({
        wildcard: `/${prefix}/*`,
        reason: 'objects of one prefix, by model and time',
      })),
    ],
  };
}

/** The lake's workgroup. */
export function workgroupArn(scope: IConstruct, dataLake: IDataLake): string {
  return Stack.of(scope).formatArn({ service: 'athena', resource: 'workgroup', resourceName: dataLake.workgroupName });
}

function allow(actions: string[], ...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
