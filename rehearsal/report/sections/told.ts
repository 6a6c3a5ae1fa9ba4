import { html, type Html } from '../html';
import type { Report } from '../report';
import { moment } from '../words';

/** Every message that a person was sent, word for word. */
export function toldSection({ notifications }: Report): Html {
  const messages = notifications.map(
    ({ at, subject, text }) =>
      html`<li>
        <details open>
          <summary><b>${subject}</b> <time datetime="${at}">${moment(at)}</time></summary>
          <pre class="message">${text}</pre>
        </details>
      </li>`,
  );
  return html`<section>
    <h2>What a person was told</h2>
    ${
      messages.length === 0
        ? html`<p class="quiet">Nothing was sent.</p>`
        : html`<p>Word for word, as it went out.</p>
            <ul class="messages">
              ${messages}
            </ul>`
    }
  </section>`;
}
