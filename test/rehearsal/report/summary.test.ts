import { summarize } from '../../../rehearsal/report/summary';
import { failedReport, sampleReport } from './sample-report';

const WRITTEN = { json: '/r/report.json', page: '/r/index.html' };

test('a good rehearsal ends with what held and where the report lies', () => {
  expect(summarize(sampleReport, WRITTEN)).toBe(
    [
      'ok: 10 of 10 acts held in 1 minute 24 s',
      'predictions: 5,500 sent, 0 failed',
      'rollback: version 2 to 1, 3.1 s from red alarm to traffic moved',
      '',
      'report: /r/index.html',
      '',
    ].join('\n'),
  );
});

test('a failed one tells what was expected, what was seen and where the logs lie', () => {
  const lines = summarize(failedReport, WRITTEN);

  expect(lines).toContain('FAILED: 5 of 10 acts held');
  expect(lines).toContain('act 6 failed\n  expected: version 1 serves again');
  expect(lines).toContain('  seen:     {"version":"2"');
  expect(lines).toContain('  log:      .local-cloud/logs/cdk.log');
});

test('a report that lies elsewhere is a warning', () => {
  expect(summarize(sampleReport, { ...WRITTEN, problem: 'cannot write' })).toContain('warning: cannot write\n');
});

test('a report that could be written nowhere is printed', () => {
  const lines = summarize(sampleReport, { problem: 'cannot write' });

  expect(JSON.parse(lines.trimEnd().split('\n').at(-1) ?? '')).toEqual(sampleReport);
});
