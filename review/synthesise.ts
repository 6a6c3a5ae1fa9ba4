import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAssembly } from './assembly';
import type { Environments } from './compare';
import { runProgram } from './run-program';

interface CdkJson {
  readonly app: string;
  readonly build?: string;
  readonly context?: Record<string, unknown>;
}

/** Whether a checkout has an environment; one that is new or gone is on one side alone. */
export function hasEnvironment(folder: string, environmentName: string): boolean {
  return existsSync(join(folder, 'environments', `${environmentName}.yaml`));
}

/**
 * The templates of a checkout, made by its own app with its own packages. The app is run as the CDK CLI runs it, but without
 * the CLI, which would ask AWS for the account: a review needs no credentials.
 */
export async function synthesise(
  folder: string,
  outputFolder: string,
  environmentName: string | undefined,
): Promise<Environments> {
  const { app, build, context = {} } = readJson(join(folder, 'cdk.json')) as CdkJson;
  const looked = join(folder, 'cdk.context.json');
  if (build !== undefined) {
    await runProgram({ command: build, folder });
  }
  await runProgram({
    command: app,
    folder,
    environment: {
      CDK_OUTDIR: outputFolder,
      CDK_CONTEXT_JSON: JSON.stringify({
        ...context,
        ...(existsSync(looked) ? (readJson(looked) as object) : {}),
        ...(environmentName === undefined ? {} : { environment: environmentName }),
      }),
      // whether CloudFormation would take a template is asked by the tests; here it is only compared
      CDK_VALIDATION: 'false',
      // both sides are made for the same account, which a reviewer's shell may know
      CDK_DEFAULT_ACCOUNT: undefined,
      MLOPS_ENVIRONMENT: undefined,
    },
  });
  return readAssembly(outputFolder);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
