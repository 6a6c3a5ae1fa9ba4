import {
  activeHold,
  isConditionFailure,
  Ledger,
  ledgerKeys,
  rollbackTarget,
  type PromotionRecord,
} from '../../../lambda/shared/ledger';
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
          ? { Items: [{ pk: 'rain', sk: 'b', id: '2' }], LastEvaluatedKey: { pk: 'rain', sk: 'b' } }
          : { Items: [{ pk: 'rain', sk: 'a', id: '1' }] },
    });

    // WHEN / THEN
    expect(await paged.releases('rain')).toEqual([{ id: '1' }, { id: '2' }]);
    expect(sent).toHaveLength(2);
  });

  test('reads everything about a model, of whatever kind and on every page, and which kind it is', async () => {
    // GIVEN
    const { ledger: paged, sent } = ledger({
      Query: input =>
        input.ExclusiveStartKey === undefined
          ? { Items: [{ pk: 'rain', sk: 'DRIFT#1', at: 't' }], LastEvaluatedKey: { pk: 'rain', sk: 'DRIFT#1' } }
          : { Items: [{ pk: 'rain', sk: 'STATE', current: '2' }] },
    });

    // WHEN / THEN
    expect(await paged.everything('rain')).toEqual([
      { sk: 'DRIFT#1', at: 't' },
      { sk: 'STATE', current: '2' },
    ]);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.input).toMatchObject({ KeyConditionExpression: 'pk = :model', ConsistentRead: true });
  });

  test('reads no more than the newest releases that are asked for', async () => {
    // GIVEN pages of two
    const { ledger: paged, sent } = ledger({
      Query: () => ({
        Items: [
          { pk: 'rain', sk: 'c', id: '3' },
          { pk: 'rain', sk: 'b', id: '2' },
        ],
        LastEvaluatedKey: { pk: 'rain', sk: 'b' },
      }),
    });

    // WHEN / THEN
    expect(await paged.releases('rain', 2)).toEqual([{ id: '2' }, { id: '3' }]);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.input).toMatchObject({ ScanIndexForward: false, Limit: 2 });
  });

  test('reads the reactions since a time, and none of their ids', async () => {
    const { ledger: full, sent } = ledger({ Query: () => ({}) });

    await full.reactions('rain', '2026-11-24T03:00:00.000Z');

    const { ':from': from, ':to': to } = sent[0]?.input.ExpressionAttributeValues as Record<string, string>;
    const within = (key: string) => from <= key && key <= to;
    expect(within(ledgerKeys.reaction('2026-11-24T03:00:00.000Z', 'a'))).toBe(true);
    expect(within(ledgerKeys.reaction('2026-11-24T02:59:59.999Z', 'a'))).toBe(false);
    expect(within(ledgerKeys.reactionId('a'))).toBe(false);
  });

  test('finds a reaction by the id of its transition', async () => {
    // GIVEN
    const items: Record<string, object> = {
      'REACTIONID#abc': { decidedAt: REACTION.decidedAt },
      [`REACTION#${REACTION.decidedAt}#abc`]: REACTION,
    };
    const { ledger: full } = ledger({ Get: ({ Key }) => ({ Item: items[(Key as { sk: string }).sk] }) });

    // WHEN / THEN
    expect(await full.reaction('rain', 'abc')).toEqual(REACTION);
    expect(await full.reaction('rain', 'other')).toBeUndefined();
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

describe('holds, models and drifts', () => {
  test('a model that nobody held has generation 0', async () => {
    const { ledger: empty } = ledger({ Get: () => ({}) });
    expect(await empty.hold('rain')).toEqual({ model: 'rain', generation: 0 });
  });

  test('a hold holds until its end', () => {
    const hold = {
      until: '2026-11-24T12:00:00.000Z',
      reason: 'r',
      requestedBy: 'ann',
      since: '2026-11-24T00:00:00.000Z',
    };
    const state = { model: 'rain', generation: 1, hold };
    expect(activeHold(state, new Date('2026-11-24T11:59:59Z'))).toEqual(hold);
    expect(activeHold(state, new Date('2026-11-24T12:00:00Z'))).toBeUndefined();
    expect(activeHold({ model: 'rain', generation: 2 }, new Date())).toBeUndefined();
  });

  test('models are listed by an index of one item each, and not by their history', async () => {
    const { ledger: full, sent } = ledger({
      Query: () => ({ Items: [{ pk: '#MODELS', sk: 'MODEL#rain', model: 'rain' }] }),
    });
    expect(await full.models()).toEqual(['rain']);
    expect(sent[0]?.input.ExpressionAttributeValues).toMatchObject({ ':model': '#MODELS' });
  });

  test('a drift is found by the generation that it is about and by what serves', async () => {
    const drift = { current: '2', serves: 'nothing', at: 't', generation: 7 };
    const { ledger: writer, sent } = ledger({
      Put: () => ({}),
      Get: () => ({ Item: { pk: 'rain', sk: 's', ...drift } }),
    });
    await writer.appendDrift('rain', drift);
    expect(await writer.drift('rain', 7, 'nothing')).toEqual(drift);
    expect(sent.map(({ input }) => (input.Item ?? input.Key) as object)).toMatchObject([
      { pk: 'rain', sk: 'DRIFT#000000007#nothing' },
      { pk: 'rain', sk: 'DRIFT#000000007#nothing' },
    ]);
  });

  test('the report of a drift stays as it was first written, whoever writes it again', async () => {
    // GIVEN
    const drift = { current: '2', serves: 'nothing', at: 't', generation: 7 };
    const failingWith = (name: string) =>
      ledger({
        Put: input => {
          if (input['ConditionExpression'] === 'attribute_not_exists(pk)') throw serviceError(name);
          return {};
        },
      }).ledger;

    // WHEN / THEN
    await expect(failingWith('ConditionalCheckFailedException').appendDrift('rain', drift)).resolves.toBeUndefined();
    await expect(failingWith('ThrottlingException').appendDrift('rain', drift)).rejects.toThrow('ThrottlingException');
  });
});

describe('promotions', () => {
  const PROMOTION: PromotionRecord = {
    from: { environment: 'dev', account: '1', region: 'r', version: '3', modelPackageArn: 'arn:there' },
    version: '1',
    modelPackageArn: 'arn:here',
    runId: 'run',
    approvedBy: 'ann',
    approvedAt: 't',
    reason: 'good',
    digests: { modelData: 'm', evaluation: 'e', baseline: 'b', image: 'i' },
    at: 't',
  };

  test('are found by where they came from, and listed by it', async () => {
    const { ledger: full, sent } = ledger({
      Put: () => ({}),
      Get: () => ({ Item: { pk: 'rain', sk: 's', ...PROMOTION } }),
      Query: () => ({ Items: [{ pk: 'rain', sk: 's', ...PROMOTION }] }),
    });
    await full.appendPromotion('rain', PROMOTION);
    expect(await full.promotion('rain', 'dev', '3')).toEqual(PROMOTION);
    expect(await full.promotions('rain')).toEqual([PROMOTION]);
    expect(sent.slice(0, 2).map(({ input }) => (input.Item ?? input.Key) as object)).toMatchObject([
      { pk: 'rain', sk: 'PROMOTION#dev#000000003' },
      { pk: 'rain', sk: 'PROMOTION#dev#000000003' },
    ]);
  });

  test('stay as they were first written', async () => {
    const { ledger: taken } = ledger({
      Put: () => {
        throw serviceError('ConditionalCheckFailedException');
      },
    });
    await expect(taken.appendPromotion('rain', PROMOTION)).resolves.toBeUndefined();
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
