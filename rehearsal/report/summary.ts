import type { Report } from './report';
import { count, duration, plural, secondsBetween } from './words';
import type { WrittenReport } from './write';

/** The last lines on the terminal: what held, or what was expected, what was seen, and where to look. */
export function summarize(report: Report, written: WrittenReport): string {
  const lines = [...outcome(report), ...(report.failure === undefined ? [] : failureLines(report.failure))];
  if (written.problem !== undefined) {
    lines.push('', `warning: ${written.problem}`);
  }
  if (written.page !== undefined) {
    lines.push('', `report: ${written.page}`);
  }
  if (written.json === undefined) {
    lines.push('', 'the report itself, since it could be written nowhere:', JSON.stringify(report));
  }
  return `${lines.join('\n')}\n`;
}

function outcome({ ok, acts, actsPlanned, wallSeconds, predictions, rollback }: Report): string[] {
  const held = acts.filter(act => act.ok).length;
  return [
    `${ok ? 'ok' : 'FAILED'}: ${held} of ${plural(actsPlanned, 'act')} held in ${duration(wallSeconds)}`,
    `predictions: ${count(predictions.sent)} sent, ${count(predictions.failed)} failed`,
    ...(rollback === undefined
      ? []
      : [
          `rollback: version ${rollback.from} to ${rollback.to}, ${duration(
            secondsBetween(rollback.alarmAt, rollback.trafficMovedAt),
          )} from red alarm to traffic moved`,
        ]),
  ];
}

function failureLines({ act, expected, seen, logs }: NonNullable<Report['failure']>): string[] {
  return [
    '',
    `act ${act} failed`,
    `  expected: ${expected}`,
    `  seen:     ${seen}`,
    ...logs.map(log => `  log:      ${log}`),
  ];
}
