import { pairingQuery, readPairedAnswers } from '../../../lambda/release-step/pairing-query';
import type { ShadowedTime } from '../../../lambda/release-step/ports';
import { SageMakerComparisons } from '../../../lambda/release-step/sagemaker-comparisons';
import { fakeClient } from '../support/fake-client';
import { SHADOWED } from './support/world';

const TIME: ShadowedTime = {
  id: 'arn:execution:2026-11-24T03:00:30.000Z',
  champion: '2',
  challenger: '3',
  since: new Date('2026-11-24T03:00:30.000Z'),
  until: new Date('2026-11-24T03:10:30.000Z'),
};

describe('the pairing query', () => {
  test('looks at the rows of both versions in that time, and at no probe', () => {
    const sql = pairingQuery(TIME, { database: 'mlops_dev', inferenceLogTable: 'rain_inference_log' });
    expect(sql).toContain(`FROM "mlops_dev"."rain_inference_log"
    WHERE day BETWEEN '2026-11-24' AND '2026-11-24' AND hour BETWEEN '03' AND '03'
      AND event_time_ms >= 1795489230000 AND event_time_ms < 1795489830000
      AND version IN ('2', '3') AND request_id NOT LIKE 'mlops-probe-%'`);
  });

  test.each([
    [
      { compared: '812', disagreeing: '10', score_difference: '0.01' },
      { compared: 812, disagreeing: 10, scoreDifference: 0.01 },
    ],
    [
      { compared: '0', disagreeing: undefined, score_difference: undefined },
      { compared: 0, disagreeing: 0 },
    ],
  ])('answers %j', (row, answers) => {
    expect(readPairedAnswers(row)).toEqual(answers);
  });
});

function comparisons(state = 'SUCCEEDED') {
  const athena = fakeClient({
    StartQueryExecution: () => ({ QueryExecutionId: 'q' }),
    GetQueryExecution: () => ({ QueryExecution: { Status: { State: state, StateChangeReason: 'no such table' } } }),
    GetQueryResults: () => ({
      ResultSet: {
        Rows: [
          ['compared', 'disagreeing', 'score_difference'],
          ['9', '1', '0.5'],
        ].map(cells => ({
          Data: cells.map(VarCharValue => ({ VarCharValue })),
        })),
      },
    }),
  });
  const minutes = [new Date('2026-11-24T03:01:00.000Z'), new Date('2026-11-24T03:02:00.000Z')];
  const pages = [
    { MetricDataResults: [{ Id: 'challenger_requests', Timestamps: minutes, Values: [10, 30] }], NextToken: 'more' },
    {
      MetricDataResults: [
        { Id: 'challenger_errors', Timestamps: minutes, Values: [1, 0] },
        { Id: 'challenger_p99', Timestamps: minutes, Values: [8000, 4000] },
        { Id: 'champion_requests', Timestamps: minutes, Values: [10, 31] },
      ],
    },
  ];
  const cloudWatch = fakeClient({ GetMetricData: () => pages.shift() ?? {} });
  return {
    port: new SageMakerComparisons(athena.client, cloudWatch.client),
    athena,
    cloudWatch,
  };
}

describe('what SageMaker, Athena and CloudWatch know of a shadow', () => {
  test('is asked for once, however often the step is repeated', async () => {
    const { port, athena } = comparisons();
    expect([await port.startPairing(TIME, SHADOWED), await port.startPairing(TIME, SHADOWED)]).toEqual(['q', 'q']);
    const tokens = athena.sent.map(({ input }) => String(input.ClientRequestToken));
    expect(new Set(tokens).size).toBe(1);
    // the least that Athena takes
    expect(tokens[0]?.length).toBeGreaterThanOrEqual(32);
    expect(athena.sent[0]?.input.WorkGroup).toBe('mlops-local');
  });

  test.each(['QUEUED', 'RUNNING'])('is not there while the query is %s', async state => {
    expect(await comparisons(state).port.pairedAnswers('q')).toBeUndefined();
  });

  test('is the one row of the query', async () => {
    expect(await comparisons().port.pairedAnswers('q')).toEqual({ compared: 9, disagreeing: 1, scoreDifference: 0.5 });
  });

  test('fails with the reason of Athena', async () => {
    await expect(comparisons('FAILED').port.pairedAnswers('q')).rejects.toThrow(
      "the query that pairs the answers, 'q', is FAILED: no such table",
    );
  });

  test('has the load of both variants, of all pages', async () => {
    const { port, cloudWatch } = comparisons();
    expect(await port.loads(TIME, SHADOWED)).toEqual({
      champion: { requests: 41, errors: 0 },
      challenger: { requests: 40, errors: 1, p99Milliseconds: 5 },
    });
    expect(cloudWatch.sent).toHaveLength(2);
    // a whole minute, or CloudWatch leaves the first out
    expect(cloudWatch.sent[0]?.input.StartTime).toEqual(new Date('2026-11-24T03:00:00.000Z'));
  });
});
