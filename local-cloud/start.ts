import { rmSync } from 'node:fs';
import { LocalClock } from './local-clock';
import { LocalFaults, type LocalFault } from './local-faults';
import { ensurePythonEnvironment } from './python/environment';
import { assertPortIsFree } from './process/ports';
import { LocalServices } from './process/local-services';
import { makeWorkFolder } from './process/work-folder';

export { ensurePythonEnvironment } from './python/environment';
export { watchParent } from './process/orphan-watch';
export { endWith } from './process/end-with';
export type { PythonEnvironment, PythonEnvironmentOptions } from './python/environment';
export type { ClockState, LocalClock } from './local-clock';
export type { LocalFault, LocalFaults, LocalFaultState } from './local-faults';

/** The account in which everything of the local cloud is. */
export const ACCOUNT_ID = '000000000000';
/** Its region. */
export const REGION = 'us-east-1';

/** How to start the local cloud. */
export interface LocalCloudOptions {
  /**
   * Port of its one endpoint.
   *
   * @default - a free one
   */
  readonly port?: number;
  /**
   * Whether IAM policies are enforced.
   *
   * @default true
   */
  readonly auth?: boolean;
  /**
   * Folder for its logs, which stay, and its files, which go when it stops.
   *
   * @default - a temporary folder that goes as a whole
   */
  readonly workDir?: string;
  /**
   * Told about each step that takes long.
   *
   * @default - nothing is told
   */
  readonly log?: (message: string) => void;
  /**
   * Faults that are in force from the start.
   *
   * @default - none
   */
  readonly faults?: readonly LocalFault[];
}

/** A running local cloud. */
export interface LocalCloud {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  readonly workDir: string;
  /** Folder for files that go when it stops, however it stops. */
  readonly scratchDir: string;
  /** What points an SDK, the AWS CLI and the CDK CLI at it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: LocalClock;
  readonly faults: LocalFaults;
  /** Log files by process. */
  readonly logs: Readonly<Record<'ministack' | 'sagemaker' | 'eks', string>>;
  /** Resolves once one of its processes has ended, with how: without `stop`, it has failed. */
  death(): Promise<Error>;
  /** Ends it with everything that it started; calling it again does nothing more. */
  stop(): Promise<void>;
}

/** Starts the local cloud; it ends with this process, however that ends. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  if (options.port !== undefined) {
    await assertPortIsFree(options.port);
  }
  const { python } = await ensurePythonEnvironment({ onProgress: options.log });
  const folders = makeWorkFolder(options.workDir);
  const { path: workDir, files: scratchDir, scratch } = folders;
  const services = new LocalServices({ python, auth: options.auth ?? true, folders, scratch });
  const clean = (): void => {
    rmSync(scratch, { recursive: true, force: true });
  };
  // an exit that nobody waits for still ends the groups; a killed process leaves that to the pipes
  const killNow = (): void => {
    services.kill();
    clean();
  };
  process.once('exit', killNow);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= services.stop().finally(() => {
      process.off('exit', killNow);
      clean();
    });
    return stopping;
  };
  try {
    const endpoint = await services.start(options.port);
    const faults = new LocalFaults(endpoint);
    if (options.faults !== undefined && options.faults.length > 0) {
      await faults.add(...options.faults);
    }
    return {
      endpoint,
      region: REGION,
      accountId: ACCOUNT_ID,
      workDir,
      scratchDir,
      environment: clientEnvironment(endpoint),
      clock: new LocalClock(endpoint),
      faults,
      logs: services.logs,
      death: () => services.death(),
      stop,
    };
  } catch (error) {
    // the message holds the log's last lines, since the log may go with the folder
    await stop();
    throw error;
  }
}

function clientEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    // no metadata service answers here, and asking for it takes seconds
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: ACCOUNT_ID,
    CDK_DEFAULT_REGION: REGION,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}
