import { html, type Html } from '../html';
import type { ActReport, Report } from '../report';
import { asWords, count, duration } from '../words';

/** The acts in order, each with its share of the time and, unfolded, its claims and evidence. */
export function actsSection({ acts, actsPlanned }: Report): Html {
  const total = Math.max(
    0.001,
    acts.reduce((sum, act) => sum + act.seconds, 0),
  );
  let before = 0;
  const rows = acts.map(act => {
    const start = (before / total) * 100;
    before += act.seconds;
    return html`<li class="${act.ok ? 'good' : 'bad'}">
      <details ${act.ok ? '' : html`open`}>
        <summary>
          <span class="mark"
            >${act.ok ? html`<span aria-label="held">✓</span>` : html`<span aria-label="failed">✗</span>`}</span
          >
          <span class="name">${act.id}. ${act.name}</span>
          <span class="seconds">${duration(act.seconds)}</span>
          <span class="track" aria-hidden="true"
            ><span
              class="span"
              style="left:${start.toFixed(2)}%;width:${((act.seconds / total) * 100).toFixed(2)}%"
            ></span
          ></span>
        </summary>
        ${details(act)}
      </details>
    </li>`;
  });
  const missing = actsPlanned - acts.length;
  return html`<section>
    <h2>The acts</h2>
    <p>
      Each bar is the act's share of the time, from left to right as they were played. Open an act for what it checked.
    </p>
    <ol class="acts">
      ${rows}
    </ol>
    ${missing > 0 && html`<p class="quiet">${count(missing)} more ${missing === 1 ? 'act was' : 'acts were'} not played.</p>`}
  </section>`;
}

function details({ claims = [], evidence }: ActReport): Html {
  const facts = Object.entries(evidence);
  return html`<div class="unfolded">
    ${
      claims.length > 0 &&
      html`<h3>Checked and held</h3>
        <ul>
          ${claims.map(claim => html`<li>${claim}</li>`)}
        </ul>`
    }
    ${
      facts.length > 0 &&
      html`<h3>Evidence</h3>
        <dl class="facts">
          ${facts.map(
            ([name, value]) =>
              html`<dt>${asWords(name)}</dt>
                <dd>${fact(value)}</dd>`,
          )}
        </dl>`
    }
    ${claims.length + facts.length === 0 && html`<p class="quiet">It left no evidence.</p>`}
  </div>`;
}

/** Plain values as they are, lists of plain values as a list, anything deeper as JSON. */
function fact(value: unknown): Html {
  if (typeof value === 'string' || typeof value === 'boolean') {
    return html`${String(value)}`;
  }
  if (typeof value === 'number') {
    return html`${Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(6)))}`;
  }
  if (Array.isArray(value) && value.every(item => typeof item === 'string' || typeof item === 'number')) {
    return value.length === 0
      ? html`none`
      : html`<ul>
          ${value.map(item => html`<li>${item}</li>`)}
        </ul>`;
  }
  // JSON knows no `undefined`
  return value === undefined ? html`nothing` : html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}
