import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { go } from '../../../local-cloud/kubernetes/go';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'go-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The program of a Go that says this on its way to this end. */
function goThatSays(complaint: string, exitCode: number): string {
  const program = join(folder, 'go');
  writeFileSync(program, `#!/bin/sh\necho "printed"\necho "${complaint}" >&2\nexit ${exitCode}\n`, {
    mode: 0o755,
  });
  return program;
}

test('returns what Go has printed, and not what it has told on the way', async () => {
  // GIVEN
  const program = goThatSays('go: downloading k8s.io/kubernetes', 0);

  // WHEN
  const printed = await go(['list'], { folder, program });

  // THEN
  expect(printed).toBe('printed\n');
});

test('fails with what Go complained of', async () => {
  // GIVEN
  const program = goThatSays('main.go:3: undefined: x', 1);

  // WHEN
  const ran = go(['build', '.'], { folder, program });

  // THEN
  await expect(ran).rejects.toThrow("'go build .' ended with exit code 1. Last lines:\n  main.go:3: undefined: x");
});
