import { Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import type { IDataLake } from './data-lake';
import type { ModelSchema } from './model-schema';

/** Days before this one have no partition; a query names its days, so an early start costs nothing. */
const FIRST_DAY = '2026-01-01';

/** Partitions by day, computed from a query's days. */
export const DAY_PROJECTION = {
  'projection.enabled': 'true',
  'projection.day.type': 'date',
  'projection.day.format': 'yyyy-MM-dd',
  // a day more, so that clocks which differ by a little never hide a row
  'projection.day.range': `${FIRST_DAY},NOW+1DAYS`,
  'projection.day.interval': '1',
  'projection.day.interval.unit': 'DAYS',
};
const HOUR_PROJECTION = {
  'projection.hour.type': 'integer',
  'projection.hour.range': '0,23',
  'projection.hour.digits': '2',
};

/** How the files of a table are read. */
export interface TableFormat {
  readonly inputFormat: string;
  readonly outputFormat: string;
  readonly serdeInfo: CfnTable.SerdeInfoProperty;
}

const PARQUET: TableFormat = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};
/** JSON lines, of which a broken one hides no other. */
export const JSON_LINES: TableFormat = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  serdeInfo: {
    serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
    // whoever knows the labels writes them: one broken line must not hide the others
    parameters: { 'ignore.malformed.json': 'true' },
  },
};

interface LogTableProps extends LabelsTableProps {
  readonly description: string;
  readonly format: TableFormat;
  readonly columns: CfnTable.ColumnProperty[];
  readonly hourly: boolean;
}

/** An external table whose partitions are computed from the query's days and hours: none is registered or crawled. */
class LogTable extends CfnTable {
  constructor(scope: Construct, id: string, props: LogTableProps) {
    const location = props.dataLake.monitoringBucket.s3UrlForObject(props.prefix);
    const hour = { name: 'hour', type: 'string', comment: '00 to 23, UTC' };
    super(scope, id, {
      catalogId: Stack.of(scope).account,
      databaseName: props.dataLake.databaseName,
      tableInput: {
        name: props.tableName,
        description: props.description,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [{ name: 'day', type: 'string', comment: 'YYYY-MM-DD, UTC' }, ...(props.hourly ? [hour] : [])],
        parameters: {
          ...DAY_PROJECTION,
          ...(props.hourly ? HOUR_PROJECTION : {}),
          'storage.location.template': `${location}/day=\${day}${props.hourly ? '/hour=${hour}' : ''}`,
        },
        storageDescriptor: { location, columns: props.columns, ...props.format },
      },
    });
  }
}

/** Settings of the table of a model's labels. */
export interface LabelsTableProps {
  readonly dataLake: IDataLake;
  readonly tableName: string;
  /** Where the rows lie in the monitoring bucket. */
  readonly prefix: string;
}

/** Settings of the table of a model's predictions. */
export interface PredictionsTableProps extends LabelsTableProps {
  readonly schema: ModelSchema;
}

/** Table of a model's predictions: Parquet, the features as typed fields of one column. */
export class PredictionsTable extends LogTable {
  constructor(scope: Construct, id: string, props: PredictionsTableProps) {
    const features = props.schema.features.map(feature => `${feature.name}:${feature.type}`).join(',');
    super(scope, id, {
      dataLake: props.dataLake,
      tableName: props.tableName,
      prefix: props.prefix,
      description: 'Predictions, written by the model server only',
      format: PARQUET,
      hourly: true,
      columns: [
        { name: 'request_id', type: 'string', comment: 'joins the label' },
        { name: 'event_time', type: 'timestamp', comment: 'when the server answered, UTC' },
        { name: 'event_time_ms', type: 'bigint', comment: 'the same, since the epoch' },
        { name: 'model', type: 'string' },
        { name: 'version', type: 'string', comment: 'model package version that answered' },
        { name: 'features', type: `struct<${features}>` },
        { name: 'prediction', type: 'bigint' },
        { name: 'score', type: 'double' },
        { name: 'latency_ms', type: 'double' },
      ],
    });
  }
}

/** Table of a model's labels: JSON lines, which whoever knows a label can write. */
export class LabelsTable extends LogTable {
  constructor(scope: Construct, id: string, props: LabelsTableProps) {
    super(scope, id, {
      dataLake: props.dataLake,
      tableName: props.tableName,
      prefix: props.prefix,
      description: 'Labels, whenever the world knows them',
      format: JSON_LINES,
      hourly: false,
      columns: [
        { name: 'request_id', type: 'string' },
        { name: 'label', type: 'bigint', comment: '0 or 1' },
        { name: 'label_time', type: 'string', comment: 'when the label was known, ISO 8601' },
      ],
    });
  }
}
