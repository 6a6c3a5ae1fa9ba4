import { versionClass } from '../chart/lane';
import { html, type Html } from '../html';
import type { MonitoredWindow, Report } from '../report';
import { decimal, plural } from '../words';

/** Windows whose values lie closer together than this are told as one number. */
const SAME = 0.06;

/** Each version: what its own evaluation promised, and what it was worth live. */
export function versionsSection({ versions, windows }: Report): Html | undefined {
  if (versions.length === 0) {
    return undefined;
  }
  const rows = versions.map(({ version, auc, status, runId, note }) => {
    const own = windows.filter(window => window.version === version && window.auc !== undefined);
    return html`<tr>
      <th scope="row"><span class="chip ${versionClass(version)}" aria-hidden="true"></span>${version}</th>
      <td class="number">${decimal(auc)}</td>
      <td class="number">${liveAuc(own)}<small>${own.length > 0 && plural(own.length, 'window')}</small></td>
      <td>${status}${note !== undefined && html`<small>${note}</small>`}</td>
      <td><code title="${runId}">${runId.slice(0, 12)}</code></td>
    </tr>`;
  });
  return html`<section>
    <h2>The versions</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Versions">
      <table>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col" class="number">AUC promised</th>
            <th scope="col" class="number">AUC live</th>
            <th scope="col">At the end</th>
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    <p class="quiet">
      Promised: on rows held out of its own training. Live: in the windows whose labels arrived, from the worst to the
      best.
    </p>
  </section>`;
}

/** One number while the windows agree, else the span they cover. */
function liveAuc(windows: readonly MonitoredWindow[]): string {
  const values = windows.flatMap(({ auc }) => (auc === undefined ? [] : [auc]));
  if (values.length === 0) {
    return '—';
  }
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return most - least < SAME ? decimal((least + most) / 2) : `${decimal(least)} to ${decimal(most)}`;
}
