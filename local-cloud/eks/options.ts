import { join } from 'node:path';

/** How the local EKS runs. */
export interface EksOptions {
  /** Where the cloud's services answer. */
  readonly endpointUrl: string;
  readonly workFolder: string;
  readonly logFolder: string;
  readonly images: string;
  /** Python that runs Python images. */
  readonly python: string;
  readonly clockFile?: string;
}

const DEFAULT_IMAGES = join(__dirname, '..', 'images.json');

/** Reads the options from environment variables; fails by the name of each that is missing. */
export function readOptions(environment: NodeJS.ProcessEnv): EksOptions {
  const missing: string[] = [];
  const text = (name: string, fallback?: string): string => {
    const value = environment[name] ?? '';
    if (value !== '') return value;
    if (fallback === undefined) missing.push(name);
    return fallback ?? '';
  };
  const options = {
    endpointUrl: text('AWS_ENDPOINT_URL'),
    workFolder: text('MLOPS_LOCAL_WORK_DIR'),
    logFolder: text('MLOPS_LOCAL_LOG_DIR'),
    images: text('MLOPS_LOCAL_IMAGES', DEFAULT_IMAGES),
    python: text('MLOPS_LOCAL_PYTHON', 'python3'),
    clockFile: environment.MLOPS_LOCAL_CLOCK_FILE,
  };
  if (missing.length > 0) {
    throw new Error(`the local EKS cannot start: not set: ${missing.join(', ')}; local-cloud/start.ts sets them`);
  }
  return options;
}
