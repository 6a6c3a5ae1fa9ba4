import { CfnCondition, Fn, Stack, Token } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { DAY_PROJECTION, JSON_LINES, type TableFormat } from '../data/inference-log-tables';
import { RECORDS_PREFIX } from './audit-prefixes';
import type { IAuditTrail } from './audit-trail';

/** Names of the tables in the lake's database. */
export const RECORDS_TABLE = 'audit_records';
export const TRAIL_TABLE = 'audit_trail';

/**
 * Where what IAM and the other services without a region do is logged, wherever a trail is:
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 */
const GLOBAL_REGION = 'us-east-1';

/** CloudTrail writes files of one object with all events in a list, which its own format takes apart. */
const CLOUDTRAIL_FILES: TableFormat = {
  inputFormat: 'com.amazon.emr.cloudtrail.CloudTrailInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  serdeInfo: { serializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
};

const text = (name: string, comment?: string): CfnTable.ColumnProperty => ({
  name,
  type: 'string',
  ...(comment === undefined ? {} : { comment }),
});
/** As `lambda/audit-records/audit-record.ts` writes them. */
const RECORD_COLUMNS = [
  text('happened_at', 'when it happened, ISO 8601'),
  text('model'),
  text('kind', 'release, decision, hold, drift, promotion, erasure, version, run, execution, deleted'),
  text('id'),
  text('action'),
  text('version'),
  text('from_version'),
  text('outcome'),
  text('requested_by', 'on whose word'),
  text('reason'),
  text('detail'),
  text('run_id'),
  text('snapshot_digest', 'the data'),
  text('item', 'the whole record, as JSON'),
];
/** What the queries ask for; an event has more, of which nothing is lost in the files. */
const TRAIL_COLUMNS = [
  text('eventversion'),
  {
    name: 'useridentity',
    type: 'struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,username:string>',
  },
  text('eventtime'),
  text('eventsource'),
  text('eventname'),
  text('awsregion'),
  text('sourceipaddress'),
  text('useragent'),
  text('errorcode'),
  text('errormessage'),
  text('requestparameters', 'JSON'),
  text('responseelements', 'JSON'),
  text('readonly'),
  { name: 'resources', type: 'array<struct<arn:string,accountid:string,type:string>>' },
  text('eventid'),
  text('eventcategory'),
  text('recipientaccountid'),
];

/** Settings of the tables. */
export interface AuditTablesProps {
  readonly dataLake: IDataLake;
  readonly auditTrail: IAuditTrail;
}

/**
 * Tables over the evidence: the platform's own records, and what CloudTrail saw in this account, in this region and of
 * the services that have none.
 */
export class AuditTables extends Construct {
  constructor(scope: Construct, id: string, props: AuditTablesProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    const { auditBucket } = props.auditTrail;
    const { databaseName } = props.dataLake;
    this.table(databaseName, {
      name: RECORDS_TABLE,
      description: 'Releases, decisions, holds, drifts, runs and executions, as they were recorded',
      location: auditBucket.s3UrlForObject(RECORDS_PREFIX),
      folders: 'day=${day}',
      keys: [],
      dayFormat: 'yyyy-MM-dd',
      columns: RECORD_COLUMNS,
      format: JSON_LINES,
    });
    this.table(databaseName, {
      name: TRAIL_TABLE,
      description: 'Events of CloudTrail: changes of the account, and who touched the data',
      location: auditBucket.s3UrlForObject(`AWSLogs/${account}/CloudTrail`),
      folders: '${region}/${day}',
      keys: [{ name: 'region', comment: 'where it happened', values: this.regions() }],
      dayFormat: 'yyyy/MM/dd',
      columns: TRAIL_COLUMNS,
      format: CLOUDTRAIL_FILES,
    });
  }

  /** Regions whose files are asked, by commas; none twice, or its events would be counted twice. */
  private regions(): string {
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region)) return [...new Set([region, GLOBAL_REGION])].join();
    const elsewhere = new CfnCondition(this, 'Elsewhere', {
      expression: Fn.conditionNot(Fn.conditionEquals(region, GLOBAL_REGION)),
    });
    return Fn.conditionIf(elsewhere.logicalId, `${region},${GLOBAL_REGION}`, region).toString();
  }

  private table(databaseName: string, table: AuditTable): void {
    const { name, location, dayFormat } = table;
    const separator = dayFormat === 'yyyy/MM/dd' ? '/' : '-';
    new CfnTable(this, name === TRAIL_TABLE ? 'Trail' : 'Records', {
      catalogId: Stack.of(this).account,
      databaseName,
      tableInput: {
        name,
        description: table.description,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [
          ...table.keys.map(({ name: key, comment }) => text(key, comment)),
          text('day', `${dayFormat.toUpperCase()}, UTC`),
        ],
        parameters: {
          ...DAY_PROJECTION,
          ...Object.fromEntries(
            table.keys.flatMap(({ name: key, values }) => [
              [`projection.${key}.type`, 'enum'],
              [`projection.${key}.values`, values],
            ]),
          ),
          'projection.day.format': dayFormat,
          'projection.day.range': DAY_PROJECTION['projection.day.range'].replace(
            /(\d{4})-(\d\d)-(\d\d)/,
            `$1${separator}$2${separator}$3`,
          ),
          'storage.location.template': `${location}/${table.folders}`,
        },
        storageDescriptor: { location, columns: table.columns, ...table.format },
      },
    });
  }
}

interface AuditTable {
  readonly name: string;
  readonly description: string;
  readonly location: string;
  /** Folders of a day, below the location. */
  readonly folders: string;
  /** Keys of partitions before the day. */
  readonly keys: { readonly name: string; readonly comment: string; readonly values: string }[];
  readonly dayFormat: 'yyyy-MM-dd' | 'yyyy/MM/dd';
  readonly columns: CfnTable.ColumnProperty[];
  readonly format: TableFormat;
}
