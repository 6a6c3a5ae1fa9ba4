import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requiredEnvironment } from '../shared/environment';
import { type ErasureAnswer, erasureRequest } from '../shared/erasure-contract';
import { Ledger } from '../shared/ledger';
import { Settings, SettingsError } from '../shared/settings';
import { DryBatch, DryLog } from './dry-run';
import { eraseLog } from './erase-log';
import { eraseModel } from './erase-model';
import { answerErasure, type ErasurePorts, type Person } from './erasure';
import { readJsonLines } from './json-lines';
import { LedgerErasureLock } from './lock';
import type { ReadLogFile } from './log-file';
import { readParquet } from './parquet-file';
import type { LogStore } from './ports';
import { isTheirRequest } from './request-ids';
import { S3Batches } from './s3-batches';
import { S3Log } from './s3-log';
import { remainsIn } from './s3-remains';

/** What is begun after that waits for the next call: the rest of the function's time is for the largest file. */
const WORK_MS = 120_000;

const environment = requiredEnvironment(
  'ENVIRONMENT',
  'LEDGER_TABLE',
  'RAW_BUCKET',
  'CURATED_BUCKET',
  'SNAPSHOT_BUCKET',
  'MONITORING_BUCKET',
);

const s3 = new S3Client();
const settings = new Settings(new SSMClient(), environment.ENVIRONMENT);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
const ledger = new Ledger(documents, environment.LEDGER_TABLE);
const lock = new LedgerErasureLock(documents, environment.LEDGER_TABLE);

function placesOf(person: Person, hasTime: () => boolean): ReturnType<ErasurePorts['places']> {
  const { model, column, key, dryRun } = person;
  const batches = new S3Batches(s3, {
    rawBucket: environment.RAW_BUCKET,
    curatedBucket: environment.CURATED_BUCKET,
    model,
  });
  const isTheirs = isTheirRequest(person);
  const log = (prefix: string, read: ReadLogFile) => (after: string | undefined) => {
    const store: LogStore = new S3Log(s3, environment.MONITORING_BUCKET, `${prefix}/model=${model}/`);
    return eraseLog({ store: dryRun ? new DryLog(store) : store, read, isTheirs, hasTime }, after);
  };
  return {
    landed: after =>
      eraseModel(
        { column, key },
        {
          ids: () => batches.ids(),
          strays: () => batches.strays(),
          batch: id => (dryRun ? new DryBatch(batches.batch(id)) : batches.batch(id)),
          hasTime,
        },
        after,
      ),
    predictions: log('inference_log', readParquet),
    labels: log('labels', readJsonLines),
  };
}

/** Erases a person's rows, or counts them. Call it directly and wait: a queue or a history would keep the person's key. */
export async function handler(event: unknown): Promise<ErasureAnswer> {
  const began = Date.now();
  const request = erasureRequest.parse(event);
  const answer = await answerErasure(
    {
      settings: model => ifThere(settings.training(model)),
      places: placesOf,
      remains: (model, fields) =>
        remainsIn(
          s3,
          {
            snapshotBucket: environment.SNAPSHOT_BUCKET,
            monitoringBucket: environment.MONITORING_BUCKET,
            errorsPrefix: `firehose_errors/model=${model}/`,
          },
          model,
          fields,
          new Date(),
        ),
      append: (model, record) => ledger.appendErasure(model, record),
      lock,
      callId: randomUUID,
      hasTime: () => Date.now() - began < WORK_MS,
      now: () => new Date(),
    },
    request,
  );
  // neither the key nor what the files say: a log is no place for them
  const { id, model, dryRun, requestedBy } = request;
  const { outcome } = answer;
  const counts = answer.outcome === 'refused' ? {} : { rows: answer.rows, versions: answer.versions };
  console.log(JSON.stringify({ id, model, dryRun, requestedBy, outcome, ...counts }));
  return answer;
}

async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof SettingsError && error.missing) return undefined;
    throw error;
  }
}
