import type { LabelCell } from './label-counts';
import { bigint, double, identifier, isTraffic, partitionBounds, text } from '../shared/sql-text';
import { SCORE_BINS } from './auc';

/** Whose predictions to join with their labels, and when they were made. */
export interface LabelQuery {
  readonly database: string;
  readonly predictionsTable: string;
  readonly labelsTable: string;
  readonly version: string;
  readonly start: number;
  readonly end: number;
  readonly periodSeconds: number;
}

/**
 * Predictions by period, label and score bin; those without a label yet by period alone. A label that was written
 * again replaces the earlier one; one without a time loses to any that has one. A prediction that the log holds twice,
 * since servers and streams send again what they are not sure of, counts once, as it was first answered.
 */
export function labelQuery(query: LabelQuery): string {
  const bin = `LEAST(${SCORE_BINS - 1}, GREATEST(0, CAST(FLOOR(p.score * ${SCORE_BINS}) AS INTEGER)))`;
  const firstDay = new Date(query.start).toISOString().slice(0, 10);
  return [
    `SELECT CAST(FLOOR(p.event_time_ms / ${bigint(query.periodSeconds * 1000)}) AS BIGINT) AS period,`,
    `  l.label AS label,`,
    `  CASE WHEN l.label IS NULL THEN NULL ELSE ${bin} END AS bin,`,
    `  COUNT(*) AS n`,
    `FROM (`,
    `  SELECT request_id, MIN(event_time_ms) AS event_time_ms, min_by(score, event_time_ms) AS score`,
    `  FROM ${identifier(query.database)}.${identifier(query.predictionsTable)}`,
    `  WHERE ${partitionBounds(query.start, query.end)}`,
    `    AND event_time_ms >= ${bigint(query.start)} AND event_time_ms < ${bigint(query.end)}`,
    `    AND version = ${text(query.version)} AND ${isTraffic('request_id')}`,
    `    AND score <= ${double(Number.MAX_VALUE)}`,
    `  GROUP BY request_id`,
    `) p`,
    `LEFT JOIN (`,
    `  SELECT request_id, max_by(label, COALESCE(label_time, '')) AS label`,
    `  FROM ${identifier(query.database)}.${identifier(query.labelsTable)}`,
    // no label is older than its prediction
    `  WHERE day >= ${text(firstDay)} AND label IN (0, 1)`,
    `  GROUP BY request_id`,
    `) l ON l.request_id = p.request_id`,
    `GROUP BY 1, 2, 3`,
  ].join('\n');
}

/** Cells from the query's rows. */
export function readLabelCells(
  query: Pick<LabelQuery, 'periodSeconds'>,
  rows: readonly Readonly<Record<string, string | undefined>>[],
): LabelCell[] {
  return rows.map(row => ({
    period: Number(row['period']) * query.periodSeconds * 1000,
    ...(row['label'] === undefined ? {} : { label: row['label'] === '1' ? 1 : 0, bin: Number(row['bin']) }),
    rows: Number(row['n']),
  }));
}
