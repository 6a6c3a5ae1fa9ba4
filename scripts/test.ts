// `npm test`: everything that needs Node alone. The long ones first, two at a time: each keeps one processor busy. What stands
// behind `--` is for jest: `npm test -- -u`.
import { runChecks } from './run-checks';

async function main(): Promise<boolean> {
  const bundled = await runChecks([{ name: 'bundle', command: ['node', 'scripts/bundle-lambdas.mjs'] }], 1);
  return (
    bundled &&
    runChecks(
      [
        { name: 'lint', command: ['eslint', '--max-warnings', '0', '.'] },
        {
          name: 'unit tests',
          command: ['jest', '--selectProjects=unit', '--maxWorkers=2', ...process.argv.slice(2)],
          shown: /^(Tests|Test Suites|Snapshots):/,
        },
        { name: 'types', command: ['npm', 'run', '--silent', 'typecheck'] },
        { name: 'public API', command: ['npm', 'run', '--silent', 'api:check'] },
        { name: 'format', command: ['prettier', '--check', '.'] },
      ],
      2,
    )
  );
}

void main().then(ok => {
  process.exitCode = ok ? 0 : 1;
});
