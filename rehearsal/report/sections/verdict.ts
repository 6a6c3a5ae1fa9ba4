import { html, type Html } from '../html';
import type { Report } from '../report';
import { count, duration, moment, plural, secondsBetween } from '../words';

/** The answer first: did it all hold, and the few numbers that say how well. */
export function verdict(report: Report): Html {
  const { environment, model, startedAt, wallSeconds } = report;
  return html`<header>
    <p class="kicker">Rehearsal of the model <b>${model}</b> in the environment <b>${environment}</b></p>
    <h1 class="${report.ok ? 'good' : 'bad'}">
      <span aria-hidden="true">${report.ok ? '✓' : '✗'}</span> ${headline(report)}
    </h1>
    <p class="lead">${summary(report)}</p>
    <p class="meta">
      Started ${moment(startedAt)}, took ${duration(wallSeconds)}. Nothing here touched an AWS account.
    </p>
    <dl class="tiles">
      ${tiles(report).map(
        ({ name, value, note }) =>
          html`<div class="tile">
            <dt>${name}</dt>
            <dd>${value}<small>${note}</small></dd>
          </div>`,
      )}
    </dl>
  </header>`;
}

function headline({ ok, acts, actsPlanned, failure }: Report): string {
  if (!ok) {
    const act = acts.find(({ id }) => id === failure?.act);
    return act === undefined ? 'The rehearsal failed' : `Act ${act.id} failed: ${act.name}`;
  }
  return acts.length < actsPlanned
    ? `The first ${plural(acts.length, 'act')} held; the rest was not played`
    : `All ${count(acts.length)} acts held`;
}

/** The story in one sentence, told only as far as it was played. */
function summary({ ok, rollback, predictions, versions, deploy }: Report): string {
  const told = [
    deploy !== undefined &&
      `The platform was deployed with ${plural(deploy.resources, 'resource')} in ${plural(deploy.stacks, 'stack')}`,
    versions.length > 0 && `${plural(versions.length, 'version')} of the model came out of the pipeline`,
    rollback !== undefined &&
      `version ${rollback.from} went bad and version ${rollback.to} served again ${duration(
        secondsBetween(rollback.alarmAt, rollback.trafficMovedAt),
      )} after the alarm`,
    predictions.sent > 0 &&
      (predictions.failed === 0
        ? `not one of ${count(predictions.sent)} predictions failed`
        : `${count(predictions.failed)} of ${count(predictions.sent)} predictions failed`),
  ].filter(part => part !== false);
  if (told.length === 0) {
    return ok ? 'Nothing was played.' : 'It ended before the platform stood.';
  }
  return `${told.join('; ')}.`;
}

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

function tiles({
  acts,
  actsPlanned,
  predictions,
  rollback,
  wallSeconds,
  iamEnforced,
  peakMemoryBytes,
}: Report): Tile[] {
  const held = acts.filter(act => act.ok).length;
  return [
    { name: 'Acts that held', value: `${held} of ${actsPlanned}`, note: `in ${duration(wallSeconds)}` },
    {
      name: 'Failed predictions',
      value: count(predictions.failed),
      note: `of ${count(predictions.sent)} asked for`,
    },
    {
      name: 'Alarm to traffic moved',
      value: rollback === undefined ? '—' : duration(secondsBetween(rollback.alarmAt, rollback.trafficMovedAt)),
      note: rollback === undefined ? 'no rollback happened' : 'no person involved',
    },
    {
      name: 'Rights of roles',
      value: iamEnforced ? 'enforced' : 'not enforced',
      note: iamEnforced ? 'a right that a function lacks fails the rehearsal' : 'a missing right would not show',
    },
    ...(peakMemoryBytes === undefined
      ? []
      : [
          {
            name: 'Most memory',
            value: `${(peakMemoryBytes / 2 ** 30).toFixed(1)} GiB`,
            note: 'all processes together',
          },
        ]),
  ];
}
