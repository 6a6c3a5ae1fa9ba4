import { html, type Html } from '../html';
import type { ServingChange } from '../report';
import { moment } from '../words';
import { px, versionClass, type Frame, type Lane } from './lane';
import type { TimeScale } from './time-scale';

const LETTER_WIDTH = 7.2;

/** A stretch of time in which one version served. */
export interface ServingBand {
  readonly change: ServingChange;
  readonly from: number;
  readonly to: number;
}

/** The bands between the changes; the last one reaches to the end of the axis. */
export function servingBands(changes: readonly ServingChange[], scale: TimeScale): ServingBand[] {
  const end = scale.stretches.at(-1)?.to ?? 0;
  return changes.map((change, index) => {
    const next = changes.at(index + 1);
    return { change, from: Date.parse(change.at), to: next === undefined ? end : Date.parse(next.at) };
  });
}

/** Which version served when. */
export class ServingLane implements Lane {
  readonly title = 'Serving';
  readonly hint = 'the version that answered';
  readonly overFolds = true;
  readonly height = 30;

  constructor(private readonly changes: readonly ServingChange[]) {}

  draw({ scale, top, bottom }: Frame): Html {
    const bands = servingBands(this.changes, scale).map(({ change, from, to }) => {
      const left = scale.x(from);
      const width = Math.max(2, scale.x(to) - left);
      const room = widestPiece(from, to, scale);
      const label = [`version ${change.version}`, change.version].find(
        text => text.length * LETTER_WIDTH < room.width - 4,
      );
      return html`<g>
        <rect
          class="band ${versionClass(change.version)}"
          x="${px(left)}"
          y="${px(top)}"
          width="${px(width)}"
          height="${px(bottom - top)}"
          rx="3"
        />
        ${
          label !== undefined &&
          html`<text class="on-band" x="${px(room.middle)}" y="${px((top + bottom) / 2 + 4)}">${label}</text>`
        }
        <title>Version ${change.version} from ${moment(change.at)}: ${change.reason}</title>
      </g>`;
    });
    return html`${bands}`;
  }
}

/** Where a band has most room for a label: the widest of the pieces into which the folds cut it. */
function widestPiece(from: number, to: number, scale: TimeScale): { middle: number; width: number } {
  const pieces = scale.stretches.map(stretch => {
    const left = scale.x(Math.max(from, stretch.from));
    const right = scale.x(Math.min(to, stretch.to));
    return { middle: (left + right) / 2, width: right - left };
  });
  return pieces.reduce((widest, piece) => (piece.width > widest.width ? piece : widest), { middle: 0, width: 0 });
}
