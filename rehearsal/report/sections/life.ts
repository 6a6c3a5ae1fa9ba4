import { lifeChart } from '../chart/life-chart';
import { measuresOf } from '../chart/measures';
import { html, type Html } from '../html';
import type { Report } from '../report';
import { count, decimal, moment } from '../words';

const WIDE = 960;
const NARROW = 360;

/** The chart of the model's life, drawn for a wide page and for a phone, and the same numbers as a table. */
export function lifeSection(report: Report): Html {
  if (report.serving.length + report.windows.length + report.traffic.length === 0) {
    return html`<section>
      <h2>The model's life</h2>
      <p class="quiet">No version came to serve, so there is nothing to draw.</p>
    </section>`;
  }
  return html`<section class="life-section">
    <h2>The model's life</h2>
    <p>
      Time is that of the local cloud, whose clock the rehearsal moves on; long idle stretches are folded. The tinted
      side of a dashed line is where the alarm looks; a red diamond is a window that lies there.
    </p>
    <div class="wide">${lifeChart(report, WIDE, 'life-wide')}</div>
    <div class="narrow">${lifeChart(report, NARROW, 'life-narrow')}</div>
    ${report.windows.length > 0 && windowTable(report)}
  </section>`;
}

function windowTable(report: Report): Html {
  const rows = report.windows.map(
    window =>
      html`<tr>
        <td>${moment(window.at)}</td>
        <td>${window.version}</td>
        <td class="number">${count(window.samples)}</td>
        <td class="number">${decimal(window.auc)}</td>
        <td class="number">${decimal(window.predictionPsiExcess, 3)}</td>
        <td class="number">
          ${window.driftedFeatureShare === undefined ? '—' : `${Math.round(window.driftedFeatureShare * 100)}%`}
        </td>
      </tr>`,
  );
  return html`<details class="numbers">
    <summary>The windows as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Judged windows">
      <table>
        <thead>
          <tr>
            <th scope="col">Window's end</th>
            <th scope="col">Version</th>
            <th scope="col" class="number">Rows</th>
            ${measuresOf(report).map(({ title }) => html`<th scope="col" class="number">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}
