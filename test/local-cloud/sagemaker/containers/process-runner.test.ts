import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContainerProcess, ProcessRunner } from '../../../../local-cloud/sagemaker/containers/process-runner';

// processes, which a busy machine starts slowly
jest.setTimeout(30_000);
const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
const runner = new ProcessRunner();

afterAll(async () => {
  await runner.close(1000);
  rmSync(folder, { recursive: true });
});

function run(script: string, onLine?: (line: string) => void): ContainerProcess {
  return runner.start(
    {
      program: process.execPath,
      args: ['-e', script],
      environment: { GREETING: 'hello' },
      workingFolder: folder,
      logFile: join(folder, 'logs', 'log'),
    },
    onLine,
  );
}

test('lines of both streams reach the log, the listener and the tail', async () => {
  const lines: string[] = [];
  const container = run('console.log(process.env.GREETING); console.error("bad"); process.exit(4)', line =>
    lines.push(line),
  );
  expect(await container.exited).toEqual({ code: 4, signal: null });
  expect([...lines].sort()).toEqual(['bad', 'hello']);
  expect(container.tail.split('\n').sort()).toEqual(['bad', 'hello']);
  expect(readFileSync(join(folder, 'logs', 'log'), 'utf8')).toContain('hello\n');
});

test('the environment is the one that is given and nothing else', async () => {
  const lines: string[] = [];
  const container = run('console.log(Object.keys(process.env).join())', line => lines.push(line));
  await container.exited;
  expect(lines).toEqual(['GREETING']);
});

test('a program that does not exist ends with the reason', async () => {
  const container = runner.start({
    program: 'no-such-program',
    args: [],
    environment: {},
    workingFolder: folder,
    logFile: join(folder, 'none'),
  });
  expect(await container.exited).toEqual({ code: 127, signal: null });
  expect(container.tail).toContain('no-such-program');
});

test('what a process has started ends with it', async () => {
  // GIVEN
  let child = 0;
  const container = run(
    `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
     console.log(c.pid); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)`,
    line => (child = Number(line)),
  );
  while (child === 0) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }

  // WHEN
  await container.stop(5000);

  // THEN: killed, and gone as soon as its new parent has looked
  for (let running = true; running;) {
    await new Promise(resolve => setTimeout(resolve, 10));
    running = isRunning(child);
  }
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
