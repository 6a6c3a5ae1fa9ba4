import {
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import type { IdleRequest, VersionRequest } from './contracts';

/** What serves, what could serve again, and who is changing it: one item for each model. */
export interface LedgerState {
  model: string;
  /** Version that serves. */
  current?: string;
  /** When `current` began to serve. */
  activatedAt?: string;
  /** Versions known to be healthy in this environment, the one activated last first; a quarantined one is not in it. */
  healthy: string[];
  /** Grows by one each time the lock changes hands; every write carries it. */
  generation: number;
  lastAutomaticRollbackAt?: string;
  /** Since when nothing runs of `current`, on purpose, and on whose word; absent while it serves. */
  asleep?: Sleep;
  /** When it last woke. */
  wokenAt?: string;
  /** When its hours were seen to want that; absent if it woke on another's word. */
  wakeDecidedAt?: string;
  /** ARN of the execution that holds the lock. */
  lockOwner?: string;
  lockExpiresAt?: string;
  /** What the lock's owner is doing, so that whoever takes over can record what became of it. */
  underway?: ReleaseUnderway;
  /** Versions to which releases began to move traffic that did not come to their end: any of them may serve. */
  movedTo?: string[];
}

/** Why nothing of a model runs although a version of it is released. */
export interface Sleep {
  /** ISO 8601; by its hours, when they were seen to want it. */
  since: string;
  requestedBy: string;
  reason: string;
}

/** What the owner of the lock set out to do. */
export interface ReleaseUnderway {
  id: string;
  action: VersionRequest['action'] | IdleRequest['action'];
  version: string;
  from?: string;
  requestedBy: string;
  reason: string;
  evidence?: Record<string, unknown>;
  startedAt: string;
  /** Id of the release whose execution died, where this one finishes or undoes it. */
  finishes?: string;
  /** Whether its record is written, so that only tidying up was left. */
  recorded?: boolean;
  /** Whether its version only shadows by now: what serves is what served before, and may be judged and rolled back. */
  shadowing?: boolean;
}

/** A person's word that nothing is to be released or rolled back by itself for a while. */
export interface Hold {
  /** ISO 8601. */
  until: string;
  reason: string;
  requestedBy: string;
  since: string;
}

/** Whether a model is held: an item of its own, so that it is set and lifted while a release has the lock. */
export interface HoldState {
  model: string;
  /** Grows by one with each request to hold or to resume; every write carries it. */
  generation: number;
  /** Absent after `resume`. It may have ended by itself: ask `activeHold`. */
  hold?: Hold;
}

/** One request to hold or to resume, whatever became of it. Never changed once written. */
export interface HoldRecord {
  /** Name of the execution. */
  id: string;
  action: 'hold' | 'resume';
  requestedBy: string;
  reason: string;
  outcome: 'succeeded' | 'refused';
  detail: string;
  /** Until when it holds. */
  until?: string;
  at: string;
  generation: number;
}

/** Somebody urgent who waits for the lock of a model: an item of its own, since the lock's owner writes the state. */
export interface Waiting {
  /** Name of the execution. */
  id: string;
  action: ReleaseUnderway['action'];
  version: string;
  requestedBy: string;
  /** When it last looked; it looks again and again while it lives. */
  at: string;
}

/** What this environment knows of one version. */
export interface VersionRecord {
  version: string;
  /** `retired`: known here, neither healthy nor quarantined, e.g. after its quarantine was lifted. */
  status: 'healthy' | 'quarantined' | 'retired';
  reason: string;
  at: string;
  by: string;
  /** When it was approved, as the approval's event told; absent if it never served upon such an event. */
  approvedAt?: string;
}

/** One release, whatever became of it. Never changed once written. */
export interface ReleaseRecord {
  /** Name of the execution. */
  id: string;
  action: string;
  version: string;
  from?: string;
  requestedBy: string;
  reason: string;
  evidence?: Record<string, unknown>;
  outcome: 'succeeded' | 'refused' | 'undone' | 'failed';
  detail: string;
  startedAt: string;
  trafficMovedAt?: string;
  endedAt: string;
  generation: number;
}

/** One decision of the reaction function. Never changed once written. */
export interface ReactionRecord {
  /** The same for each delivery of the same alarm transition. */
  id: string;
  alarm: string;
  alarmAt: string;
  decidedAt: string;
  decision: 'roll-back' | 'retrain' | 'page' | 'nothing';
  reason: string;
  evidence: Record<string, unknown>;
}

/** Something else served than the ledger said, and people were told. Never changed once written. */
export interface DriftRecord {
  /** Version that should have served; absent if none should. */
  current?: string;
  /** Whether it should have slept. */
  asleep?: true;
  /** What served instead, in words. */
  serves: string;
  at: string;
  /** The ledger's: another release begins a new drift, though the same serve. */
  generation: number;
}

/** A version that came from another environment. Never changed once written. */
export interface PromotionRecord {
  from: { environment: string; account: string; region: string; version: string; modelPackageArn: string };
  /** Its number here. */
  version: string;
  modelPackageArn: string;
  runId: string;
  /** Who approved it where it came from, when, and why. */
  approvedBy: string;
  approvedAt: string;
  reason: string;
  /** What was proved of its parts: SHA-256 in hex, of the image as ECR writes it. */
  digests: { modelData: string; evaluation: string; baseline: string; image: string };
  at: string;
}

/**
 * How far an erasure of one person's rows came: that it began, and what each call of the function did. Who the person
 * is stands nowhere in it. Never changed once written.
 */
export interface ErasureRecord {
  /** The same in all records of one erasure. */
  id: string;
  requestedBy: string;
  /** E.g. the number of the person's request. */
  reason?: string;
  /** `incomplete`: all was looked through, and what is named in the answer could not be. */
  outcome: 'begun' | 'continues' | 'incomplete' | 'done';
  detail: string;
  /** What went in this call. */
  rows: { landed: number; predictions: number; labels: number };
  at: string;
}

/** An item of the table, of whatever kind. */
export interface LedgerItem extends Readonly<Record<string, unknown>> {
  /** Its sort key, e.g. `RELEASE#<time>#<id>`. */
  readonly sk: string;
}

/** Sort keys of a model's items; the partition key is the model's name. */
export const ledgerKeys = {
  state: 'STATE',
  versions: 'VERSION#',
  version: (version: string): string => `VERSION#${version.padStart(9, '0')}`,
  releases: 'RELEASE#',
  release: (startedAt: string, id: string): string => `RELEASE#${startedAt}#${id}`,
  reactions: 'REACTION#',
  reaction: (decidedAt: string, id: string): string => `REACTION#${decidedAt}#${id}`,
  reactionId: (id: string): string => `REACTIONID#${id}`,
  models: 'MODEL#',
  model: (model: string): string => `MODEL#${model}`,
  promotions: 'PROMOTION#',
  promotion: (environment: string, version: string): string => `PROMOTION#${environment}#${version.padStart(9, '0')}`,
  erasures: 'ERASURE#',
  erasure: (at: string, id: string): string => `ERASURE#${at}#${id}`,
  /** Whose erasure of a model's persons is under way. */
  erasing: 'ERASING',
  hold: 'HOLD',
  waiting: 'WAITING',
  holdings: 'HOLDING#',
  holding: (generation: number): string => `HOLDING#${String(generation).padStart(9, '0')}`,
  /** One that was reported to people: what serves is not what the ledger of that generation says. */
  drifts: 'DRIFT#',
  drift: (generation: number, serves: string): string => `DRIFT#${String(generation).padStart(9, '0')}#${serves}`,
};

/** Partition of the index of all models, one item each; no model's name has such a character. */
export const MODELS_PARTITION = '#MODELS';

/** The hold that holds now. */
export function activeHold({ hold }: HoldState, now: Date): Hold | undefined {
  return hold !== undefined && Date.parse(hold.until) > now.getTime() ? hold : undefined;
}

/** Whether the owner of the lock has not been heard of for a whole lease: it is dead, or must act as if it were. */
export function lockExpired({ lockExpiresAt }: Pick<LedgerState, 'lockExpiresAt'>, now: Date): boolean {
  return lockExpiresAt === undefined || Date.parse(lockExpiresAt) <= now.getTime();
}

/** Longer than from one look at the lock to the next, with all retries: who wrote nothing for so long is dead. */
export const WAITING_MS = 5 * 60_000;

/** Whoever waits now. */
export function activeWaiting(waiting: Waiting | undefined, now: Date): Waiting | undefined {
  return waiting !== undefined && now.getTime() - Date.parse(waiting.at) < WAITING_MS ? waiting : undefined;
}

/** The version to which a rollback from `from` would go: the one activated last among the healthy others. */
export function rollbackTarget(state: LedgerState, from: string): string | undefined {
  return state.healthy.find(version => version !== from);
}

/** Reads the ledger and appends reactions, drifts, promotions and erasures. Only the release machine writes the rest (`lambda/release-step`). */
export class Ledger {
  constructor(
    private readonly documents: DynamoDBDocumentClient,
    private readonly tableName: string,
  ) {}

  /** State of a model; generation 0 if nothing was ever released. */
  async state(model: string): Promise<LedgerState> {
    const item = await this.item<LedgerState>(model, ledgerKeys.state);
    return item ?? { model, healthy: [], generation: 0 };
  }

  /** What is known of a version here; nothing if it never served. */
  version(model: string, version: string): Promise<VersionRecord | undefined> {
    return this.item<VersionRecord>(model, ledgerKeys.version(version));
  }

  /** Whether a model is held; generation 0 if nobody ever asked. */
  async hold(model: string): Promise<HoldState> {
    return (await this.item<HoldState>(model, ledgerKeys.hold)) ?? { model, generation: 0 };
  }

  /** Who wrote last that it waits for the lock; nobody after it has got it. */
  async waiting(model: string): Promise<Waiting | undefined> {
    const item = await this.item<Partial<Waiting>>(model, ledgerKeys.waiting);
    return item?.id === undefined ? undefined : (item as Waiting);
  }

  /** Requests to hold and to resume, the oldest first. */
  holdings(model: string): Promise<HoldRecord[]> {
    return this.items<HoldRecord>(model, ledgerKeys.holdings, {});
  }

  /** The report of one drift; nothing if nobody was told of it yet. */
  drift(model: string, generation: number, serves: string): Promise<DriftRecord | undefined> {
    return this.item<DriftRecord>(model, ledgerKeys.drift(generation, serves));
  }

  /** Appends the report of a drift; again, or by two looks at once, the first one stays. */
  appendDrift(model: string, record: DriftRecord): Promise<void> {
    return this.appendOnce(model, ledgerKeys.drift(record.generation, record.serves), record);
  }

  /** How a version of another environment came here; nothing if it never did. */
  promotion(model: string, environment: string, version: string): Promise<PromotionRecord | undefined> {
    return this.item<PromotionRecord>(model, ledgerKeys.promotion(environment, version));
  }

  /** Versions that came from other environments, by these and their versions there. */
  promotions(model: string): Promise<PromotionRecord[]> {
    return this.items<PromotionRecord>(model, ledgerKeys.promotions, {});
  }

  /** Appends a promotion; again, or by two at once, the first one stays. */
  appendPromotion(model: string, record: PromotionRecord): Promise<void> {
    return this.appendOnce(model, ledgerKeys.promotion(record.from.environment, record.from.version), record);
  }

  /** What was erased of persons, the oldest first. */
  erasures(model: string): Promise<ErasureRecord[]> {
    return this.items<ErasureRecord>(model, ledgerKeys.erasures, {});
  }

  /** Appends what an erasure did. */
  appendErasure(model: string, record: ErasureRecord): Promise<void> {
    return this.appendOnce(model, ledgerKeys.erasure(record.at, record.id), record);
  }

  /** Every model for which a request has ever had the lock. */
  async models(): Promise<string[]> {
    const index = await this.items<{ model: string }>(MODELS_PARTITION, ledgerKeys.models, {});
    return index.map(({ model }) => model);
  }

  /** What is known of all versions of a model here, by their numbers. */
  versions(model: string): Promise<VersionRecord[]> {
    return this.items<VersionRecord>(model, ledgerKeys.versions, {});
  }

  /** Releases of a model, the oldest first: all, or only the newest. */
  releases(model: string, newest?: number): Promise<ReleaseRecord[]> {
    return this.items<ReleaseRecord>(model, ledgerKeys.releases, { newest });
  }

  /** Reactions of a model, the oldest first: all, or only those decided at or after a time. */
  reactions(model: string, since?: string): Promise<ReactionRecord[]> {
    return this.items<ReactionRecord>(model, ledgerKeys.reactions, { since });
  }

  /** The reaction to one alarm transition; nothing if there was none. */
  async reaction(model: string, id: string): Promise<ReactionRecord | undefined> {
    const place = await this.item<{ decidedAt: string }>(model, ledgerKeys.reactionId(id));
    return place === undefined ? undefined : this.item(model, ledgerKeys.reaction(place.decidedAt, id));
  }

  /** Drifts that were told to people, the oldest generation first. */
  drifts(model: string): Promise<DriftRecord[]> {
    return this.items<DriftRecord>(model, ledgerKeys.drifts, {});
  }

  /** Each item of a model as it stands in the table, with the sort key, which says what it is: for an audit. */
  async everything(model: string): Promise<LedgerItem[]> {
    const found = await this.query({
      KeyConditionExpression: 'pk = :model',
      ExpressionAttributeValues: { ':model': model },
    });
    return found.map(({ sk, ...item }) => ({ ...withoutKeys(item), sk: String(sk) }));
  }

  /** Appends a decision once: the second delivery of the same alarm transition changes nothing. */
  async appendReaction(model: string, record: ReactionRecord): Promise<'recorded' | 'already-recorded'> {
    const put = (sk: string, item: object) => ({
      Put: {
        TableName: this.tableName,
        Item: { ...item, pk: model, sk },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    });
    try {
      await this.documents.send(
        new TransactWriteCommand({
          TransactItems: [
            put(ledgerKeys.reactionId(record.id), { decidedAt: record.decidedAt }),
            put(ledgerKeys.reaction(record.decidedAt, record.id), record),
          ],
        }),
      );
      return 'recorded';
    } catch (error) {
      if (isConditionFailure(error)) return 'already-recorded';
      throw error;
    }
  }

  private async appendOnce(model: string, sk: string, record: object): Promise<void> {
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.tableName,
          Item: { ...record, pk: model, sk },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  }

  private async item<T extends object>(model: string, sk: string): Promise<T | undefined> {
    const answer = await this.documents.send(
      // consistent: a decision on yesterday's truth moves traffic
      new GetCommand({ TableName: this.tableName, Key: { pk: model, sk }, ConsistentRead: true }),
    );
    return answer.Item === undefined ? undefined : (withoutKeys(answer.Item) as T);
  }

  private async items<T extends object>(
    model: string,
    prefix: string,
    { since = '', newest = Infinity }: { since?: string; newest?: number },
  ): Promise<T[]> {
    const found = await this.query(
      {
        KeyConditionExpression: 'pk = :model AND sk BETWEEN :from AND :to',
        // a key goes on with a time, and any character of it is less than '~'
        ExpressionAttributeValues: { ':model': model, ':from': `${prefix}${since}`, ':to': `${prefix}~` },
        ScanIndexForward: false,
      },
      newest,
    );
    return found.map(item => withoutKeys(item) as T).reverse();
  }

  /** Reads page by page, until there are no more or so many. */
  private async query(
    input: Omit<QueryCommandInput, 'TableName'>,
    most = Infinity,
  ): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page: QueryCommandOutput = await this.documents.send(
        new QueryCommand({
          ...input,
          TableName: this.tableName,
          ConsistentRead: true,
          ...(most === Infinity ? {} : { Limit: most - found.length }),
          ExclusiveStartKey: start,
        }),
      );
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined && found.length < most);
    return found;
  }
}

/** Whether a write was refused because of a condition, and not because of a fault or of another transaction. */
export function isConditionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ConditionalCheckFailedException') return true;
  if (error.name !== 'TransactionCanceledException') return false;
  const { CancellationReasons: reasons } = error as { CancellationReasons?: { Code?: string }[] };
  return reasons?.some(reason => reason.Code === 'ConditionalCheckFailed') ?? false;
}

function withoutKeys(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'pk' && name !== 'sk'));
}
