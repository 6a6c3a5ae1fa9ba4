import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testsOf } from '../support/tests-of';

const ROOT = join(__dirname, '..', '..');
const PROMISES = 9;
/** Traps that other platforms fell into. */
const TRAPS = [
  'forgetful update',
  'update that went back',
  'stale template',
  'absent guardrails',
  'shift of traffic',
  'endpoint metrics',
  'metric namespaces',
  'managed scaling',
  'disks and serverless',
  'fixed names',
  'late policy',
  'long names',
  'processing jobs',
  'scaling',
  'data capture',
  'left interfaces',
  'policy sizes',
  'event on creation',
  'kubectl',
  'late webhooks',
  'moving runtime',
  'log retention',
  'monitoring schedule',
  'two updates',
  'alarm after rollback',
  'blessed snapshot',
];

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** Cells of the rows of all tables of a text, without heads and rules. */
function rows(text: string): string[][] {
  const lines = text.split('\n');
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    );
}

function isRule(line: string): boolean {
  return /^\|[\s|-]+$/.test(line);
}

describe('what always holds', () => {
  const sections = read('docs/what-always-holds.md').split(/^## /m).slice(1);

  test('has its nine sentences in their order', () => {
    expect(sections.map(section => Number.parseInt(section))).toEqual(
      Array.from({ length: PROMISES }, (_, index) => index + 1),
    );
  });

  test.each(sections.map((section): [string, string] => [section.split('\n')[0] ?? '', section]))(
    'there are tests, and none of them is gone or skipped: %s',
    (_, section) => {
      const named = rows(section).map(([test = '', file = '']) => ({ test, file: file.replaceAll('`', '') }));
      const gone = named.filter(
        ({ test, file }) => !existsSync(join(ROOT, file)) || !testsOf(join(ROOT, file)).includes(test),
      );

      expect(named).not.toEqual([]);
      expect(gone).toEqual([]);
    },
  );
});

test("every one of other people's failures has its test", () => {
  // GIVEN
  const page = read('docs/other-peoples-failures.md');
  const files = [...page.matchAll(/`(test\/[\w/-]*other-peoples-failures\.test\.ts)`/g)].map(([, file]) => file);
  const tests = files.flatMap(file => testsOf(join(ROOT, file)));

  // THEN
  const named = rows(page).map(cells => cells.at(-1) ?? '');
  expect(named).not.toEqual([]);
  expect(named.filter(test => !tests.includes(test))).toEqual([]);
});

describe('what is refused', () => {
  const page = read('docs/refusals.md');
  const named = rows(page).map(cells => {
    const [test = '', file = ''] = cells.slice(-2);
    return { name: cells[0] ?? '', test, file: file.replaceAll('`', '') };
  });

  test('there is a test for each row, and none of them is gone or skipped', () => {
    expect(named).not.toEqual([]);
    expect(
      named.filter(({ test, file }) => !existsSync(join(ROOT, file)) || !testsOf(join(ROOT, file)).includes(test)),
    ).toEqual([]);
  });

  test('no trap of the list is left out', () => {
    const names = new Set(named.map(({ name }) => name).filter(name => name !== ''));

    expect([...names].sort()).toEqual([...TRAPS].sort());
  });
});
