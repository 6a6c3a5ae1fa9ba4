import { EVIDENCE_EVENTS } from './audit-selectors';
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
/** What is released may have been trained long before. */
const TRAINED_DAYS = 365;
const firstDay = (days: number): string => `CAST(CAST(current_date - INTERVAL '${days}' DAY AS date) AS varchar)`;
const records = (days = DAYS): string => `FROM ${RECORDS_TABLE}\nWHERE day >= ${firstDay(days)}`;
/** Within a query of another one. */
const indented = (sql: string): string => sql.replaceAll('\n', '\n  ');
const TRAIL = `FROM ${TRAIL_TABLE}\nWHERE day >= replace(${firstDay(DAYS)}, '-', '/')`;
const list = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ');
const parameter = (name: string): string => `json_extract_scalar(requestparameters, '$.${name}')`;
const WHO = 'useridentity.arn AS who';
const OUTCOME = "coalesce(errorcode, 'done') AS outcome";
/** Changes of what keeps the evidence; each is rare enough to be looked at wherever it was. */
const KEEPER_EVENTS = [
  'StopLogging',
  'DeleteTrail',
  'UpdateTrail',
  'PutEventSelectors',
  'PutBucketPolicy',
  'DeleteBucketPolicy',
  'PutBucketObjectLockConfiguration',
  'PutBucketLifecycle',
  'ScheduleKeyDeletion',
  'DisableKey',
  'PutKeyPolicy',
  'DeleteTable',
  'UpdateContinuousBackups',
  'DeleteBudgetAction',
];

/** Who touched what of a service's data, how often, and when first and last. */
function touched(service: string, thing: { readonly name: string; readonly parameter: string }, order: string): string {
  const what = parameter(thing.parameter);
  return `SELECT ${WHO}, eventname AS what, ${what} AS ${thing.name},
  count(*) AS times, min(eventtime) AS first_at, max(eventtime) AS last_at
${TRAIL}
  AND eventsource = '${service}.amazonaws.com' AND eventcategory = 'Data'
GROUP BY useridentity.arn, eventname, ${what}
ORDER BY ${order}`;
}

/** All questions. In the SQL of Athena, and in the part of it that the local cloud's engine has too. */
export function auditQueries(auditBucketName: string): AuditQuery[] {
  return [
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
  ${indented(records())}
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
  ${indented(records(TRAINED_DAYS))} AND kind = 'run' AND version IS NOT NULL GROUP BY model, version
)
SELECT done.happened_at, done.model, done.action, done.from_version, done.version, done.outcome,
  done.requested_by AS who, done.reason AS why, done.detail, trained.run_id, trained.snapshot_digest
FROM (
  SELECT *
  ${indented(records())} AND kind = 'release'
) AS done LEFT JOIN trained ON trained.model = done.model AND trained.version = done.version
ORDER BY done.happened_at DESC`,
    },
    {
      id: 'WhatWasDecided',
      name: 'what-was-decided',
      question:
        'What did alarms lead to, who held a model, which versions came from where, when did something else serve than the ledger said, and when was a person erased?',
      sql: `SELECT happened_at, model, kind, action, version, outcome, requested_by AS who, reason AS why, detail
${records()}
  AND kind IN ('decision', 'hold', 'drift', 'promotion', 'erasure')
ORDER BY happened_at DESC`,
    },
    {
      id: 'WhoTouchedData',
      name: 'who-touched-data',
      question: 'Who read or wrote the data, and how much?',
      sql: touched('s3', { name: 'bucket', parameter: 'bucketName' }, 'times DESC'),
    },
    {
      id: 'WhoWroteRecords',
      name: 'who-wrote-records',
      question: 'Who wrote to the ledger and the table of runs? Only the functions of the platform should.',
      // whoever wrote least is the one to look at
      sql: touched('dynamodb', { name: 'table_name', parameter: 'tableName' }, 'times'),
    },
    {
      id: 'WhoChangedRights',
      name: 'who-changed-rights',
      question: 'Who changed what roles and policies of the account allow? Mostly CloudFormation, in a deploy.',
      sql: `SELECT eventtime AS happened_at, ${WHO}, eventname AS what, requestparameters AS of_what, ${OUTCOME}
${TRAIL}
  AND eventsource = 'iam.amazonaws.com'
ORDER BY eventtime DESC`,
    },
    {
      id: 'WhoTouchedEvidence',
      name: 'who-touched-evidence',
      question:
        'Was a record or a file deleted, the trail stopped or changed, a lock, a key or a policy of a bucket touched?',
      sql: `SELECT eventtime AS happened_at, ${WHO}, eventname AS what, requestparameters AS of_what, ${OUTCOME}
${TRAIL}
  AND (eventname IN (${list(KEEPER_EVENTS)})
    OR ${parameter('bucketName')} = '${auditBucketName}' AND eventname IN (${list(EVIDENCE_EVENTS)}))
UNION ALL
SELECT happened_at, requested_by AS who, 'deleted record' AS what, model || ': ' || id AS of_what, outcome
${records()}
  AND kind = 'deleted'
ORDER BY happened_at DESC`,
    },
  ];
}
