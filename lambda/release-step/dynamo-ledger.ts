import {
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
  type PutCommandInput,
} from '@aws-sdk/lib-dynamodb';
import {
  isConditionFailure,
  Ledger,
  ledgerKeys,
  MODELS_PARTITION,
  type HoldRecord,
  type HoldState,
  type LedgerState,
  type ReleaseRecord,
  type VersionRecord,
  type Waiting,
  WAITING_MS,
} from '../shared/ledger';
import type { HoldChange, LedgerChange, LedgerPort } from './ports';

/** The ledger's one writer, on DynamoDB: every change is a transaction on the condition that the lock did not move. */
export class DynamoLedger implements LedgerPort {
  private readonly reader: Ledger;

  constructor(
    private readonly documents: DynamoDBDocumentClient,
    private readonly tableName: string,
  ) {
    this.reader = new Ledger(documents, tableName);
  }

  state(model: string): Promise<LedgerState> {
    return this.reader.state(model);
  }

  version(model: string, version: string): Promise<VersionRecord | undefined> {
    return this.reader.version(model, version);
  }

  async release(model: string, startedAt: string, id: string): Promise<ReleaseRecord | undefined> {
    const answer = await this.documents.send(
      new GetCommand({
        TableName: this.tableName,
        Key: { pk: model, sk: ledgerKeys.release(startedAt, id) },
        ConsistentRead: true,
      }),
    );
    return answer.Item as ReleaseRecord | undefined;
  }

  async commit({ expected, state, versions = [], releases = [] }: LedgerChange): Promise<'committed' | 'refused'> {
    const { model } = state;
    try {
      await this.documents.send(
        new TransactWriteCommand({
          TransactItems: [
            { Put: { TableName: this.tableName, Item: this.item(model, ledgerKeys.state, state), ...fence(expected) } },
            ...versions.map(record => ({
              Put: { TableName: this.tableName, Item: this.item(model, ledgerKeys.version(record.version), record) },
            })),
            ...releases.map(record => ({ Put: this.releasePut(model, record) })),
            // with each lock that is taken, so that no model of an older ledger is left out
            ...(state.generation > expected.generation ? [{ Put: this.indexPut(state) }] : []),
          ],
        }),
      );
      return 'committed';
    } catch (error) {
      if (isConditionFailure(error)) return 'refused';
      throw error;
    }
  }

  async append(model: string, record: ReleaseRecord): Promise<void> {
    try {
      await this.documents.send(new PutCommand(this.releasePut(model, record)));
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  }

  hold(model: string): Promise<HoldState> {
    return this.reader.hold(model);
  }

  holdings(model: string): Promise<HoldRecord[]> {
    return this.reader.holdings(model);
  }

  async commitHold({ expected, state, record }: HoldChange): Promise<'committed' | 'refused'> {
    const { model } = state;
    try {
      await this.documents.send(
        new TransactWriteCommand({
          TransactItems: [
            {
              Put: {
                TableName: this.tableName,
                Item: this.item(model, ledgerKeys.hold, state),
                ...(expected.generation === 0
                  ? { ConditionExpression: 'attribute_not_exists(pk)' }
                  : {
                      ConditionExpression: '#generation = :generation',
                      ExpressionAttributeNames: { '#generation': 'generation' },
                      ExpressionAttributeValues: { ':generation': expected.generation },
                    }),
              },
            },
            {
              Put: {
                TableName: this.tableName,
                Item: this.item(model, ledgerKeys.holding(record.generation), record),
                ConditionExpression: 'attribute_not_exists(pk)',
              },
            },
          ],
        }),
      );
      return 'committed';
    } catch (error) {
      if (isConditionFailure(error)) return 'refused';
      throw error;
    }
  }

  waiting(model: string): Promise<Waiting | undefined> {
    return this.reader.waiting(model);
  }

  async startWaiting(model: string, waiting: Waiting): Promise<void> {
    const dead = new Date(Date.parse(waiting.at) - WAITING_MS).toISOString();
    await this.unlessOthers({
      Item: this.item(model, ledgerKeys.waiting, waiting),
      ConditionExpression: 'attribute_not_exists(#id) OR #id = :id OR #at <= :dead',
      ExpressionAttributeNames: { '#id': 'id', '#at': 'at' },
      ExpressionAttributeValues: { ':id': waiting.id, ':dead': dead },
    });
  }

  async endWaiting(model: string, id: string): Promise<void> {
    await this.unlessOthers({
      // an item without a note, since the machine may delete nothing in the ledger
      Item: this.item(model, ledgerKeys.waiting, { model }),
      ConditionExpression: '#id = :id',
      ExpressionAttributeNames: { '#id': 'id' },
      ExpressionAttributeValues: { ':id': id },
    });
  }

  /** Writes a note, unless another execution's stands there: that one does as well. */
  private async unlessOthers(put: Omit<PutCommandInput, 'TableName'>): Promise<void> {
    try {
      await this.documents.send(new PutCommand({ TableName: this.tableName, ...put }));
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  }

  private indexPut({ model, generation }: LedgerState) {
    return {
      TableName: this.tableName,
      Item: { model, generation, pk: MODELS_PARTITION, sk: ledgerKeys.model(model) },
    };
  }

  private releasePut(model: string, record: ReleaseRecord) {
    return {
      TableName: this.tableName,
      Item: this.item(model, ledgerKeys.release(record.startedAt, record.id), record),
      ConditionExpression: 'attribute_not_exists(pk)',
    };
  }

  private item(model: string, sk: string, attributes: object): Record<string, unknown> {
    return { ...attributes, pk: model, sk };
  }
}

/** Generation, owner and lease as they were read; the lease too, so that a renewal beats a takeover of an old reading. */
function fence(expected: LedgerState): {
  ConditionExpression: string;
  ExpressionAttributeValues?: Record<string, unknown>;
  ExpressionAttributeNames?: Record<string, string>;
} {
  if (expected.generation === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const { lockOwner, lockExpiresAt, generation } = expected;
  if (lockOwner === undefined) {
    return {
      ConditionExpression: '#generation = :generation AND attribute_not_exists(#owner)',
      ExpressionAttributeNames: { '#generation': 'generation', '#owner': 'lockOwner' },
      ExpressionAttributeValues: { ':generation': generation },
    };
  }
  return {
    ConditionExpression: '#generation = :generation AND #owner = :owner AND #lease = :lease',
    ExpressionAttributeNames: { '#generation': 'generation', '#owner': 'lockOwner', '#lease': 'lockExpiresAt' },
    ExpressionAttributeValues: { ':generation': generation, ':owner': lockOwner, ':lease': lockExpiresAt },
  };
}
