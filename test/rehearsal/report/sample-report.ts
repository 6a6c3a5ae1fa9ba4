import type { ActReport, MonitoredWindow, Report, TrafficSample } from '../../../rehearsal/report/report';

const START = Date.parse('2026-11-24T03:20:00Z');
const MINUTE = 60_000;
const LATER = (3 * 24 + 5) * 60;

/** Local-cloud time, some minutes after the sample's life began. */
function at(minutes: number): string {
  return new Date(START + minutes * MINUTE).toISOString();
}

function windowAt(minutes: number, version: string, values: Partial<MonitoredWindow>): MonitoredWindow {
  return {
    at: at(minutes),
    version,
    samples: 250,
    predictionPsiExcess: 0.001 + 0.0015 * ((minutes * 7) % 5),
    driftedFeatureShare: 0,
    ...values,
  };
}

const healthy = [5, 10, 15, 20, 25, 30, 35, 40].map((minutes, index) =>
  windowAt(minutes, '1', { auc: 0.83 + 0.006 * ((index % 5) - 2), qualityDelta: 0.002 }),
);
const bad = [50, 55].map(minutes => windowAt(minutes, '2', { predictionPsiExcess: 4.2, auc: 0.5, qualityDelta: 0.36 }));
const recovered = [60, 65, 70].map(minutes => windowAt(minutes, '1', { auc: 0.825, qualityDelta: 0.005 }));
const drifted = [5, 10, 15, 20].map((minutes, index) =>
  windowAt(LATER + minutes, '1', {
    predictionPsiExcess: 0.31 + 0.05 * index,
    driftedFeatureShare: 0.875,
    auc: 0.45 - 0.02 * index,
    qualityDelta: 0.39,
  }),
);
const retrained = [30, 35, 40, 45, 50].map((minutes, index) =>
  windowAt(LATER + minutes, '3', { auc: 0.85 + 0.005 * (index % 3), qualityDelta: 0.003 }),
);
const windows = [...healthy, ...bad, ...recovered, ...drifted, ...retrained];

const traffic: TrafficSample[] = windows.map(window => ({
  at: new Date(Date.parse(window.at) - 2.5 * MINUTE).toISOString(),
  sent: window.samples,
  failed: 0,
}));

const NAMES = [
  'Deploy',
  'Land data',
  'Train',
  'Approve and release',
  'Traffic',
  'A bad version',
  'The rollback survives a deploy',
  'It stays out',
  'The world changes',
  'Tear down',
];
const SECONDS = [21.4, 1.2, 6.8, 2.1, 7.9, 12.6, 6.2, 1.1, 19.3, 5.0];
const BEGINS = [-4, -2, -1.8, -1.2, 0, 41, 58, 71, LATER - 4, LATER + 51];

const acts: ActReport[] = NAMES.map((name, index) => ({
  id: index + 1,
  name,
  ok: true,
  seconds: SECONDS[index] ?? 0,
  evidence: { step: index + 1 },
  from: at(BEGINS[index] ?? 0),
  to: at(BEGINS[index + 1] ?? LATER + 53),
}));
acts[2] = {
  ...acts[2],
  claims: [
    'version 1 is registered PendingManualApproval with metrics, drift baseline and run id',
    'the held-out AUC is at least 0.80',
    'started again on the same data it names version 1 and trains nothing',
  ],
  evidence: {
    runId: '3f0c9a51b7de44c2a1b0',
    auc: 0.8312,
    snapshotRows: 3997,
    quarantined: ['row 3595: sea_level_pressure 9999.9 is over 1100', 'row 3596: sea_level_pressure 2140 is over 1100'],
    trainingJob: { name: 'mlops-local-rain-3f0c9a51', seconds: 3.1 },
  },
};

/** A rehearsal that went well, with numbers like those of a real one. */
export const sampleReport: Report = {
  ok: true,
  environment: 'local',
  model: 'rain',
  startedAt: '2026-11-24T03:19:12.000Z',
  wallSeconds: 83.6,
  acts,
  actsPlanned: 10,
  predictions: { sent: traffic.reduce((sum, { sent }) => sum + sent, 0), failed: 0 },
  versions: [
    { version: '1', runId: '3f0c9a51b7de44c2a1b0', auc: 0.8312, status: 'Approved, healthy', note: 'trained on W1' },
    {
      version: '2',
      runId: 'a77d02c14be98f10c3d2',
      auc: 0.8597,
      status: 'Rejected, quarantined',
      note: 'trained on converted units',
    },
    { version: '3', runId: '90be1177acd2050e4f11', auc: 0.8561, status: 'Approved, serving', note: 'trained on W2' },
  ],
  rollback: {
    alarm: 'mlops-local-model-rain-MonitorPredictionDriftAlarm3F2C1D00-AbC1dEf2',
    alarmAt: new Date(START + 55 * MINUTE + 1200).toISOString(),
    decidedAt: new Date(START + 55 * MINUTE + 1900).toISOString(),
    trafficMovedAt: new Date(START + 55 * MINUTE + 4300).toISOString(),
    from: '2',
    to: '1',
    reason:
      'predictions of version 2 drifted (PSI excess 4.20, allowed 0.02, in 2 of 3 windows) within 72 h of its release; version 1 was healthy here',
  },
  deploy: {
    stacks: 3,
    resources: 168,
    seconds: 14.2,
    recordedOnly: ['AWS::Glue::Table', 'AWS::KMS::Alias', 'AWS::S3::BucketPolicy'],
  },
  rights: [
    {
      role: 'mlops-local-platform-ReleaseStepFunctionRole1B0FB407',
      services: ['lambda.amazonaws.com'],
      rights: [
        {
          action: 'dynamodb:UpdateItem',
          resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger',
          used: 41,
          needed: true,
        },
        { action: 's3:GetObject*', resource: 'arn:aws:s3:::artifacts/*', used: 3, needed: false },
        { action: 'xray:PutTraceSegments', resource: '*', used: 0, needed: false, reason: 'nothing is traced here' },
      ],
      denied: [{ action: 'dynamodb:Scan', resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger', count: 1 }],
    },
  ],
  iamEnforced: true,
  notChecked: ['the roles of the state machines', 'policies across accounts'],
  serving: [
    { at: at(-0.5), version: '1', action: 'release', reason: 'version 1 was approved' },
    { at: at(44), version: '2', action: 'release', reason: 'version 2 was approved' },
    {
      at: new Date(START + 55 * MINUTE + 4300).toISOString(),
      version: '1',
      action: 'rollback',
      reason: 'predictions of version 2 drifted',
    },
    { at: at(LATER + 24), version: '3', action: 'release', reason: 'version 3 was approved' },
  ],
  windows,
  thresholds: { predictionPsiExcess: 0.02, driftedFeatureShare: 0.2, qualityDelta: 0.1 },
  traffic,
  alarms: [
    {
      at: at(55.02),
      name: 'mlops-local-model-rain-MonitorPredictionDriftAlarm3F2C1D00-AbC1dEf2',
      state: 'ALARM',
      reason: '2 of 3 over 0.02',
    },
    {
      at: at(56.5),
      name: 'mlops-local-model-rain-MonitorQualityAlarm0C4D2E1F-x1Y2z3A4',
      state: 'ALARM',
      reason: '2 of 3 over 0.1',
    },
    {
      at: at(66),
      name: 'mlops-local-model-rain-MonitorPredictionDriftAlarm3F2C1D00-AbC1dEf2',
      state: 'OK',
      reason: '0 of 3 over 0.02',
    },
    {
      at: at(66),
      name: 'mlops-local-model-rain-MonitorQualityAlarm0C4D2E1F-x1Y2z3A4',
      state: 'OK',
      reason: '0 of 3 over 0.1',
    },
    {
      at: at(LATER + 10.1),
      name: 'mlops-local-model-rain-MonitorPredictionDriftAlarm3F2C1D00-AbC1dEf2',
      state: 'ALARM',
      reason: '2 of 3 over 0.02',
    },
    {
      at: at(LATER + 10.1),
      name: 'mlops-local-model-rain-MonitorInputDriftAlarm9A8B7C6D-q9W8e7R6',
      state: 'ALARM',
      reason: '2 of 3 over 0.2',
    },
    {
      at: at(LATER + 10.2),
      name: 'mlops-local-model-rain-MonitorQualityAlarm0C4D2E1F-x1Y2z3A4',
      state: 'ALARM',
      reason: '2 of 3 over 0.1',
    },
    {
      at: at(LATER + 40),
      name: 'mlops-local-model-rain-MonitorPredictionDriftAlarm3F2C1D00-AbC1dEf2',
      state: 'OK',
      reason: '0 of 3 over 0.02',
    },
    {
      at: at(LATER + 40),
      name: 'mlops-local-model-rain-MonitorInputDriftAlarm9A8B7C6D-q9W8e7R6',
      state: 'OK',
      reason: '0 of 3 over 0.2',
    },
    {
      at: at(LATER + 40),
      name: 'mlops-local-model-rain-MonitorQualityAlarm0C4D2E1F-x1Y2z3A4',
      state: 'OK',
      reason: '0 of 3 over 0.1',
    },
  ],
  notifications: [
    {
      at: at(55.1),
      subject: 'rain (local): rolled back from version 2 to version 1',
      text: [
        'What happened: the predictions of version 2 look nothing like those it made in its evaluation.',
        'What was done: version 1, which was healthy here, serves again. Version 2 is rejected and in quarantine.',
        '',
        'Numbers: prediction PSI excess 4.20 (allowed 0.02), 2 of the last 3 windows, 500 predictions.',
        '',
        'You may: look at the training code of version 2 for a step that serving does not have;',
        '         lift the quarantine with a reason, if you know better.',
      ].join('\n'),
    },
    {
      at: at(LATER + 10.3),
      subject: 'rain (local): retraining, since the world has changed',
      text: [
        'What happened: version 1 has served for 3 days and its quality fell to an AUC of 0.43 (it was 0.83).',
        'What was done: nothing was rolled back, since an older version would be no better. Training has started.',
        '',
        'You may: approve the new version once it is registered.',
      ].join('\n'),
    },
  ],
  peakMemoryBytes: 1.3 * 2 ** 30,
};

/** The same rehearsal, ended by a failure in act 6. */
export const failedReport: Report = {
  ...sampleReport,
  ok: false,
  wallSeconds: 61.2,
  acts: sampleReport.acts.slice(0, 6).map(act => (act.id === 6 ? { ...act, ok: false } : act)),
  versions: sampleReport.versions.slice(0, 2),
  rollback: undefined,
  serving: sampleReport.serving.slice(0, 2),
  windows: [...healthy, ...bad],
  traffic: traffic.slice(0, healthy.length + bad.length),
  alarms: sampleReport.alarms.slice(0, 2),
  notifications: [],
  failure: {
    act: 6,
    expected: 'version 1 serves again within 60 s of the red alarm',
    seen: '{"version":"2","alarm":"ALARM","reactions":[]}',
    logs: ['.local-cloud/logs/local-cloud.log', '.local-cloud/logs/cdk.log'],
  },
};
