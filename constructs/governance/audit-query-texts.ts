import { RECORDS_TABLE, TRAIL_TABLE } from './audit-tables';

/** A question that an audit asks, and the query that answers it. */
export interface AuditQuery {
  /** Id of the construct. */
  readonly id: string;
  /** Name in Athena, after the environment's prefix. */
  readonly name: string;
  readonly question: string;
  readonly sql: string;
}

/** How far back they look, so that none scans years by mistake; whoever needs more changes the number. */
const DAYS = 90;
const FIRST_DAY = `CAST(CAST(current_date - INTERVAL '${DAYS}' DAY AS date) AS varchar)`;
const RECORDS = `FROM ${RECORDS_TABLE}\nWHERE day >= ${FIRST_DAY}`;
const TRAIL = `FROM ${TRAIL_TABLE}\nWHERE day >= replace(${FIRST_DAY}, '-', '/')`;
const parameter = (name: string): string => `json_extract_scalar(requestparameters, '$.${name}')`;
const WHO = 'useridentity.arn AS who';
const OUTCOME = "coalesce(errorcode, 'done') AS outcome";

/** In the SQL of Athena, and in the part of it that the local cloud's engine has too. */
export const AUDIT_QUERIES: readonly AuditQuery[] = [
  {
    id: 'WhoApproved',
    name: 'who-approved',
    question: 'Who approved or rejected which version, and with what words?',
    sql: `SELECT eventtime AS happened_at, ${WHO},
  ${parameter('modelPackageArn')} AS model_package,
  ${parameter('modelApprovalStatus')} AS status,
  ${parameter('approvalDescription')} AS words,
  ${OUTCOME}
${TRAIL}
  AND eventsource = 'sagemaker.amazonaws.com' AND eventname = 'UpdateModelPackage'
  AND ${parameter('modelApprovalStatus')} IS NOT NULL
ORDER BY eventtime DESC`,
  },
  {
    id: 'WhoTrained',
    name: 'who-trained',
    question: 'Who asked for each training, on which data, and what came of it?',
    // an execution may end without a run: refused by the guard, or trained before; it leaves a record at each change
    sql: `WITH lately AS (
  SELECT *
  ${RECORDS.replaceAll('\n', '\n  ')}
), runs AS (
  SELECT model, run_id, max_by(version, happened_at) AS version, max_by(snapshot_digest, happened_at) AS snapshot_digest
  FROM lately WHERE kind = 'run' GROUP BY model, run_id
), asked AS (
  SELECT model, id, min(happened_at) AS happened_at, max_by(requested_by, happened_at) AS who,
    max_by(action, happened_at) AS started_by, max_by(reason, happened_at) AS why, max_by(outcome, happened_at) AS outcome,
    max_by(detail, happened_at) AS detail, max_by(run_id, happened_at) AS run_id
  FROM lately WHERE kind = 'execution' GROUP BY model, id
)
SELECT asked.happened_at, asked.model, asked.who, asked.started_by, asked.why,
  asked.outcome, asked.detail, asked.run_id, runs.version, runs.snapshot_digest
FROM asked LEFT JOIN runs ON runs.model = asked.model AND runs.run_id = asked.run_id
ORDER BY asked.happened_at DESC`,
  },
  {
    id: 'WhoReleased',
    name: 'who-released',
    question: 'Who released or rolled back what, why, and on which data was it trained?',
    sql: `WITH trained AS (
  SELECT model, version, max_by(run_id, happened_at) AS run_id, max_by(snapshot_digest, happened_at) AS snapshot_digest
  FROM ${RECORDS_TABLE} WHERE kind = 'run' AND version IS NOT NULL GROUP BY model, version
)
SELECT done.happened_at, done.model, done.action, done.from_version, done.version, done.outcome,
  done.requested_by AS who, done.reason AS why, done.detail, trained.run_id, trained.snapshot_digest
FROM (
  SELECT *
  ${RECORDS.replaceAll('\n', '\n  ')} AND kind = 'release'
) AS done LEFT JOIN trained ON trained.model = done.model AND trained.version = done.version
ORDER BY done.happened_at DESC`,
  },
  {
    id: 'WhatWasDecided',
    name: 'what-was-decided',
    question:
      'What did alarms lead to, who held a model, which versions came from where, when did something else serve than the ledger said, and when was a person erased?',
    sql: `SELECT happened_at, model, kind, action, version, outcome, requested_by AS who, reason AS why, detail
${RECORDS}
  AND kind IN ('decision', 'hold', 'drift', 'promotion', 'erasure')
ORDER BY happened_at DESC`,
  },
  {
    id: 'WhoTouchedData',
    name: 'who-touched-data',
    question: 'Who read or wrote the data, and how much?',
    sql: `SELECT ${WHO}, eventname AS what, ${parameter('bucketName')} AS bucket,
  count(*) AS times, min(eventtime) AS first_at, max(eventtime) AS last_at
${TRAIL}
  AND eventsource = 's3.amazonaws.com' AND eventcategory = 'Data'
GROUP BY useridentity.arn, eventname, ${parameter('bucketName')}
ORDER BY times DESC`,
  },
  {
    id: 'WhoWroteRecords',
    name: 'who-wrote-records',
    question: 'Who wrote to the ledger and the table of runs? Only the functions of the platform should.',
    sql: `SELECT ${WHO}, eventname AS what, ${parameter('tableName')} AS table_name,
  count(*) AS times, min(eventtime) AS first_at, max(eventtime) AS last_at
${TRAIL}
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY useridentity.arn, eventname, ${parameter('tableName')}
ORDER BY times`,
  },
  {
    id: 'WhoTouchedEvidence',
    name: 'who-touched-evidence',
    question: 'Was a record deleted, the trail stopped or changed, a lock, a key or a policy of a bucket touched?',
    sql: `SELECT eventtime AS happened_at, ${WHO}, eventname AS what, requestparameters AS of_what, ${OUTCOME}
${TRAIL}
  AND eventname IN ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'PutBucketPolicy',
    'DeleteBucketPolicy', 'PutBucketObjectLockConfiguration', 'PutBucketLifecycle', 'ScheduleKeyDeletion',
    'DisableKey', 'PutKeyPolicy', 'DeleteTable', 'UpdateContinuousBackups', 'DeleteBudgetAction')
UNION ALL
SELECT happened_at, requested_by AS who, 'deleted record' AS what, model || ': ' || id AS of_what, outcome
${RECORDS}
  AND kind = 'deleted'
ORDER BY happened_at DESC`,
  },
];
