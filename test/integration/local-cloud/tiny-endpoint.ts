import { join } from 'node:path';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { startLocalCloud, type LocalCloud, type LocalCloudOptions } from '../../../local-cloud/start';
import { eventually } from './stack';

const IMAGES = join(__dirname, '..', '..', 'support', 'tiny-model', 'images.json');
const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/test/tiny:1';
/** Nobody has made it: without `auth` every role may be assumed. */
const ROLE = 'arn:aws:iam::000000000000:role/tiny';

/** A local cloud whose one image is the tiny model server. */
export async function startTinyCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const before = process.env.MLOPS_LOCAL_IMAGES;
  process.env.MLOPS_LOCAL_IMAGES = IMAGES;
  try {
    return await startLocalCloud(options);
  } finally {
    if (before === undefined) delete process.env.MLOPS_LOCAL_IMAGES;
    else process.env.MLOPS_LOCAL_IMAGES = before;
  }
}

/** What a configuration of tiny models is made of. */
export interface TinyConfig {
  /** Also the name of the model and of the configuration. */
  readonly version: string;
  /** Variants by name, with their weight. */
  readonly variants?: Readonly<Record<string, number>>;
  readonly instanceCount?: number;
  readonly secondsPerAnswer?: number;
  readonly roleArn?: string;
}

/** Makes a model, and a configuration of the same name. */
export async function createTinyConfig(client: SageMakerClient, config: TinyConfig): Promise<string> {
  const { version, variants = { main: 1 }, instanceCount = 1, secondsPerAnswer = 0, roleArn = ROLE } = config;
  await client.send(
    new CreateModelCommand({
      ModelName: version,
      ExecutionRoleArn: roleArn,
      PrimaryContainer: {
        Image: IMAGE,
        Environment: { MODEL_VERSION: version, SECONDS_PER_ANSWER: String(secondsPerAnswer) },
      },
    }),
  );
  await client.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: version,
      ProductionVariants: Object.entries(variants).map(([VariantName, InitialVariantWeight]) => ({
        VariantName,
        InitialVariantWeight,
        ModelName: version,
        InitialInstanceCount: instanceCount,
        InstanceType: 'ml.m5.large',
      })),
    }),
  );
  return version;
}

/** Makes an endpoint of tiny models and waits until it serves. */
export async function createTinyEndpoint(client: SageMakerClient, name: string, config: TinyConfig): Promise<void> {
  const EndpointConfigName = await createTinyConfig(client, config);
  await client.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName }));
  await settled(client, name);
}

/** Waits until an endpoint serves again, or for the first time. */
export async function settled(client: SageMakerClient, name: string): Promise<DescribeEndpointCommandOutput> {
  return eventually(async () => {
    const described = await client.send(new DescribeEndpointCommand({ EndpointName: name }));
    if (described.EndpointStatus === 'Failed') {
      throw new Error(`endpoint '${name}' failed: ${described.FailureReason ?? 'no reason'}`);
    }
    return described.EndpointStatus === 'InService' ? described : undefined;
  }, 60);
}

/** Deletes an endpoint and the configurations and models that it had; returns once it is gone. */
export async function deleteTinyEndpoint(client: SageMakerClient, name: string, versions: string[]): Promise<void> {
  await client.send(new DeleteEndpointCommand({ EndpointName: name }));
  await eventually(async () => {
    try {
      await client.send(new DescribeEndpointCommand({ EndpointName: name }));
      return undefined;
    } catch (error) {
      if ((error as Error).message.startsWith('Could not find endpoint')) return true;
      throw error;
    }
  });
  for (const version of versions) {
    await deleteTinyConfig(client, version);
  }
}

/** Deletes a configuration and its model. */
export async function deleteTinyConfig(client: SageMakerClient, version: string): Promise<void> {
  await client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: version }));
  await client.send(new DeleteModelCommand({ ModelName: version }));
}
