import { html, type Html } from '../html';
import type { Report } from '../report';

/** What was expected, what was seen, and where to look on. */
export function failureSection({ failure, acts }: Report): Html | undefined {
  if (failure === undefined) {
    return undefined;
  }
  const act = acts.find(({ id }) => id === failure.act);
  return html`<section class="failure">
    <h2>What failed</h2>
    <dl>
      <dt>Act</dt>
      <dd>${failure.act}${act !== undefined && `, ${act.name}`}</dd>
      <dt>Expected</dt>
      <dd class="verbatim">${failure.expected}</dd>
      <dt>Seen</dt>
      <dd class="verbatim">${failure.seen}</dd>
      <dt>Logs</dt>
      <dd>
        ${
          failure.logs.length === 0
            ? 'none'
            : html`<ul>
                ${failure.logs.map(path => html`<li><code>${path}</code></li>`)}
              </ul>`
        }
      </dd>
    </dl>
  </section>`;
}
