import { html, type Html } from '../html';
import type { Report } from '../report';
import { count, duration, plural } from '../words';

/** What stood, and what this rehearsal does not show. */
export function limitsSection({ deploy, iamEnforced, notChecked }: Report): Html {
  return html`<section class="columns">
    <div>
      <h2>What was deployed</h2>
      ${
        deploy === undefined
          ? html`<p class="quiet">The deploy did not finish.</p>`
          : html`<p>
                ${plural(deploy.resources, 'resource')} in ${plural(deploy.stacks, 'stack')}, by the real CDK CLI, in
                ${duration(deploy.seconds)}.
              </p>
              ${recordedOnly(deploy.recordedOnly)}`
      }
    </div>
    <div>
      <h2>What this does not show</h2>
      <ul>
        ${!iamEnforced && html`<li>rights of roles: this rehearsal ran without enforcing them</li>`}
        ${notChecked.map(item => html`<li>${item}</li>`)}
        <li>speed, cost and quotas of AWS: this was one machine</li>
      </ul>
    </div>
  </section>`;
}

function recordedOnly(items: readonly string[]): Html {
  return items.length === 0
    ? html`<p>The local cloud runs all of them.</p>`
    : html`<p>${count(items.length)} of them are accepted and remembered by the local cloud, but not run:</p>
        <ul>
          ${items.map(item => html`<li><code>${item}</code></li>`)}
        </ul>`;
}
