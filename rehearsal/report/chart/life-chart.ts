import { html, type Html } from '../html';
import type { Report } from '../report';
import { duration } from '../words';
import { ActLane } from './act-lane';
import { AlarmLane } from './alarm-lane';
import { px, type Lane } from './lane';
import { MeasureLane } from './measure-lane';
import { measuresOf } from './measures';
import { ServingLane } from './serving-lane';
import { TimeScale } from './time-scale';
import { TrafficLane } from './traffic-lane';

const LEFT = 54;
const RIGHT = 12;
const TITLE_BASELINE = 16;
const UNDER_TITLE = 12;
const HINT_HEIGHT = 15;
/** On a page narrower than this the hint goes under the title. */
const NARROW = 600;
const GAP = 16;
const MOMENT_WIDTH = 76;
const AXIS_HEIGHT = 40;
const TICK_SPACING = 52;
/** A gap this many times the usual one between two windows is folded. */
const LONG_GAP = 6;
const SHORTEST_FOLDED_GAP = 30 * 60_000;

/** The whole life of the model over local-cloud time, for a page of some width. */
export function lifeChart(report: Report, width: number, id: string): Html {
  const scale = TimeScale.over(momentsOf(report), LEFT, width - RIGHT, longGap(report), width < NARROW ? 20 : 34);
  const lanes: Lane[] = [
    ...(report.acts.some(act => act.from !== undefined) ? [new ActLane(report.acts)] : []),
    new ServingLane(report.serving),
    ...measuresOf(report).map(measure => new MeasureLane(measure, report.windows, report.serving)),
    new AlarmLane(report.alarms),
    new TrafficLane(report.traffic),
  ];
  const narrow = width < NARROW;
  let end = 0;
  const placed = lanes.map(lane => {
    const titleAt = end + TITLE_BASELINE;
    const top = titleAt + (narrow ? HINT_HEIGHT : 0) + UNDER_TITLE;
    const bottom = top + lane.height;
    end = bottom + GAP;
    return { lane, titleAt, frame: { scale, top, bottom, narrow } };
  });
  const draw = (overFolds: boolean) =>
    placed.filter(({ lane }) => lane.overFolds === overFolds).map(({ lane, frame }) => lane.draw(frame));
  return html`<svg
    class="life"
    viewBox="0 0 ${width} ${px(end + AXIS_HEIGHT)}"
    role="img"
    aria-labelledby="${id}-title ${id}-text"
  >
    <title id="${id}-title">The life of ${report.model}</title>
    <desc id="${id}-text">
      Which version served when, its quality and drift with the alarm thresholds, the alarms, and the predictions asked
      for, over local-cloud time. The table of windows below holds the same numbers.
    </desc>
    ${draw(false)}${folds(scale, end)}${rollbackLine(report, scale, (placed.find(({ lane }) => lane instanceof ServingLane)?.titleAt ?? 0) - (narrow ? 0 : 11), end)}${draw(true)}${axis(scale, end)}
    ${placed.map(({ lane, titleAt }) => laneTitle(lane, titleAt, narrow))}
  </svg>`;
}

function laneTitle({ title, hint }: Lane, y: number, narrow: boolean): Html {
  const place = narrow ? html`x="0" dy="${HINT_HEIGHT}"` : html`dx="8"`;
  return html`<text class="lane-title" x="0" y="${px(y)}">${title}<tspan class="hint" ${place}>${hint}</tspan></text>`;
}

function momentsOf(report: Report): number[] {
  const times = [report.serving, report.windows, report.traffic, report.alarms].flatMap(entries =>
    entries.map(({ at }) => Date.parse(at)),
  );
  return times.length > 0 ? times : report.acts.flatMap(act => (act.from === undefined ? [] : [Date.parse(act.from)]));
}

/** From which length on a gap is folded, by the usual distance of two windows. */
function longGap(report: Report): number {
  const times = report.windows.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const gaps = times
    .slice(1)
    .map((time, index) => time - (times[index] ?? time))
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)] ?? 0;
  return Math.max(SHORTEST_FOLDED_GAP, LONG_GAP * usual);
}

function rollbackLine({ rollback }: Report, scale: TimeScale, labelAt: number, bottom: number): Html | undefined {
  if (rollback === undefined) {
    return undefined;
  }
  const x = scale.x(Date.parse(rollback.trafficMovedAt));
  const toTheRight = x + MOMENT_WIDTH < scale.right;
  return html`<g>
    <line class="moment" x1="${px(x)}" x2="${px(x)}" y1="${px(labelAt - 9)}" y2="${px(bottom)}" />
    <text
      class="${toTheRight ? 'moment-label' : 'moment-label before'}"
      x="${px(toTheRight ? x + 5 : x - 5)}"
      y="${px(labelAt)}"
    >
      rolled back
    </text>
    <title>Rolled back to version ${rollback.to}</title>
  </g>`;
}

function folds(scale: TimeScale, bottom: number): Html {
  const drawn = scale.breaks.map(gap => {
    const middle = px((gap.x0 + gap.x1) / 2);
    const length = duration((gap.to - gap.from) / 1000);
    return html`<g>
      <rect class="fold" x="${px(gap.x0)}" y="0" width="${px(gap.x1 - gap.x0)}" height="${px(bottom)}" />
      <text class="fold-label" transform="translate(${middle} ${px(bottom / 2)}) rotate(-90)" y="4"
        >${length} later</text
      >
      <title>Nothing happened for ${length}; this time is folded</title>
    </g>`;
  });
  return html`${drawn}`;
}

function axis(scale: TimeScale, top: number): Html {
  const lines = scale.stretches.map(
    ({ x0, x1 }) => html`<line class="axis" x1="${px(x0)}" x2="${px(x1)}" y1="${px(top)}" y2="${px(top)}" />`,
  );
  const ticks = scale.ticks(TICK_SPACING).map(
    ({ x, label, day }) =>
      html`<line class="axis" x1="${px(x)}" x2="${px(x)}" y1="${px(top)}" y2="${px(top + 5)}" />
        <text class="x-label" x="${px(x)}" y="${px(top + 19)}">${label}</text>
        ${day !== undefined && html`<text class="x-label day" x="${px(x)}" y="${px(top + 34)}">${day}</text>`}`,
  );
  return html`${lines}${ticks}`;
}
