import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What one synth of an app took. */
export interface Usage {
  /** From start to end, whatever else the machine did. */
  readonly seconds: number;
  /** Of the processors, which a busy machine lengthens less. */
  readonly cpuSeconds: number;
  /** The most memory that was resident, in MB of 10^6 bytes. */
  readonly peakMb: number;
}

/** An app, and where and how it is run. */
export interface AppRun {
  readonly repository: string;
  /** Name of the app's file in the repository, without its end; it is run as `bundleApps` has made it. */
  readonly app: string;
  /** What follows it on the command line. @default - nothing */
  readonly args?: readonly string[];
  /** Folder of the assembly. */
  readonly out: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Environment variables besides those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Bundles apps, and what is loaded before them, as `cdk.json` has it of the platform. */
export async function bundleApps(repository: string, ...files: readonly string[]): Promise<void> {
  const script = join(repository, 'scripts', 'bundle-app.mjs');
  await run(process.execPath, [script, 'bench/report-usage.ts', ...files], { cwd: repository });
}

function bundled(repository: string, app: string): string {
  return join(repository, 'dist', 'app', `${app}.js`);
}

/** Runs an app as the CDK CLI would, without any validation, and tells what it used. */
export async function runApp({ repository, app, args = [], out, context, variables }: AppRun): Promise<Usage> {
  const usageFile = `${out}.usage.json`;
  const began = performance.now();
  await run(
    process.execPath,
    ['--enable-source-maps', '--require', bundled(repository, 'report-usage'), bundled(repository, app), ...args],
    {
      cwd: repository,
      env: {
        ...process.env,
        CDK_OUTDIR: out,
        CDK_VALIDATION: 'false',
        CDK_CONTEXT_JSON: JSON.stringify(context),
        BENCH_USAGE: usageFile,
        ...variables,
      },
    },
  );
  const seconds = (performance.now() - began) / 1000;
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as NodeJS.ResourceUsage;
  return {
    seconds,
    // microseconds and kilobytes
    cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakMb: (usage.maxRSS * 1024) / 1e6,
  };
}
