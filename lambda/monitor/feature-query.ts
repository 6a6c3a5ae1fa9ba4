import type { Baseline, Bins, Column } from '../shared/contracts';
import type { FeatureCounts } from './counts';
import { bigint, double, identifier, isTraffic, partitionBounds, text } from '../shared/sql-text';

/** Athena allows 262,144 bytes; the rest is room for the state that carries the query through Step Functions. */
const MAX_QUERY_BYTES = 200_000;

/** What to count, of whom, and when. */
export interface FeatureQuery {
  readonly database: string;
  readonly table: string;
  readonly version: string;
  readonly start: number;
  readonly end: number;
  readonly features: readonly Column[];
  readonly baseline: Pick<Baseline, 'features' | 'prediction'>;
}

/**
 * One pass over a period's rows that counts every column into the baseline's bins.
 *
 * `SUM(CASE WHEN x < edge …)` counts cumulatively; differences give the bins. It was the fastest of what was measured,
 * and both engines read it. A row that the stream delivered twice counts twice here: to find those takes a second pass,
 * and they are too few to move a share.
 */
export function featureQuery(query: FeatureQuery): string {
  const columns = countedColumns(query).flatMap(({ expression, type, bins }, index) => {
    const present = isPresent(expression, type);
    const cells = conditions(expression, bins).map((condition, cell) => counted(condition, `c${index}_${cell}`));
    return [counted(present, `c${index}_present`), ...cells];
  });
  const sql = [
    `SELECT COUNT(*) AS all_rows,`,
    columns.map(column => `  ${column}`).join(',\n'),
    `FROM ${identifier(query.database)}.${identifier(query.table)}`,
    `WHERE ${partitionBounds(query.start, query.end)}`,
    `  AND event_time_ms >= ${bigint(query.start)} AND event_time_ms < ${bigint(query.end)}`,
    `  AND version = ${text(query.version)} AND ${isTraffic('request_id')}`,
  ].join('\n');
  const bytes = Buffer.byteLength(sql);
  if (bytes > MAX_QUERY_BYTES) {
    throw new RangeError(
      `'features' of the model make a query of ${bytes} bytes, must be at most ${MAX_QUERY_BYTES}, use fewer features or categories`,
    );
  }
  return sql;
}

/** The counts in the query's one row, by column name. */
export function readFeatureCounts(
  query: Pick<FeatureQuery, 'features' | 'baseline'>,
  row: Readonly<Record<string, string | undefined>>,
): FeatureCounts {
  // SUM over no rows is NULL, which arrives as nothing
  const cell = (name: string): number => Number(row[name] ?? 0);
  const rows = cell('all_rows');
  const counts = countedColumns(query).map(({ bins }, index) => {
    const present = cell(`c${index}_present`);
    const read = Array.from({ length: conditionCount(bins) }, (_, position) => cell(`c${index}_${position}`));
    return [...(bins.categories === undefined ? differences(read, present) : others(read, present)), rows - present];
  });
  return {
    rows,
    features: Object.fromEntries(query.features.map((feature, index) => [feature.name, counts[index] ?? []])),
    prediction: counts.at(-1) ?? [],
  };
}

interface CountedColumn {
  readonly expression: string;
  readonly type: Column['type'];
  readonly bins: Bins;
}

/** The features and, last, the score. */
function countedColumns({ features, baseline }: Pick<FeatureQuery, 'features' | 'baseline'>): CountedColumn[] {
  return [
    ...features.map(feature => {
      const bins = baseline.features[feature.name];
      if (!(feature.name in baseline.features)) {
        throw new RangeError(
          `feature '${feature.name}' is not in the version's baseline, which has ${Object.keys(baseline.features).join(', ')}`,
        );
      }
      return { expression: `features.${identifier(feature.name)}`, type: feature.type, bins };
    }),
    { expression: 'score', type: 'double', bins: baseline.prediction },
  ];
}

/** NULL, NaN and +∞ count as missing. Trino says NaN is less than nothing, DuckDB that it is greater than all. */
function isPresent(expression: string, type: Column['type']): string {
  return type === 'double' ? `${expression} <= ${double(Number.MAX_VALUE)}` : `${expression} IS NOT NULL`;
}

function conditions(expression: string, bins: Bins): string[] {
  return bins.categories === undefined
    ? (bins.edges ?? []).map(edge => `${expression} < ${double(edge)}`)
    : bins.categories.map(category => `${expression} = ${text(category)}`);
}

function conditionCount(bins: Bins): number {
  return (bins.categories ?? bins.edges ?? []).length;
}

function counted(condition: string, alias: string): string {
  return `SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END) AS ${alias}`;
}

/** Bins from cumulative counts; the last bin holds what lies at or above every edge. */
function differences(cumulative: number[], present: number): number[] {
  return [...cumulative, present].map((count, index) => count - (index === 0 ? 0 : (cumulative[index - 1] ?? 0)));
}

/** The categories and, last, whatever is present and none of them. */
function others(categories: number[], present: number): number[] {
  return [...categories, present - categories.reduce((total, count) => total + count, 0)];
}
