import { RunTable } from '../../../lambda/pipeline-control/run-table';
import { fakeClient, serviceError } from '../support/fake-client';
import { runOf } from './run-fixture';

const RUN = runOf();
const STATE = { generation: 4, trainings: ['2026-11-24T12:00:00.000Z'], lostChallengers: 0 };

describe('RunTable', () => {
  test('writes run, state and execution together, on the condition that nobody else wrote', async () => {
    const { client, sent } = fakeClient({ TransactWrite: () => ({}) });
    const execution = {
      name: 'e',
      at: '',
      trigger: '',
      requestedBy: '',
      startReason: '',
      outcome: 'claimed',
      reason: '',
    };

    expect(await new RunTable(client, 'runs').commit('rain', { seen: 3, state: STATE, run: RUN, execution })).toBe(
      true,
    );
    expect(sent[0]?.input.TransactItems).toMatchObject([
      {
        Put: {
          Item: { pk: 'rain', sk: 'STATE', generation: 4 },
          ConditionExpression: '#generation = :seen',
          ExpressionAttributeValues: { ':seen': 3 },
        },
      },
      { Put: { Item: { pk: 'rain', sk: `RUN#${RUN.runId}` } } },
      { Put: { Item: { pk: 'rain', sk: 'EXECUTION#e' } } },
    ]);
  });

  test('lets the first writer of a model write only if there is nothing', async () => {
    const { client, sent } = fakeClient({ TransactWrite: () => ({}) });

    await new RunTable(client, 'runs').commit('rain', { seen: 0, state: STATE, run: RUN });

    expect(sent[0]?.input.TransactItems).toMatchObject([
      { Put: { ConditionExpression: 'attribute_not_exists(pk)' } },
      {},
    ]);
  });

  test('tells a late writer so, and throws what is no condition', async () => {
    const refused = fakeClient({
      TransactWrite: () => {
        throw serviceError('TransactionCanceledException', 'cancelled', {
          CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, { Code: 'None' }],
        });
      },
    });
    const throttled = fakeClient({
      TransactWrite: () => {
        throw serviceError('ThrottlingException');
      },
    });
    const change = { seen: 3, state: STATE, run: RUN };

    expect(await new RunTable(refused.client, 'runs').commit('rain', change)).toBe(false);
    await expect(new RunTable(throttled.client, 'runs').commit('rain', change)).rejects.toThrow('ThrottlingException');
  });

  test('reads back what it wrote, without the keys', async () => {
    const { client } = fakeClient({
      Get: ({ Key }) => ({
        Item: { ...(Key as object), ...((Key as { sk: string }).sk === 'STATE' ? STATE : RUN) },
      }),
    });
    const table = new RunTable(client, 'runs');

    expect(await table.state('rain')).toEqual(STATE);
    expect(await table.run('rain', RUN.runId)).toEqual(RUN);
  });

  test('knows nothing of a model that was never trained', async () => {
    const table = new RunTable(fakeClient({ Get: () => ({}) }).client, 'runs');

    expect(await table.state('rain')).toEqual({ generation: 0, trainings: [], lostChallengers: 0 });
    expect(await table.run('rain', 'r')).toBeUndefined();
    expect(await table.execution('rain', 'e')).toBeUndefined();
  });
});
