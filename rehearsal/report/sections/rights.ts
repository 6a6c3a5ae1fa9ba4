import { html, type Html } from '../html';
import type { Report, Right, RoleRights } from '../report';
import { count, plural } from '../words';

/** Least privilege, shown: every right of every role, with what used it or why it is there. */
export function rightsSection({ rights: roles, iamEnforced }: Report): Html | undefined {
  if (roles.length === 0 || !iamEnforced) {
    return undefined;
  }
  const all = roles.flatMap(({ rights }) => rights);
  const used = all.filter(right => right.used > 0);
  const spare = used.filter(right => !right.needed);
  const requests = used.reduce((sum, right) => sum + right.used, 0);
  const unexplained = all.filter(right => right.used === 0 && right.reason === undefined);
  return html`<section class="rights">
    <h2>The rights</h2>
    <p>
      ${plural(roles.length, 'role')} of the platform hold ${plural(all.length, 'right')}, one action on one resource
      each. ${count(used.length)} were used, by ${plural(requests, 'request')};
      ${
        spare.length === 0
          ? 'each of them is needed: with the record decided again without it, a request is denied.'
          : html`${plural(spare.length, 'right')} of them would not be missed, since another one allows the same.`
      }
      ${count(all.length - used.length)} were not exercised here, each for a written
      reason${unexplained.length > 0 && html`, but for ${count(unexplained.length)} that nobody has explained`}.
    </p>
    ${[...roles].sort((a, b) => (a.role < b.role ? -1 : 1)).map(roleTable)}
  </section>`;
}

function roleTable({ role, services, rights, denied }: RoleRights): Html {
  const used = rights.filter(right => right.used > 0).length;
  return html`<details class="numbers">
    <summary>
      <code>${role}</code>
      <small>${services.join(', ')}: ${count(used)} of ${plural(rights.length, 'right')} used</small>
    </summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Rights of ${role}">
      <table>
        <thead>
          <tr>
            <th scope="col">Action</th>
            <th scope="col">Resource</th>
            <th scope="col" class="number">Used</th>
            <th scope="col">Without it</th>
          </tr>
        </thead>
        <tbody>
          ${[...rights].sort((a, b) => b.used - a.used).map(rightRow)}
        </tbody>
      </table>
    </div>
    ${
      denied.length > 0 &&
      html`<p class="quiet">
        Denied:
        ${denied.map(({ action, resource, count: times }) => html`<code>${action}</code> on <code>${resource}</code> (${count(times)}) `)}
      </p>`
    }
  </details>`;
}

function rightRow(right: Right): Html {
  return html`<tr>
    <td class="action"><code>${right.action}</code></td>
    <td><code>${right.resource}</code></td>
    <td class="number">${right.used === 0 ? '—' : count(right.used)}</td>
    <td>${consequence(right)}</td>
  </tr>`;
}

function consequence({ used, needed, reason }: Right): Html {
  if (used > 0) {
    return needed ? html`denied` : html`another right allows the same`;
  }
  return reason === undefined ? html`<b>not used, and nobody says why it is there</b>` : html`not used: ${reason}`;
}
