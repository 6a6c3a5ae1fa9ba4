import { join } from 'node:path';
import { messageOf } from './errors';

/** How the server runs. */
export interface SageMakerOptions {
  /** Port on the loopback interface; 0 takes a free one. */
  readonly port: number;
  /** Where the other services answer. */
  readonly endpointUrl: string;
  /** AWS's service model: `service-2.json`, or the same with `.gz`. */
  readonly serviceModel: string;
  /** The same of sagemaker-runtime. */
  readonly runtimeServiceModel: string;
  /** Folder for the files of jobs and endpoints. */
  readonly workFolder: string;
  /** Folder for the lines that containers write; in the work folder when not given. */
  readonly logFolder?: string;
  /** The image map. */
  readonly images: string;
  /** Python that runs Python images. */
  readonly python: string;
  readonly clockFile?: string;
  readonly account: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Seconds that a job has to end after SIGTERM. */
  readonly stopGraceSeconds: number;
  readonly instanceQuota: number;
}

/** As AWS: two minutes, then SIGKILL. */
const DEFAULT_STOP_GRACE_SECONDS = 120;
const DEFAULT_INSTANCE_QUOTA = 20;
const DEFAULT_IMAGES = join(__dirname, '..', 'images.json');

/** Reads the options from environment variables and `--port`; fails by the name of each that is missing or wrong. */
export function readOptions(environment: NodeJS.ProcessEnv, args: readonly string[]): SageMakerOptions {
  const wrong: string[] = [];
  const text = (name: string, fallback?: string): string => {
    const value = environment[name] ?? fallback;
    if (value === undefined || value === '') {
      wrong.push(`environment variable '${name}' is missing`);
      return '';
    }
    return value;
  };
  const number = (name: string, given: string | undefined, fallback: number): number => {
    const value = Number(given ?? fallback);
    if (!Number.isInteger(value) || value < 0) {
      wrong.push(`'${name}' must be a whole number of at least 0, got '${String(given)}'`);
    }
    return value;
  };
  let portArgument: string | undefined;
  try {
    portArgument = readPortArgument(args);
  } catch (error) {
    wrong.push(messageOf(error));
  }
  const clockFile = environment.MLOPS_LOCAL_CLOCK_FILE;
  const logFolder = environment.MLOPS_LOCAL_LOG_DIR;
  const options: SageMakerOptions = {
    port: number('--port', portArgument ?? environment.MLOPS_LOCAL_SAGEMAKER_PORT, 0),
    endpointUrl: text('AWS_ENDPOINT_URL'),
    serviceModel: text('MLOPS_LOCAL_SAGEMAKER_MODEL'),
    runtimeServiceModel: text('MLOPS_LOCAL_SAGEMAKER_RUNTIME_MODEL'),
    workFolder: text('MLOPS_LOCAL_WORK_DIR'),
    ...(logFolder !== undefined && logFolder !== '' && { logFolder }),
    images: text('MLOPS_LOCAL_IMAGES', DEFAULT_IMAGES),
    python: text('MLOPS_LOCAL_PYTHON', 'python3'),
    ...(clockFile !== undefined && clockFile !== '' && { clockFile }),
    account: text('MLOPS_LOCAL_ACCOUNT', '000000000000'),
    region: text('AWS_REGION', 'us-east-1'),
    credentials: {
      accessKeyId: text('AWS_ACCESS_KEY_ID', 'test'),
      secretAccessKey: text('AWS_SECRET_ACCESS_KEY', 'test'),
    },
    stopGraceSeconds: number(
      'MLOPS_LOCAL_STOP_GRACE_SECONDS',
      environment.MLOPS_LOCAL_STOP_GRACE_SECONDS,
      DEFAULT_STOP_GRACE_SECONDS,
    ),
    instanceQuota: number('MLOPS_LOCAL_INSTANCE_QUOTA', environment.MLOPS_LOCAL_INSTANCE_QUOTA, DEFAULT_INSTANCE_QUOTA),
  };
  if (wrong.length > 0) {
    throw new Error(`the local SageMaker cannot start: ${wrong.join('; ')}`);
  }
  return options;
}

function readPortArgument(args: readonly string[]): string | undefined {
  if (args.length === 0) {
    return undefined;
  }
  const [flag, value, ...rest] = args.flatMap((arg): (string | undefined)[] => arg.split('=', 2));
  if (flag !== '--port' || value === undefined || rest.length > 0) {
    throw new Error(`arguments '${args.join(' ')}' are not known, allowed: '--port NUMBER'`);
  }
  return value;
}
