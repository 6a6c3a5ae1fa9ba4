import type { QueryRow } from '../shared/athena-results';
import type { ShadowSettings } from '../shared/contracts';
import { bigint, double, identifier, isTraffic, partitionBounds, text } from '../shared/sql-text';
import type { ShadowedTime } from './ports';
import type { PairedAnswers } from './shadow-verdict';

/**
 * One pass over the log of a shadowed time that pairs the answers of both versions and compares them.
 *
 * The nth answer of one version to some features is paired with the nth of the other to the same. By features and not by
 * `request_id`: SageMaker says of no header that the copy of a request has it, and without a caller's own id each model
 * server makes one up. A row that the stream delivered twice finds no partner, or one with the same features, whose answer
 * is the same.
 */
export function pairingQuery(
  { champion, challenger, since, until }: ShadowedTime,
  { database, inferenceLogTable }: Pick<ShadowSettings, 'database' | 'inferenceLogTable'>,
): string {
  const [start, end] = [since.getTime(), until.getTime()];
  const of = (version: string, column: string): string =>
    `MAX(CASE WHEN version = ${text(version)} THEN ${column} END)`;
  const count = (version: string): string => `SUM(CASE WHEN version = ${text(version)} THEN 1 ELSE 0 END)`;
  return [
    `SELECT COUNT(*) AS compared,`,
    `  SUM(CASE WHEN prediction_before = prediction_after`,
    `    OR (prediction_before IS NULL AND prediction_after IS NULL) THEN 0 ELSE 1 END) AS disagreeing,`,
    `  AVG(ABS(score_before - score_after)) AS score_difference`,
    `FROM (`,
    `  SELECT ${of(champion, 'prediction')} AS prediction_before, ${of(challenger, 'prediction')} AS prediction_after,`,
    `    ${of(champion, 'score')} AS score_before, ${of(challenger, 'score')} AS score_after`,
    `  FROM (`,
    `    SELECT version, features, prediction,`,
    // NaN and infinity would make every average one of them
    `      CASE WHEN score <= ${double(Number.MAX_VALUE)} THEN score END AS score,`,
    `      ROW_NUMBER() OVER (PARTITION BY version, features ORDER BY event_time_ms, request_id) AS turn`,
    `    FROM ${identifier(database)}.${identifier(inferenceLogTable)}`,
    `    WHERE ${partitionBounds(start, end)}`,
    `      AND event_time_ms >= ${bigint(start)} AND event_time_ms < ${bigint(end)}`,
    `      AND version IN (${text(champion)}, ${text(challenger)}) AND ${isTraffic('request_id')}`,
    `  ) answers`,
    `  GROUP BY features, turn`,
    `  HAVING ${count(champion)} = 1 AND ${count(challenger)} = 1`,
    `) pairs`,
  ].join('\n');
}

/** The comparison in the query's one row. */
export function readPairedAnswers(row: QueryRow): PairedAnswers {
  const difference = row['score_difference'];
  return {
    compared: Number(row['compared'] ?? 0),
    // SUM over no rows is NULL, which arrives as nothing
    disagreeing: Number(row['disagreeing'] ?? 0),
    ...(difference === undefined || difference === '' ? {} : { scoreDifference: Number(difference) }),
  };
}
