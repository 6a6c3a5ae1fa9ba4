import { html, Html } from './html';
import type { Report } from './report';
import { actsSection } from './sections/acts';
import { failureSection } from './sections/failure';
import { lifeSection } from './sections/life';
import { limitsSection } from './sections/limits';
import { rightsSection } from './sections/rights';
import { rollbackSection } from './sections/rollback';
import { toldSection } from './sections/told';
import { verdict } from './sections/verdict';
import { versionsSection } from './sections/versions';
import { STYLES } from './styles';

/** The report as one page that needs no network and no script, and prints. */
export function renderPage(report: Report): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
      <title>${report.ok ? '✓' : '✗'} Rehearsal of ${report.model} in ${report.environment}</title>
      <style>
        ${new Html(STYLES)}
      </style>
    </head>
    <body>
      <main>
        ${verdict(report)}${failureSection(report)}${lifeSection(report)}${rollbackSection(report)}${versionsSection(report)}
        ${toldSection(report)}${actsSection(report)}${rightsSection(report)}${limitsSection(report)}
        <footer>Drawn from <code>report.json</code>, which lies beside this page and holds every number on it.</footer>
      </main>
    </body>
  </html>`;
  return `<!doctype html>\n${page.markup}\n`;
}
