import { cellResult, type JestReport, table } from '../../scripts/matrix-report';

const CELL = { cdk: '2.275.0', node: 'v20.20.2' };
const DIFFERS =
  'expect(received).toBe(expected)\n\n- Expected  - 1\n+ Received  + 1\n\n    same\n-   Runtime: a\n+   Runtime: b\n';

function report(given: Partial<JestReport>): JestReport {
  return { numPassedTests: 3, numFailedTests: 0, numRuntimeErrorTestSuites: 0, testResults: [], ...given };
}

test('a cell passes when tests ran and none failed', () => {
  expect(cellResult(CELL, report({}))).toEqual({ ...CELL, passed: 3, passes: true, failures: [] });
});

test.each([
  ['a failure', { numFailedTests: 1 }],
  ['a file that could not run', { numRuntimeErrorTestSuites: 1 }],
  ['no test at all', { numPassedTests: 0 }],
])('a cell does not pass with %s', (_, given) => {
  expect(cellResult(CELL, report(given)).passes).toBe(false);
});

test('tells the lines in which a snapshot differs, and those alone', () => {
  const failed = { status: 'failed', fullName: 'prod/Platform is as reviewed', failureMessages: [DIFFERS] };
  const result = cellResult(
    CELL,
    report({ numFailedTests: 1, testResults: [{ name: 'f', message: '', assertionResults: [failed] }] }),
  );

  expect(table([result])).toContain('| 2.275.0 | v20.20.2 | 3 | 1 failed |');
  expect(result.failures).toEqual(['prod/Platform is as reviewed\n    -   Runtime: a\n    +   Runtime: b']);
});

test('tells why a file could not run', () => {
  const file = { name: 'broken.test.ts', message: 'Cannot find module', assertionResults: [] };
  const { failures } = cellResult(CELL, report({ numRuntimeErrorTestSuites: 1, testResults: [file] }));

  expect(failures).toEqual(['broken.test.ts\n    Cannot find module']);
});
