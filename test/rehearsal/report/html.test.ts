import * as fc from 'fast-check';
import { escapeText, html } from '../../../rehearsal/report/html';

test('a hole is escaped', () => {
  expect(html`<p title="${'"'}">${'<script>'}</p>`.markup).toBe('<p title="&quot;">&lt;script&gt;</p>');
});

test('markup in a hole stays as it is, and lists are joined', () => {
  const items = ['a', 'b'].map(item => html`<li>${item}</li>`);

  expect(html`[${items}]`.markup).toBe('[<li>a</li><li>b</li>]');
});

test('nothing is written for what is not there, but zero is', () => {
  expect(html`[${undefined}${false}${0}${''}]`.markup).toBe('[0]');
});

test('control characters, which no document may hold, are replaced', () => {
  expect(escapeText('a\u0000b\u001b[31mc\td\n')).toBe('a\ufffdb\ufffd[31mc\td\n');
});

test('no text can open a tag, an entity or end an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(escapeText(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});
