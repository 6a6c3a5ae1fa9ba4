import { alarmLabel } from '../alarm-name';
import { html, type Html } from '../html';
import type { AlarmChange } from '../report';
import { moment } from '../words';
import { px, type Frame, type Lane } from './lane';

const ROW_HEIGHT = 22;
const LETTER_WIDTH = 6.6;
/** So that a short red stretch can still be seen. */
const NARROWEST = 4;

/** A stretch in which an alarm was red, and the change that made it so. */
export interface RedSpan {
  readonly change: AlarmChange;
  readonly from: number;
  readonly to: number;
}

/** When each alarm was red; an alarm that never was has no row. */
export class AlarmLane implements Lane {
  readonly title = 'Alarms';
  readonly hint = 'while they were red';
  readonly overFolds = true;
  readonly height: number;
  private readonly names: readonly string[];

  constructor(private readonly changes: readonly AlarmChange[]) {
    this.names = [...new Set(changes.filter(({ state }) => state === 'ALARM').map(({ name }) => name))];
    this.height = Math.max(1, this.names.length) * ROW_HEIGHT;
  }

  draw({ scale, top }: Frame): Html {
    if (this.names.length === 0) {
      return html`<text class="quiet" x="${px(scale.left)}" y="${px(top + 15)}">none</text>`;
    }
    const allNames = this.changes.map(({ name }) => name);
    const rows = this.names.map((name, row) => {
      const label = alarmLabel(name, allNames);
      const y = top + row * ROW_HEIGHT;
      const red = redSpans(
        this.changes.filter(change => change.name === name),
        scale.stretches.at(-1)?.to ?? 0,
      );
      const spans = red.map(({ change, from, to }) => {
        const left = scale.x(from);
        return html`<g
          ><rect
            class="red"
            x="${px(left)}"
            y="${px(y + 4)}"
            width="${px(Math.max(NARROWEST, scale.x(to) - left))}"
            height="14"
            rx="2"
          />
          <title>${name} red from ${moment(change.at)}: ${change.reason}</title></g
        >`;
      });
      return html`<line
          class="grid"
          x1="${px(scale.left)}"
          x2="${px(scale.right)}"
          y1="${px(y + ROW_HEIGHT)}"
          y2="${px(y + ROW_HEIGHT)}"
        />
        ${spans}${rowLabel(label, red.at(0), scale, y)}`;
    });
    return html`${rows}`;
  }
}

/** The label stands left of the first red span, or right of it where there is no room. */
function rowLabel(label: string, first: RedSpan | undefined, scale: Frame['scale'], y: number): Html {
  const left = first === undefined ? scale.left : scale.x(first.from);
  const right = first === undefined ? scale.left : Math.max(left + NARROWEST, scale.x(first.to));
  const fits = left - scale.left > label.length * LETTER_WIDTH + 8;
  return fits
    ? html`<text class="row-label before" x="${px(left - 6)}" y="${px(y + 15)}">${label}</text>`
    : html`<text class="row-label after" x="${px(right + 6)}" y="${px(y + 15)}">${label}</text>`;
}

/** The stretches in which one alarm was red, from its changes in the order of time. */
export function redSpans(changes: readonly AlarmChange[], end: number): RedSpan[] {
  const spans: RedSpan[] = [];
  let red: AlarmChange | undefined;
  for (const change of changes) {
    if (change.state === 'ALARM') {
      red ??= change;
    } else if (red !== undefined) {
      spans.push({ change: red, from: Date.parse(red.at), to: Date.parse(change.at) });
      red = undefined;
    }
  }
  return red === undefined ? spans : [...spans, { change: red, from: Date.parse(red.at), to: end }];
}
