import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { isConditionFailure, ledgerKeys } from '../shared/ledger';

/** Longer than the function's timeout (15 minutes): whose lock has expired does nothing any more. */
export const LEASE_MS = 16 * 60_000;

/** So long an erasure may take from one call to the next before another one goes first. */
export const PAUSE_MS = 2 * 60_000;

/** One call of an erasure. */
export interface Claim {
  readonly model: string;
  /** Id of the erasure, the same in all its calls. */
  readonly owner: string;
  /** Another for each call: of two at once, the same request sent twice, one alone works. */
  readonly call: string;
  readonly now: Date;
}

/** Whose turn it is. */
export interface Holder {
  readonly owner: string;
  /** When its call began. */
  readonly since: string;
  /** When it is over at the latest. */
  readonly expiresAt: string;
}

/** Lets one erasure of a model at a time work: two would take each other's files for leftovers. */
export interface ErasureLock {
  /** Takes a free or expired lock, or one that an earlier call of this erasure has kept; or tells whose it is. */
  take(claim: Claim): Promise<Holder | undefined>;
  /** Ends the call. `paused` keeps the lock for the erasure's next one, for a while. */
  leave(claim: Claim, how: 'done' | 'paused'): Promise<void>;
}

/** The lock as an item of the ledger. */
export class LedgerErasureLock implements ErasureLock {
  constructor(
    private readonly documents: Pick<DynamoDBDocumentClient, 'send'>,
    private readonly tableName: string,
  ) {}

  async take(claim: Claim): Promise<Holder | undefined> {
    const { owner, call, now } = claim;
    const since = now.toISOString();
    try {
      await this.put(
        claim,
        { owner, call, since, expiresAt: later(now, LEASE_MS) },
        {
          ConditionExpression:
            'attribute_not_exists(#owner) OR #expires <= :now OR ' +
            '(#owner = :owner AND (attribute_not_exists(#call) OR #call = :call))',
          ExpressionAttributeNames: { '#owner': 'owner', '#expires': 'expiresAt', '#call': 'call' },
          ExpressionAttributeValues: { ':owner': owner, ':now': since, ':call': call },
          // whose it is comes with the refusal, so that nothing of the ledger need be read
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      );
      return undefined;
    } catch (error) {
      if (isConditionFailure(error)) return holderIn(error);
      throw error;
    }
  }

  async leave(claim: Claim, how: 'done' | 'paused'): Promise<void> {
    const { owner, call, now } = claim;
    const kept = { owner, since: now.toISOString(), expiresAt: later(now, PAUSE_MS) };
    try {
      // an item without an owner, since the function may delete nothing in the ledger
      await this.put(claim, how === 'paused' ? kept : {}, {
        ConditionExpression: '#call = :call',
        ExpressionAttributeNames: { '#call': 'call' },
        ExpressionAttributeValues: { ':call': call },
      });
    } catch (error) {
      // it had expired and is somebody else's
      if (!isConditionFailure(error)) throw error;
    }
  }

  private async put(
    { model }: Claim,
    item: object,
    condition: Omit<PutCommandInput, 'TableName' | 'Item'>,
  ): Promise<void> {
    const Item = { ...item, model, pk: model, sk: ledgerKeys.erasing };
    await this.documents.send(new PutCommand({ TableName: this.tableName, Item, ...condition }));
  }
}

function later(now: Date, milliseconds: number): string {
  return new Date(now.getTime() + milliseconds).toISOString();
}

/** The item that refused, which the document client leaves in DynamoDB's own form. */
function holderIn(error: unknown): Holder {
  const { Item: item = {} } = error as { Item?: Partial<Record<string, { S?: string }>> };
  const text = (name: string): string => item[name]?.S ?? 'unknown';
  return { owner: text('owner'), since: text('since'), expiresAt: text('expiresAt') };
}
