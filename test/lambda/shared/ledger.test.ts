import { isConditionFailure, Ledger, ledgerKeys, rollbackTarget } from '../../../lambda/shared/ledger';
import { fakeClient, serviceError, type Responder } from '../support/fake-client';

function ledger(responders: Record<string, Responder>) {
  const { client, sent } = fakeClient(responders);
  return { ledger: new Ledger(client, 'ledger'), sent };
}

const REACTION = {
  id: 'abc',
  alarm: 'drift',
  alarmAt: '2026-11-24T03:00:00.000Z',
  decidedAt: '2026-11-24T03:00:01.000Z',
  decision: 'roll-back' as const,
  reason: 'predictions drifted',
  evidence: { psi: 1 },
};

describe('Ledger', () => {
  test('a model that never served has generation 0 and nothing healthy', async () => {
    const { ledger: empty } = ledger({ Get: () => ({}) });
    expect(await empty.state('rain')).toEqual({ model: 'rain', healthy: [], generation: 0 });
  });

  test('reads the state consistently and without its keys', async () => {
    // GIVEN
    const state = { model: 'rain', current: '1', healthy: ['1'], generation: 3 };
    const { ledger: full, sent } = ledger({ Get: () => ({ Item: { pk: 'rain', sk: 'STATE', ...state } }) });

    // WHEN / THEN
    expect(await full.state('rain')).toEqual(state);
    expect(sent[0]?.input).toEqual({ TableName: 'ledger', Key: { pk: 'rain', sk: 'STATE' }, ConsistentRead: true });
  });

  test('versions sort by number', () => {
    expect([ledgerKeys.version('10'), ledgerKeys.version('9')].sort()).toEqual([
      ledgerKeys.version('9'),
      ledgerKeys.version('10'),
    ]);
  });

  test('reads every page of the releases', async () => {
    // GIVEN
    const { ledger: paged, sent } = ledger({
      Query: input =>
        input.ExclusiveStartKey === undefined
          ? { Items: [{ pk: 'rain', sk: 'a', id: '1' }], LastEvaluatedKey: { pk: 'rain', sk: 'a' } }
          : { Items: [{ pk: 'rain', sk: 'b', id: '2' }] },
    });

    // WHEN / THEN
    expect(await paged.releases('rain')).toEqual([{ id: '1' }, { id: '2' }]);
    expect(sent).toHaveLength(2);
  });

  test('appends a reaction together with its id, neither of which may exist', async () => {
    // GIVEN
    const { ledger: appending, sent } = ledger({ TransactWrite: () => ({}) });

    // WHEN
    const outcome = await appending.appendReaction('rain', REACTION);

    // THEN
    expect(outcome).toBe('recorded');
    const items = sent[0]?.input.TransactItems as { Put: { Item: { sk: string }; ConditionExpression: string } }[];
    expect(items.map(item => item.Put.Item.sk)).toEqual(['REACTIONID#abc', 'REACTION#2026-11-24T03:00:01.000Z#abc']);
    expect(items.every(item => item.Put.ConditionExpression === 'attribute_not_exists(pk)')).toBe(true);
  });

  test('a second delivery of the same alarm transition is told apart', async () => {
    // GIVEN
    const { ledger: appending } = ledger({
      TransactWrite: () => {
        throw serviceError('TransactionCanceledException', 'cancelled', {
          CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, { Code: 'None' }],
        });
      },
    });

    // WHEN / THEN
    expect(await appending.appendReaction('rain', REACTION)).toBe('already-recorded');
  });

  test('fails on a transaction that another one cancelled, for the caller to retry', async () => {
    // GIVEN
    const conflict = serviceError('TransactionCanceledException', 'cancelled', {
      CancellationReasons: [{ Code: 'TransactionConflict' }],
    });
    const { ledger: appending } = ledger({
      TransactWrite: () => {
        throw conflict;
      },
    });

    // WHEN / THEN
    await expect(appending.appendReaction('rain', REACTION)).rejects.toBe(conflict);
    expect(isConditionFailure(conflict)).toBe(false);
  });
});

describe('rollbackTarget', () => {
  test('is the healthy version activated last, other than the one that leaves', () => {
    expect(rollbackTarget({ model: 'rain', current: '3', healthy: ['3', '2', '1'], generation: 3 }, '3')).toBe('2');
  });

  test('is nothing when no other version was ever healthy', () => {
    expect(rollbackTarget({ model: 'rain', current: '1', healthy: ['1'], generation: 1 }, '1')).toBeUndefined();
  });
});
