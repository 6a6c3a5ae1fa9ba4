import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './ports';
import { ServiceProcess } from './service-process';

const ROOT = join(__dirname, '..', '..');
const LOCAL_CLOUD = join(ROOT, 'local-cloud');
/** Far beyond the usual second or two; a machine busy with a build takes its time. */
const READY_TIMEOUT_MS = 60_000;
/** A port found free may be taken before it is used. */
const ATTEMPTS = 3;
/** Variables of this process that a program needs to run at all. AWS's are not among them: they name other clouds. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH', 'OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'];

/** What the services run with. */
export interface LocalServicesOptions {
  readonly python: string;
  readonly auth: boolean;
  readonly folders: { readonly logs: string; readonly files: string };
  /** What is removed when this process is killed and cannot do so itself. */
  readonly scratch: string;
}

/** The two processes of the local cloud: MiniStack with our module, and our SageMaker. */
export class LocalServices {
  /** Their log files. */
  public readonly logs: Readonly<Record<'ministack' | 'sagemaker' | 'eks', string>>;
  private processes: ServiceProcess[] = [];

  constructor(private readonly options: LocalServicesOptions) {
    this.logs = {
      ministack: join(options.folders.logs, 'ministack.log'),
      sagemaker: join(options.folders.logs, 'sagemaker.log'),
      // only where there is a cluster
      eks: join(options.folders.logs, 'eks.log'),
    };
  }

  /** Starts both and returns the endpoint once they answer; without a port, a free one is found. */
  public async start(port?: number): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(port ?? (await freePort()));
      } catch (error) {
        await this.stop();
        const taken = error instanceof Error && error.message.includes('address already in use');
        if (port !== undefined || !taken || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  /** Ends both, first the SageMaker, which has metrics and logs to deliver to the other. */
  public async stop(): Promise<void> {
    const ending = this.processes;
    this.processes = [];
    for (const process of ending) {
      await process.stop();
    }
  }

  /** Resolves once one of the two has ended, with how. */
  public async death(): Promise<Error> {
    return Promise.race(this.processes.map(process => process.death()));
  }

  /** Kills both at once. */
  public kill(): void {
    for (const process of this.processes) {
      process.kill();
    }
  }

  private async attempt(port: number): Promise<string> {
    const sagemakerPort = await freePort();
    const endpoint = `http://127.0.0.1:${String(port)}`;
    const { files } = this.options.folders;
    const clockFile = join(files, 'clock');
    writeFileSync(clockFile, '0');
    const shared = {
      ...inherited(),
      TMPDIR: files,
      MLOPS_LOCAL_CLOCK_FILE: clockFile,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const sagemaker = new ServiceProcess({
      name: 'the local SageMaker',
      program: process.execPath,
      args: typescript(join(LOCAL_CLOUD, 'sagemaker', 'server.ts')),
      cwd: ROOT,
      env: {
        ...shared,
        ...userImages(),
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: 'us-east-1',
        MLOPS_LOCAL_SAGEMAKER_PORT: String(sagemakerPort),
        MLOPS_LOCAL_SAGEMAKER_MODEL: serviceModel(this.options.python, join('sagemaker', '2017-07-24')),
        MLOPS_LOCAL_SAGEMAKER_RUNTIME_MODEL: serviceModel(this.options.python, join('sagemaker-runtime', '2017-05-13')),
        MLOPS_LOCAL_WORK_DIR: files,
        // containers' logs stay when the files go: a failed job is read about afterwards
        MLOPS_LOCAL_LOG_DIR: this.options.folders.logs,
        MLOPS_LOCAL_PYTHON: this.options.python,
      },
      logFile: this.logs.sagemaker,
    });
    this.processes.push(sagemaker);
    const ministack = new ServiceProcess({
      name: 'MiniStack',
      program: this.options.python,
      args: ['-m', 'mlops_local'],
      cwd: files,
      env: {
        ...shared,
        ...ministackSettings(port, this.options.auth),
        ...this.eksSettings(endpoint),
        MLOPS_LOCAL_SAGEMAKER_URL: `http://127.0.0.1:${String(sagemakerPort)}`,
        MLOPS_LOCAL_SCRATCH_DIR: this.options.scratch,
      },
      logFile: this.logs.ministack,
    });
    this.processes.push(ministack);
    await Promise.all([
      ministack.waitUntil(() => answers(`${endpoint}/_mlops/clock`), READY_TIMEOUT_MS),
      sagemaker.waitUntil(() => accepts(sagemakerPort), READY_TIMEOUT_MS),
    ]);
    return endpoint;
  }

  /** MiniStack starts the local EKS when the first cluster is made: most who start the cloud make none. */
  private eksSettings(endpoint: string): Record<string, string> {
    const { logs, files } = this.options.folders;
    const server = {
      command: [process.execPath, ...typescript(join(LOCAL_CLOUD, 'eks', 'server.ts'))],
      cwd: ROOT,
      log: this.logs.eks,
      environment: {
        ...userImages(),
        AWS_ENDPOINT_URL: endpoint,
        MLOPS_LOCAL_WORK_DIR: files,
        MLOPS_LOCAL_LOG_DIR: logs,
        MLOPS_LOCAL_PYTHON: this.options.python,
      },
    };
    return { MLOPS_LOCAL_EKS_SERVER: JSON.stringify(server) };
  }
}

function typescript(file: string): string[] {
  // an URL: the loader has to be found from any folder
  return ['--import', pathToFileURL(require.resolve('tsx')).href, file];
}

function ministackSettings(port: number, auth: boolean): Record<string, string> {
  return {
    PYTHONPATH: join(LOCAL_CLOUD, 'ministack'),
    // Lambda workers inherit this
    NODE_OPTIONS: [join('clock', 'shifted-date.cjs'), join('eks', 'pod-network.cjs')]
      .map(file => `--require ${JSON.stringify(join(LOCAL_CLOUD, file))}`)
      .join(' '),
    GATEWAY_PORT: String(port),
    MINISTACK_HOST: '127.0.0.1',
    AUTH: String(auth),
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    LOG_LEVEL: 'INFO',
  };
}

/** AWS's own description of a service, which botocore brings in a folder by its name and date. */
function serviceModel(python: string, service: string): string {
  const library = join(dirname(python), '..', 'lib');
  const candidates = readdirSync(library).flatMap(version =>
    ['service-2.json', 'service-2.json.gz'].map(file =>
      join(library, version, 'site-packages', 'botocore', 'data', service, file),
    ),
  );
  const found = candidates.find(candidate => existsSync(candidate));
  if (found === undefined) {
    throw new Error(
      `botocore's model '${service}' is not below ${library}; remove the environment to have it made anew`,
    );
  }
  return found;
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.map(name => [name, process.env[name]] as const).filter(
      (entry): entry is readonly [string, string] => entry[1] !== undefined,
    ),
  );
}

/** The user's own image map. The server runs in another folder, where a relative path would mean another file. */
function userImages(): Record<string, string> {
  const given = process.env.MLOPS_LOCAL_IMAGES;
  if (given === undefined || given === '') {
    return {};
  }
  const images = resolve(given);
  if (!existsSync(images)) {
    throw new Error(`'MLOPS_LOCAL_IMAGES' names '${images}', which is not there; name a JSON file, or leave it out`);
  }
  return { MLOPS_LOCAL_IMAGES: images };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(settled => {
    const socket = connect(port, '127.0.0.1');
    const settle = (accepted: boolean): void => {
      socket.destroy();
      settled(accepted);
    };
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
  });
}
