import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RoleCredentials } from '../aws/access';
import { unpackArchive } from '../aws/archive';
import { LogStream } from '../aws/log-stream';
import { downloadObject, parseS3Uri } from '../aws/s3-transfer';
import { containerEnvironment } from '../containers/container-environment';
import { messageOf } from '../errors';
import { instanceId, type RequestContext } from '../names';
import type { Platform } from '../platform';
import type { VariantConfig } from './endpoint-configs';
import { Fleet, type FleetVariant, removeFolder } from './fleet';
import type { FleetPlan, WantedVariant } from './fleet-plan';
import { ModelInstance } from './model-instance';
import { modelDataUri } from './models';

/** SageMaker gives a container four minutes when the variant does not say otherwise. */
const DEFAULT_HEALTH_CHECK_SECONDS = 240;
/** A model has a minute to answer. */
const INVOKE_TIMEOUT_MS = 60_000;

/** Downloads the models of a fleet and prepares its instances; nothing runs before `Fleet.start`. */
export async function buildFleet(platform: Platform, plan: FleetPlan): Promise<Fleet> {
  const { account, region } = plan.context;
  // one folder a fleet, not one an endpoint with one a fleet in it: nothing is left of a fleet that has ended
  const name = `${plan.endpointName}.${plan.deployment}`;
  const folder = join(platform.workFolder, 'endpoints', account, region, name);
  const building = plan.variants.map(variant => buildVariant(platform, plan, variant, folder));
  try {
    return new Fleet(plan, await Promise.all(building), folder);
  } catch (error) {
    // no fleet is there to remove what the other variants still download
    await Promise.allSettled(building);
    await removeFolder(folder);
    throw error;
  }
}

async function buildVariant(
  platform: Platform,
  plan: FleetPlan,
  { config, weight, instanceCount }: WantedVariant,
  folder: string,
): Promise<FleetVariant> {
  const instances = await buildInstances(platform, plan, config, folder, 1, instanceCount);
  return { config, weight, instances, desired: { weight, instanceCount }, built: instanceCount };
}

/** Prepares instances of a variant by their numbers, `first` to `last`; none of them runs yet. */
export async function buildInstances(
  platform: Platform,
  plan: FleetPlan,
  config: VariantConfig,
  folder: string,
  first: number,
  last: number,
): Promise<ModelInstance[]> {
  const credentials = await platform.aws.assumeRole(config.model.roleArn, plan.context);
  const instances: ModelInstance[] = [];
  for (let number = first; number <= last; number++) {
    const base = join(folder, config.name, String(number));
    await bringModel(platform, plan.context, credentials, config, base);
    instances.push(buildInstance(platform, plan, config, credentials, base, number));
  }
  return instances;
}

async function bringModel(
  platform: Platform,
  context: RequestContext,
  credentials: RoleCredentials,
  config: VariantConfig,
  base: string,
): Promise<void> {
  await mkdir(join(base, 'model'), { recursive: true });
  const uri = modelDataUri(config.model.container);
  if (uri === undefined) {
    return;
  }
  const s3 = platform.aws.s3(credentials, context.region);
  const archive = join(base, 'model.tar.gz');
  try {
    await downloadObject(s3, parseS3Uri(uri), archive);
    await unpackArchive(archive, join(base, 'model'));
  } catch (error) {
    throw new Error(
      `Failed to download model data for production variant ${config.name} from '${uri}' with role ` +
        `"${config.model.roleArn}": ${messageOf(error)}`,
      { cause: error },
    );
  } finally {
    s3.destroy();
  }
}

function buildInstance(
  platform: Platform,
  plan: FleetPlan,
  config: VariantConfig,
  credentials: RoleCredentials,
  base: string,
  number: number,
): ModelInstance {
  const { context, endpointName } = plan;
  const image = platform.images.find(config.model.container.Image ?? '');
  const id = instanceId(endpointName, String(plan.deployment), config.name, String(number));
  const logs = new LogStream(
    platform.aws.logs(credentials, context.region),
    `/aws/sagemaker/Endpoints/${endpointName}`,
    `${config.name}/${id}`,
    platform.clock,
    platform.reporter,
  );
  return new ModelInstance(
    {
      commandFor: port => ({
        program: image.program,
        args: [...image.args, 'serve'],
        environment: containerEnvironment(platform.container, image, context, credentials, base, {
          ...config.model.container.Environment,
          SAGEMAKER_BIND_TO_PORT: String(port),
          // a container has an address of its own; a process here must not be reachable from outside
          MODEL_SERVER_HOST: '127.0.0.1',
          SM_MODEL_DIR: join(base, 'model'),
        }),
        workingFolder: base,
        logFile: join(platform.logFolder, 'endpoints', endpointName, `${config.name}-${id}.log`),
      }),
      onLine: line => logs.write(line),
      onEnd: () => logs.close(),
      healthCheckMs: (config.healthCheckSeconds ?? DEFAULT_HEALTH_CHECK_SECONDS) * 1000,
      invokeTimeoutMs: INVOKE_TIMEOUT_MS,
    },
    platform.processes,
  );
}
