import * as fc from 'fast-check';
import { renderPage } from '../../../rehearsal/report/page';
import type { Report } from '../../../rehearsal/report/report';
import { failedReport, sampleReport } from './sample-report';

const VOID = new Set(['meta', 'link', 'br', 'hr', 'img', 'input']);

/** The tags of a page in order; fails when one is not closed where it should be. */
function tagsOf(page: string): string[] {
  const body = page.slice(page.indexOf('<html')).replace(/<style>[\s\S]*?<\/style>/, '');
  const open: string[] = [];
  const tags: string[] = [];
  for (const [, closing, name = '', attributes = ''] of body.matchAll(/<(\/?)([a-z]+)((?:\s[^>]*)?)>/g)) {
    tags.push(`${closing}${name}`);
    if (closing === '/') {
      expect(open.pop()).toBe(name);
    } else if (!VOID.has(name) && !attributes.endsWith('/')) {
      open.push(name);
    }
  }
  expect(open).toEqual([]);
  return tags;
}

const emptyReport: Report = {
  ok: false,
  environment: 'local',
  model: 'rain',
  startedAt: '2026-11-24T03:19:12.000Z',
  wallSeconds: 1,
  acts: [],
  actsPlanned: 10,
  predictions: { sent: 0, failed: 0 },
  versions: [],
  iamEnforced: false,
  notChecked: [],
  rights: [],
  serving: [],
  windows: [],
  thresholds: {},
  traffic: [],
  alarms: [],
  notifications: [],
};

test.each([
  ['a good', sampleReport],
  ['a failed', failedReport],
  ['an empty', emptyReport],
])('the page of %s report is well formed', (_, report) => {
  expect(tagsOf(renderPage(report)).length).toBeGreaterThan(20);
});

test.each([
  ['a good', sampleReport],
  ['a failed', failedReport],
  ['an empty', emptyReport],
])('the page of %s report shows no value that is none', (_, report) => {
  expect(renderPage(report)).not.toMatch(/NaN|undefined|Infinity|\[object/);
});

test('the page asks for nothing from outside and runs no script', () => {
  const page = renderPage(sampleReport);

  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=|href=/);
  expect(page).toContain("default-src 'none'");
});

test('the verdict comes first', () => {
  expect(renderPage(sampleReport)).toMatch(/<h1[^>]*>[\s\S]{0,60}All 10 acts held/);
  expect(renderPage(failedReport)).toMatch(/<h1[^>]*>[\s\S]{0,60}Act 6 failed: A bad version/);
});

test('a rehearsal stopped on purpose does not claim all acts', () => {
  const page = renderPage({ ...sampleReport, acts: sampleReport.acts.slice(0, 3) });

  expect(page).toContain('The first 3 acts held; the rest was not played');
});

test('a failure tells what was expected, what was seen, and the logs', () => {
  const page = renderPage(failedReport);

  expect(page).toContain('version 1 serves again within 60 s of the red alarm');
  expect(page).toContain('&quot;reactions&quot;:[]');
  expect(page).toContain('.local-cloud/logs/cdk.log');
});

test('the rollback is told with its durations', () => {
  const page = renderPage(sampleReport);

  expect(page).toMatch(/traffic on version 1:\s*<strong>3\.1 s<\/strong>/);
  expect(page).toContain('0.7 s later');
  expect(page).toContain('2.4 s later');
});

test('what a person was told stands there word for word', () => {
  const page = renderPage({
    ...sampleReport,
    notifications: [{ at: sampleReport.startedAt, subject: 'subject', text: 'line one\n  line <two>' }],
  });

  expect(page).toContain('<pre class="message">line one\n  line &lt;two&gt;</pre>');
});

test('what is only recorded and what is not checked is said', () => {
  const page = renderPage({ ...sampleReport, iamEnforced: false });

  expect(page).toContain('AWS::Glue::Table');
  expect(page).toContain('the roles of the state machines');
  expect(page).toContain('rights of roles: this rehearsal ran without enforcing them');
});

test('every chart has a text alternative', () => {
  const page = renderPage(sampleReport);

  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page.match(/role="img"/g)).toHaveLength(2);
  expect(page.match(/<desc /g)).toHaveLength(2);
  expect(page).toContain('The windows as a table');
});

test('text cannot change the structure of the page', () => {
  const plain = tagsOf(renderPage(withText('x')));

  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), text => {
      expect(tagsOf(renderPage(withText(`${text}<b onclick='1'>"&`)))).toEqual(plain);
    }),
    { numRuns: 10 },
  );
});

/** The failed report with a text in every place that holds words of others. */
function withText(text: string): Report {
  return {
    ...sampleReport,
    ok: false,
    environment: text,
    model: text,
    acts: sampleReport.acts.map(act => ({
      ...act,
      name: text,
      claims: [text],
      evidence: { a: text, b: [text], c: { text } },
    })),
    versions: sampleReport.versions.map(version => ({ ...version, runId: text, status: text, note: text })),
    rollback: sampleReport.rollback && { ...sampleReport.rollback, alarm: text, reason: text },
    deploy: sampleReport.deploy && { ...sampleReport.deploy, recordedOnly: [text] },
    notChecked: [text],
    serving: sampleReport.serving.map(change => ({ ...change, reason: text })),
    alarms: sampleReport.alarms.map(alarm => ({ ...alarm, reason: text })),
    notifications: sampleReport.notifications.map(notice => ({ ...notice, subject: text, text })),
    failure: { act: 6, expected: text, seen: text, logs: [text] },
  };
}
