import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeReport } from '../../../rehearsal/report/write';
import { sampleReport } from './sample-report';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'write-report-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('both files are written into a folder that is made when missing', () => {
  // GIVEN
  const folder = join(root, 'a', 'report');

  // WHEN
  const written = writeReport(sampleReport, folder);

  // THEN
  expect(written).toEqual({ json: join(folder, 'report.json'), page: join(folder, 'index.html') });
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(sampleReport);
  expect(readdirSync(folder).sort()).toEqual(['index.html', 'report.json']);
});

test('an older report is replaced', () => {
  writeReport(sampleReport, root);
  writeReport({ ...sampleReport, wallSeconds: 1 }, root);

  expect(JSON.parse(readFileSync(join(root, 'report.json'), 'utf8'))).toMatchObject({ wallSeconds: 1 });
});

test('a folder that cannot be made sends the report to a spare one, with path, reason and remedy', () => {
  // GIVEN
  const file = join(root, 'file');
  writeFileSync(file, '');
  const spare = join(root, 'spare');

  // WHEN
  const written = writeReport(sampleReport, join(file, 'report'), () => spare);

  // THEN
  expect(written.json).toBe(join(spare, 'report.json'));
  expect(existsSync(join(spare, 'index.html'))).toBe(true);
  expect(written.problem).toMatch(
    /^cannot write the report to '.*file\/report': ENOTDIR.*; it lies in '.*spare\/report\.json' instead; a file lies where the folder should be: move it away before the next run$/,
  );
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a full disk keeps the older report whole', () => {
  // GIVEN
  writeReport(sampleReport, root);
  symlinkSync('/dev/full', join(root, 'report.json.partial'));

  // WHEN
  const written = writeReport({ ...sampleReport, wallSeconds: 1 }, root, () => join(root, 'spare'));

  // THEN
  expect(written.problem).toMatch(/ENOSPC.*free some space on its disk/);
  expect(JSON.parse(readFileSync(join(root, 'report.json'), 'utf8'))).toEqual(sampleReport);
});

test('when nothing can be written it still returns, and says both reasons', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');

  const written = writeReport(sampleReport, join(file, 'report'), () => {
    throw new Error('no room there either');
  });

  expect(written.json).toBeUndefined();
  expect(written.problem).toMatch(/ENOTDIR.*nor to a temporary folder: no room there either/);
});
