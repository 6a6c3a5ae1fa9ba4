import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(__dirname, '..', '..', '..');
const MARK = 'REHEARSAL_TEST';

jest.setTimeout(120_000);

interface Played {
  readonly child: ChildProcess;
  readonly mark: string;
  readonly output: { text: string; errors: string };
  readonly code: Promise<number | null>;
}

/** Starts the command as a user does; whatever it starts carries its mark in the environment. */
function rehearse(...args: string[]): Played {
  const mark = randomUUID();
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'rehearsal', 'rehearse.ts'), ...args], {
    cwd: ROOT,
    env: { ...process.env, [MARK]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.errors += chunk.toString()));
  return { child, mark, output, code: new Promise(resolve => child.once('close', resolve)) };
}

function running(mark: string): string[] {
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${MARK}=${mark}`);
      } catch {
        return false;
      }
    });
}

async function until(holds: () => boolean, seconds: number): Promise<void> {
  for (let tries = 0; tries < seconds * 10 && !holds(); tries++) await sleep(100);
}

test('stops after the act that is named, prints the report alone, and leaves nothing running', async () => {
  // WHEN
  const { output, code, mark } = rehearse('--act', '1', '--json');

  // THEN
  expect(await code).toBe(0);
  expect(JSON.parse(output.text)).toMatchObject({
    ok: true,
    iamEnforced: true,
    acts: [{ id: 1, ok: true }],
    deploy: { stacks: 3 },
  });
  await until(() => running(mark).length === 0, 5);
  expect(running(mark)).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  '%s in the middle of a deploy leaves nothing running',
  async name => {
    // GIVEN
    const { child, output, code, mark } = rehearse();
    await until(() => output.text.includes('cdk bootstrap'), 60);
    // the cloud's two processes, the rehearsal, and at least one of the CLI's
    await until(() => running(mark).length > 3, 30);
    expect(running(mark).length).toBeGreaterThan(3);

    // WHEN
    child.kill(name);

    // THEN
    expect(await code).toBe(name === 'SIGKILL' ? null : 1);
    if (name !== 'SIGKILL') {
      expect(output.text).toContain(`stopped by ${name}`);
    }
    await until(() => running(mark).length === 0, 15);
    expect(running(mark)).toEqual([]);
  },
);

test('fails on an act that there is none of', async () => {
  const { output, code } = rehearse('--act', '12');

  expect(await code).toBe(2);
  expect(output.errors).toBe("'--act' must be a whole number from 1 to 11, got '12'\n");
});
