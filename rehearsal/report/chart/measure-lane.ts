import { html, type Html } from '../html';
import type { MonitoredWindow, ServingChange } from '../report';
import { moment, plural } from '../words';
import { px, versionClass, type Frame, type Lane } from './lane';
import { servingBands } from './serving-lane';

/** What a lane of measured values shows, and from where on a value is bad. */
export interface Measure {
  readonly title: string;
  readonly hint: string;
  readonly value: (window: MonitoredWindow) => number | undefined;
  /** The alarm's threshold while a version serves. */
  readonly threshold: (version: string) => number | undefined;
  readonly badWhen: 'above' | 'below';
  /** Values at which a line is drawn across; the first and the last are the ends of the axis. */
  readonly grid: readonly number[];
  /** Whether the axis grows by factors. */
  readonly logarithmic?: boolean;
  readonly format: (value: number) => string;
}

const RADIUS = 4;
const NARROW_RADIUS = 3;

/** One measure of the judged windows over time, with the alarm's threshold. */
export class MeasureLane implements Lane {
  readonly title: string;
  readonly hint: string;
  readonly overFolds = false;
  readonly height = 104;

  constructor(
    private readonly measure: Measure,
    private readonly windows: readonly MonitoredWindow[],
    private readonly changes: readonly ServingChange[],
  ) {
    this.title = measure.title;
    this.hint = measure.hint;
  }

  draw(frame: Frame): Html {
    const { scale } = frame;
    const y = (value: number) => this.y(value, frame);
    const grid = this.measure.grid.map(
      value =>
        html`<line
            class="grid"
            x1="${px(scale.left)}"
            x2="${px(scale.right)}"
            y1="${px(y(value))}"
            y2="${px(y(value))}"
          />
          <text class="y-label" x="${px(scale.left - 6)}" y="${px(y(value) + 4)}">${this.measure.format(value)}</text>`,
    );
    return html`${grid}${this.thresholds(frame)}${this.line(frame)}${this.points(frame)}`;
  }

  /** The forbidden side is tinted and its border dashed, as high as the threshold of the version that serves. */
  private thresholds(frame: Frame): Html {
    const { scale, top, bottom } = frame;
    const bands = servingBands(this.changes, scale).map(({ change, from, to }) => {
      const threshold = this.measure.threshold(change.version);
      if (threshold === undefined) {
        return undefined;
      }
      const at = this.y(threshold, frame);
      const [from0, to0] = this.measure.badWhen === 'above' ? [top, at] : [at, bottom];
      const [left, right] = [scale.x(from), scale.x(to)];
      return html`<rect
          class="bad-side"
          x="${px(left)}"
          y="${px(from0)}"
          width="${px(right - left)}"
          height="${px(to0 - from0)}"
        />
        <line class="threshold" x1="${px(left)}" x2="${px(right)}" y1="${px(at)}" y2="${px(at)}">
          <title>
            Alarm ${this.measure.badWhen} ${this.measure.format(threshold)} while version ${change.version} serves
          </title>
        </line>`;
    });
    return html`${bands}`;
  }

  private line(frame: Frame): Html {
    const points = this.measured();
    const pieces = points.slice(1).map((point, index) => {
      const before = points[index] ?? point;
      const joined = before.window.version === point.window.version && !frame.scale.isBroken(before.at, point.at);
      return (
        joined &&
        html`<line
          class="trace ${versionClass(point.window.version)}"
          x1="${px(frame.scale.x(before.at))}"
          y1="${px(this.y(before.value, frame))}"
          x2="${px(frame.scale.x(point.at))}"
          y2="${px(this.y(point.value, frame))}"
        />`
      );
    });
    return html`${pieces}`;
  }

  /** A bad value differs by its shape too, so that no one has to tell colours apart. */
  private points(frame: Frame): Html {
    const radius = frame.narrow ? NARROW_RADIUS : RADIUS;
    const reach = px(radius * 1.5);
    const marks = this.measured().map(({ at, value, window }) => {
      const [x, y] = [frame.scale.x(at), this.y(value, frame)];
      const bad = this.isBad(value, window.version);
      const shape = bad
        ? html`<path
            class="point bad"
            d="M${px(x)} ${px(y - radius * 1.5)}l${reach} ${reach}-${reach} ${reach}-${reach}-${reach}z"
          />`
        : html`<circle class="point ${versionClass(window.version)}" cx="${px(x)}" cy="${px(y)}" r="${radius}" />`;
      const note = `${this.measure.format(value)}${bad ? ', past the alarm threshold' : ''}`;
      return html`<g
        >${shape}<title>
          ${moment(window.at)}, version ${window.version}, ${plural(window.samples, 'row')}: ${note}
        </title></g
      >`;
    });
    return html`${marks}`;
  }

  private measured(): { at: number; value: number; window: MonitoredWindow }[] {
    return this.windows.flatMap(window => {
      const value = this.measure.value(window);
      return value === undefined || !Number.isFinite(value) ? [] : [{ at: Date.parse(window.at), value, window }];
    });
  }

  private isBad(value: number, version: string): boolean {
    const threshold = this.measure.threshold(version);
    return threshold !== undefined && (this.measure.badWhen === 'above' ? value > threshold : value < threshold);
  }

  /** A value beyond the axis is drawn at its end. */
  private y(value: number, { top, bottom }: Frame): number {
    const [low, high] = [this.measure.grid.at(0) ?? 0, this.measure.grid.at(-1) ?? 1];
    const within = Math.min(high, Math.max(low, value));
    const share =
      this.measure.logarithmic === true ? Math.log(within / low) / Math.log(high / low) : (within - low) / (high - low);
    return bottom - share * (bottom - top);
  }
}
