import { html, type Html } from '../html';
import type { TrafficSample } from '../report';
import { count, moment } from '../words';
import { px, type Frame, type Lane } from './lane';

const BAR_WIDTH = 7;
const NARROW_BAR_WIDTH = 4;
const NICE = [1, 2, 2.5, 5];

/** Predictions asked for, and those that failed. */
export class TrafficLane implements Lane {
  readonly title = 'Predictions';
  readonly hint: string;
  readonly overFolds = false;
  readonly height = 64;

  constructor(private readonly samples: readonly TrafficSample[]) {
    this.hint = samples.some(({ failed }) => failed > 0) ? 'asked for; failed ones in red' : 'asked for; none failed';
  }

  draw({ scale, top, bottom, narrow }: Frame): Html {
    const barWidth = narrow ? NARROW_BAR_WIDTH : BAR_WIDTH;
    const most = roundUp(Math.max(1, ...this.samples.map(({ sent }) => sent)));
    const height = (sent: number) => (sent / most) * (bottom - top);
    const grid = [0, most].map(
      value =>
        html`<line
            class="grid"
            x1="${px(scale.left)}"
            x2="${px(scale.right)}"
            y1="${px(bottom - height(value))}"
            y2="${px(bottom - height(value))}"
          />
          <text class="y-label" x="${px(scale.left - 6)}" y="${px(bottom - height(value) + 4)}">${count(value)}</text>`,
    );
    const bars = this.samples.map(({ at, sent, failed }) => {
      const left = scale.x(Date.parse(at)) - barWidth / 2;
      const lost = failed > 0 ? Math.max(2, height(failed)) : 0;
      return html`<g>
        <rect
          class="bar"
          x="${px(left)}"
          y="${px(bottom - height(sent))}"
          width="${barWidth}"
          height="${px(height(sent))}"
        />
        ${failed > 0 && html`<rect class="red" x="${px(left)}" y="${px(bottom - lost)}" width="${barWidth}" height="${px(lost)}" />`}
        <title>${moment(at)}: ${count(sent)} asked for, ${count(failed)} failed</title>
      </g>`;
    });
    return html`${grid}${bars}`;
  }
}

/** The next of 1, 2, 2.5, 5, 10, 20, 25, 50 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (NICE.find(nice => nice * power >= value) ?? 10) * power;
}
