/** What of jest's report is read. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files of which not one test could run. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** One CDK on one Node. */
export interface Cell {
  readonly cdk: string;
  readonly node: string;
}

/** How a cell's tests went. */
export interface CellResult extends Cell {
  readonly passed: number;
  readonly passes: boolean;
  /** Each failure, with the lines in which a snapshot differs. */
  readonly failures: readonly string[];
}

/** Lines of a failure that are shown: a template that is another altogether fills screens. */
const SHOWN_LINES = 40;
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The result of a cell by jest's report; a run without a test is no success. */
export function cellResult(cell: Cell, report: JestReport): CellResult {
  const failures = report.testResults.flatMap(file => {
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length > 0)
      return failed.map(test => `${test.fullName}\n${difference(test.failureMessages.join('\n'))}`);
    return file.assertionResults.length === 0 ? [`${file.name}\n${difference(file.message)}`] : [];
  });
  return {
    ...cell,
    passed: report.numPassedTests,
    passes: report.numPassedTests > 0 && report.numFailedTests + report.numRuntimeErrorTestSuites === 0,
    failures,
  };
}

/** The lines that differ, where a failure shows some; else its first ones. */
function difference(message: string): string {
  const lines = message.replace(COLOURS, '').split('\n');
  const changed = lines.filter(line => /^ *[-+] /.test(line) && !/^ *[-+] (Expected|Received) /.test(line));
  return (changed.length > 0 ? changed : lines)
    .slice(0, SHOWN_LINES)
    .map(line => `    ${line}`)
    .join('\n');
}

/** All cells, and under them what failed in each. */
export function table(results: readonly CellResult[]): string {
  const rows = results.map(({ cdk, node, passed, passes, failures }) =>
    [cdk, node, String(passed), passes ? 'passes' : `${failures.length} failed`].join(' | '),
  );
  const told = results.flatMap(({ cdk, node, failures }) =>
    failures.map(failure => `\nCDK ${cdk} on Node ${node}: ${failure}`),
  );
  return [
    '',
    '| CDK | Node | passed | result |',
    '| --- | --- | --- | --- |',
    ...rows.map(row => `| ${row} |`),
    ...told,
  ].join('\n');
}
