import { alarmLabel } from '../alarm-name';
import { html, type Html } from '../html';
import type { Report } from '../report';
import { duration, moment, secondsBetween } from '../words';

/** The rollback second by second: from the red alarm to traffic on the last good version. */
export function rollbackSection(report: Report): Html | undefined {
  const { rollback } = report;
  if (rollback === undefined) {
    return undefined;
  }
  const bad = report.serving
    .filter(({ version, at }) => version === rollback.from && Date.parse(at) <= Date.parse(rollback.alarmAt))
    .at(-1);
  const steps = [
    ...(bad === undefined ? [] : [{ at: bad.at, what: `Version ${rollback.from} takes over`, kind: 'start' }]),
    {
      at: rollback.alarmAt,
      what: 'Alarm red',
      kind: 'alarm',
      note: alarmLabel(rollback.alarm, [rollback.alarm, ...report.alarms.map(({ name }) => name)]),
    },
    { at: rollback.decidedAt, what: 'Decided: roll back', kind: 'decision', note: 'by the reaction, from the ledger' },
    { at: rollback.trafficMovedAt, what: `Version ${rollback.to} serves again`, kind: 'moved' },
  ];
  const items = steps.map((step, index) => {
    const after = index > 0 && duration(secondsBetween(steps[index - 1].at, step.at));
    return html`<li class="${step.kind}">
      ${after !== false && html`<span class="after">${after} later</span>`}
      <b>${step.what}</b>
      <time datetime="${step.at}">${moment(step.at)}</time>
      ${step.note !== undefined && html`<small>${step.note}</small>`}
    </li>`;
  });
  return html`<section>
    <h2>The rollback</h2>
    <p>
      From the red alarm to traffic on version ${rollback.to}:
      <strong>${duration(secondsBetween(rollback.alarmAt, rollback.trafficMovedAt))}</strong>, without a person.
    </p>
    <ol class="steps">
      ${items}
    </ol>
    <p class="reason"><b>The reason on record</b> ${rollback.reason}</p>
  </section>`;
}
