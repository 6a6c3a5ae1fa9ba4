import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expectThat } from './expectation';
import { MODEL } from './target';

/** Lengths that the environment's file gives for the monitoring of the model. */
export interface MonitoringFile {
  readonly periodMinutes: number;
  readonly graceMinutes: number;
}

/** What the environment's file says about the monitoring, for who needs it before anything is deployed. */
export function monitoringFile(repository: string, environment: string): MonitoringFile {
  const { file, models } = environmentFile(repository, environment);
  const { periodMinutes, graceMinutes } = models[MODEL]?.monitoring ?? {};
  expectThat(
    periodMinutes !== undefined && graceMinutes !== undefined,
    `'periodMinutes' and 'graceMinutes' of '${MODEL}' in ${file}`,
    models[MODEL]?.monitoring ?? {},
  );
  return { periodMinutes, graceMinutes };
}

/** The images that the environment's file names, each with its tag. */
export function imagesFile(repository: string, environment: string): string[] {
  const { file, images } = environmentFile(repository, environment);
  expectThat(images !== undefined, `'images' in ${file}`, images ?? 'none');
  return Object.values(images);
}

interface EnvironmentFile {
  readonly file: string;
  readonly models: Readonly<Record<string, { readonly monitoring?: Partial<MonitoringFile> } | undefined>>;
  readonly images?: Readonly<Record<string, string>>;
}

function environmentFile(repository: string, environment: string): EnvironmentFile {
  const file = join(repository, 'environments', `${environment}.yaml`);
  return { ...(parse(readFileSync(file, 'utf8')) as Omit<EnvironmentFile, 'file'>), file };
}
