import { alarmLabel } from '../../../rehearsal/report/alarm-name';

const GENERATED = [
  'mlops-local-model-rain-MonitorPredictionDriftAlarm3F2C1D00-AbC1dEf2',
  'mlops-local-model-rain-MonitorQualityAlarm0C4D2E1F-x1Y2',
  'mlops-local-model-rain-ServiceGuardrailLatency0C4D2E1F-x1Y2',
];

test.each([
  [GENERATED[0], GENERATED, 'prediction drift'],
  [GENERATED[1], GENERATED, 'quality'],
  [GENERATED[2], GENERATED, 'service guardrail latency'],
  ['mlops-local-rain-quality', ['mlops-local-rain-quality', 'mlops-local-rain-input-drift'], 'quality'],
  ['mlops-local-rain-quality', ['mlops-local-rain-quality'], 'mlops local rain quality'],
  ['a-', ['a-', 'a-b'], 'a-'],
])('%s among %j is %s', (name, all, label) => {
  expect(alarmLabel(name, all)).toBe(label);
});
