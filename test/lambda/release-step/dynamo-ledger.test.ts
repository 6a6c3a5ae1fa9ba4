import { DynamoLedger } from '../../../lambda/release-step/dynamo-ledger';
import type { LedgerChange } from '../../../lambda/release-step/ports';
import { fakeClient, serviceError, type Responder } from '../support/fake-client';

interface Put {
  readonly Put: { readonly Item: Record<string, unknown>; readonly ConditionExpression?: string };
}

function ledger(transact: Responder) {
  const { client, sent } = fakeClient({ TransactWrite: transact });
  const puts = () => (sent[0]?.input.TransactItems as Put[]).map(item => item.Put);
  return { ledger: new DynamoLedger(client, 'ledger'), puts };
}

const STATE = { model: 'rain', healthy: ['1'], generation: 4, lockOwner: 'me', lockExpiresAt: '2026' };

const CHANGE: LedgerChange = {
  expected: STATE,
  state: { ...STATE, current: '1' },
  versions: [{ version: '1', status: 'healthy', reason: 'r', at: 't', by: 'ann' }],
  releases: [
    {
      id: 'e1',
      action: 'release',
      version: '1',
      requestedBy: 'ann',
      reason: 'r',
      outcome: 'succeeded',
      detail: 'd',
      startedAt: '2026-11-24T00:00:00.000Z',
      endedAt: 't',
      generation: 4,
    },
  ],
};

describe('DynamoLedger', () => {
  test('writes state, versions and releases in one transaction', async () => {
    const { ledger: writer, puts } = ledger(() => ({}));
    expect(await writer.commit(CHANGE)).toBe('committed');
    expect(puts().map(put => [put.Item.pk, put.Item.sk])).toEqual([
      ['rain', 'STATE'],
      ['rain', 'VERSION#000000001'],
      ['rain', 'RELEASE#2026-11-24T00:00:00.000Z#e1'],
    ]);
  });

  test('on the condition that generation, owner and lease are what was read', async () => {
    const { ledger: writer, puts } = ledger(() => ({}));
    await writer.commit(CHANGE);
    expect(puts()[0]).toMatchObject({
      ConditionExpression: '#generation = :generation AND #owner = :owner AND #lease = :lease',
      ExpressionAttributeValues: { ':generation': 4, ':owner': 'me', ':lease': '2026' },
    });
  });

  test('on the condition that the lock is free, where it was', async () => {
    const { ledger: writer, puts } = ledger(() => ({}));
    await writer.commit({ ...CHANGE, expected: { model: 'rain', healthy: [], generation: 4 } });
    expect(puts()[0]?.ConditionExpression).toBe('#generation = :generation AND attribute_not_exists(#owner)');
  });

  test('on the condition that there is nothing yet, for the first write', async () => {
    const { ledger: writer, puts } = ledger(() => ({}));
    await writer.commit({ ...CHANGE, expected: { model: 'rain', healthy: [], generation: 0 } });
    expect(puts()[0]?.ConditionExpression).toBe('attribute_not_exists(pk)');
  });

  test('lists the model whenever its lock is taken, and only then', async () => {
    // GIVEN
    const taken = ledger(() => ({}));
    const kept = ledger(() => ({}));

    // WHEN
    await taken.ledger.commit({ ...CHANGE, state: { ...STATE, generation: 5 } });
    await kept.ledger.commit(CHANGE);

    // THEN
    const index = { model: 'rain', generation: 5, pk: '#MODELS', sk: 'MODEL#rain' };
    expect(taken.puts().map(put => put.Item)).toContainEqual(index);
    expect(kept.puts().map(put => put.Item.pk)).not.toContain('#MODELS');
  });

  describe('a note that somebody waits', () => {
    const waiting = {
      id: 'r1',
      action: 'rollback' as const,
      version: '1',
      requestedBy: 'ann',
      at: '2026-11-24T00:05:00.000Z',
    };
    function noted(answer: Responder = () => ({})) {
      const { client, sent } = fakeClient({ Put: answer });
      return { ledger: new DynamoLedger(client, 'ledger'), sent };
    }

    test("takes no other's place while that one lives, and its own and a dead one's at any time", async () => {
      const { ledger: writer, sent } = noted();
      await writer.startWaiting('rain', waiting);
      expect(sent[0]?.input).toMatchObject({
        Item: { pk: 'rain', sk: 'WAITING', ...waiting },
        ConditionExpression: 'attribute_not_exists(#id) OR #id = :id OR #at <= :dead',
        ExpressionAttributeValues: { ':id': 'r1', ':dead': '2026-11-24T00:00:00.000Z' },
      });
    });

    test('is taken back by whoever wrote it alone', async () => {
      const { ledger: writer, sent } = noted();
      await writer.endWaiting('rain', 'r1');
      expect(sent[0]?.input).toMatchObject({
        Item: { pk: 'rain', sk: 'WAITING' },
        ConditionExpression: '#id = :id',
      });
      expect(sent[0]?.input.Item).not.toHaveProperty('id');
    });

    test("leaves another's as it is, and fails when the ledger does", async () => {
      const other = noted(() => {
        throw serviceError('ConditionalCheckFailedException');
      });
      await expect(other.ledger.startWaiting('rain', waiting)).resolves.toBeUndefined();
      const broken = noted(() => {
        throw serviceError('ThrottlingException');
      });
      await expect(broken.ledger.endWaiting('rain', 'r1')).rejects.toThrow('ThrottlingException');
    });
  });

  describe('a hold', () => {
    const RECORD = {
      id: 'e1',
      action: 'hold',
      requestedBy: 'ann',
      reason: 'r',
      outcome: 'succeeded',
      detail: 'd',
    } as const;
    const change = (generation: number) => ({
      expected: { model: 'rain', generation },
      state: { model: 'rain', generation: generation + 1 },
      record: { ...RECORD, at: 't', generation: generation + 1 },
    });

    test('is written with its record, beside the state and not into it', async () => {
      const { ledger: writer, puts } = ledger(() => ({}));
      expect(await writer.commitHold(change(4))).toBe('committed');
      expect(puts()).toMatchObject([
        { Item: { pk: 'rain', sk: 'HOLD', generation: 5 }, ConditionExpression: '#generation = :generation' },
        { Item: { pk: 'rain', sk: 'HOLDING#000000005' }, ConditionExpression: 'attribute_not_exists(pk)' },
      ]);
    });

    test('is the first on the condition that there is none', async () => {
      const { ledger: writer, puts } = ledger(() => ({}));
      await writer.commitHold(change(0));
      expect(puts()[0]?.ConditionExpression).toBe('attribute_not_exists(pk)');
    });

    test('tells a late writer from a fault', async () => {
      const cancelled = (Code: string) => () => {
        throw serviceError('TransactionCanceledException', Code, { CancellationReasons: [{ Code }] });
      };
      expect(await ledger(cancelled('ConditionalCheckFailed')).ledger.commitHold(change(4))).toBe('refused');
      await expect(ledger(cancelled('TransactionConflict')).ledger.commitHold(change(4))).rejects.toThrow(
        'TransactionConflict',
      );
    });
  });

  test('never writes over a release', async () => {
    const { ledger: writer, puts } = ledger(() => ({}));
    await writer.commit(CHANGE);
    expect(puts()[2]?.ConditionExpression).toBe('attribute_not_exists(pk)');
  });

  test('appends a release that never had the lock, and once', async () => {
    // GIVEN
    const record = (CHANGE.releases ?? [])[0];
    const { client, sent } = fakeClient({
      Put: () => {
        if (sent.length > 1) throw serviceError('ConditionalCheckFailedException');
      },
    });
    const writer = new DynamoLedger(client, 'ledger');

    // WHEN
    await writer.append('rain', record);
    await writer.append('rain', record);

    // THEN
    expect(sent[1]?.input).toMatchObject({
      Item: { pk: 'rain', sk: 'RELEASE#2026-11-24T00:00:00.000Z#e1', id: 'e1' },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  });

  test('tells a late writer from a fault', async () => {
    const cancelled = (Code: string) => () => {
      throw serviceError('TransactionCanceledException', Code, { CancellationReasons: [{ Code }] });
    };
    expect(await ledger(cancelled('ConditionalCheckFailed')).ledger.commit(CHANGE)).toBe('refused');
    await expect(ledger(cancelled('TransactionConflict')).ledger.commit(CHANGE)).rejects.toThrow('TransactionConflict');
  });
});
