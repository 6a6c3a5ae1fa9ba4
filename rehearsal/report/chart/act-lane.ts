import { html, type Html } from '../html';
import type { ActReport } from '../report';
import { px, type Frame, type Lane } from './lane';

const LETTER_WIDTH = 7.2;
const ROOM = 10;

/** Where each act begins; acts too close for two labels share one. */
export class ActLane implements Lane {
  readonly title = 'Acts';
  readonly hint = 'where each began';
  readonly overFolds = true;
  readonly height = 22;

  constructor(private readonly acts: readonly ActReport[]) {}

  draw({ scale, top, bottom }: Frame): Html {
    const groups: { x: number; acts: ActReport[] }[] = [];
    for (const act of this.acts.filter(({ from }) => from !== undefined)) {
      const x = scale.x(Date.parse(act.from ?? ''));
      const last = groups.at(-1);
      if (last !== undefined && x - last.x < label(last.acts).length * LETTER_WIDTH + ROOM) {
        last.acts.push(act);
      } else {
        groups.push({ x, acts: [act] });
      }
    }
    return html`${groups.map(({ x, acts }) => {
      const text = label(acts);
      const fits = x + text.length * LETTER_WIDTH <= scale.right;
      return html`<g>
        <line class="act-start" x1="${px(x)}" x2="${px(x)}" y1="${px(top)}" y2="${px(bottom)}" />
        <text class="${fits ? 'act' : 'act before'}" x="${px(fits ? x + 4 : x - 4)}" y="${px(bottom - 6)}"
          >${text}</text
        >
        <title>${acts.map(({ id, name }) => `${id}. ${name}`).join(', ')}</title>
      </g>`;
    })}`;
  }
}

function label(acts: readonly ActReport[]): string {
  const [first, last] = [acts.at(0)?.id, acts.at(-1)?.id];
  return first === last ? `${first}` : `${first}–${last}`;
}
