import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { go } from '../../../local-cloud/kubernetes/go';

const PATH = process.env.PATH;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'go-test-'));
  process.env.PATH = folder;
});

afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/** A `go` that says this on its way to this end. */
function goThatSays(complaint: string, exitCode: number): void {
  writeFileSync(join(folder, 'go'), `#!/bin/sh\necho "printed"\necho "${complaint}" >&2\nexit ${exitCode}\n`, {
    mode: 0o755,
  });
}

test('returns what Go has printed, and not what it has told on the way', async () => {
  // GIVEN
  goThatSays('go: downloading k8s.io/kubernetes', 0);

  // WHEN
  const printed = await go(['list'], { folder });

  // THEN
  expect(printed).toBe('printed\n');
});

test('fails with what Go complained of', async () => {
  // GIVEN
  goThatSays('main.go:3: undefined: x', 1);

  // WHEN
  const ran = go(['build', '.'], { folder });

  // THEN
  await expect(ran).rejects.toThrow("'go build .' ended with exit code 1. Last lines:\n  main.go:3: undefined: x");
});

test('fails with how to get Go, or do without, where there is none', async () => {
  // WHEN
  const ran = go(['version'], { folder });

  // THEN
  await expect(ran).rejects.toThrow(
    /^'go' is not on the PATH; .*; install Go 1\.21 or newer .*'KUBECONFIG'.*'KUBEBUILDER_ASSETS'$/,
  );
});

test('fails with how to get another Go where it is too old to get it itself', async () => {
  // GIVEN
  goThatSays("go.mod:3: invalid go version '1.26.0': must match format 1.23", 1);

  // WHEN
  const ran = go(['build', '.'], { folder });

  // THEN
  await expect(ran).rejects.toThrow(/^'go' is older than 1\.21 .*; install Go 1\.21 or newer/);
});
