import { labelQuery, readLabelCells } from '../../../lambda/monitor/label-query';

test('joins the newest label of each prediction of the version within the horizon', () => {
  expect(
    labelQuery({
      database: 'mlops_dev',
      predictionsTable: 'rain_inference_log',
      labelsTable: 'rain_labels',
      version: '2',
      start: Date.parse('2026-11-17T00:00:00Z'),
      end: Date.parse('2026-11-24T00:00:00Z'),
      periodSeconds: 3600,
    }),
  ).toBe(`SELECT CAST(FLOOR(p.event_time_ms / 3600000) AS BIGINT) AS period,
  l.label AS label,
  CASE WHEN l.label IS NULL THEN NULL ELSE LEAST(99, GREATEST(0, CAST(FLOOR(p.score * 100) AS INTEGER))) END AS bin,
  COUNT(*) AS n
FROM (
  SELECT request_id, MIN(event_time_ms) AS event_time_ms, min_by(score, event_time_ms) AS score
  FROM "mlops_dev"."rain_inference_log"
  WHERE day BETWEEN '2026-11-17' AND '2026-11-23'
    AND event_time_ms >= 1794873600000 AND event_time_ms < 1795478400000
    AND version = '2' AND request_id NOT LIKE 'mlops-probe-%'
    AND score <= 1.7976931348623157e+308
  GROUP BY request_id
) p
LEFT JOIN (
  SELECT request_id, max_by(label, COALESCE(label_time, '')) AS label
  FROM "mlops_dev"."rain_labels"
  WHERE day >= '2026-11-17' AND label IN (0, 1)
  GROUP BY request_id
) l ON l.request_id = p.request_id
GROUP BY 1, 2, 3`);
});

test('a row without a label has neither label nor bin', () => {
  const cells = readLabelCells({ periodSeconds: 300 }, [
    { period: '5982', label: '1', bin: '83', n: '4' },
    { period: '5982', label: '0', bin: '12', n: '9' },
    { period: '5983', label: undefined, bin: undefined, n: '7' },
  ]);

  expect(cells).toEqual([
    { period: 1_794_600_000, label: 1, bin: 83, rows: 4 },
    { period: 1_794_600_000, label: 0, bin: 12, rows: 9 },
    { period: 1_794_900_000, rows: 7 },
  ]);
});
