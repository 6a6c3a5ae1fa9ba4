import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { type LocalSageMaker, startSageMaker } from '../../../local-cloud/sagemaker/local-sagemaker';
import type { SageMakerOptions } from '../../../local-cloud/sagemaker/options';
import { ServiceModel } from '../../../local-cloud/sagemaker/service-model/model';
import { packFolder } from '../../../local-cloud/sagemaker/aws/archive';
import { AwsStandIn } from './aws-stand-in';
import { checkEveryAnswer } from './service-model/checked-client';

export const ROLE = 'arn:aws:iam::000000000000:role/mlops/local/runner';
export const SERVICE_MODEL = join(__dirname, 'fixtures', 'service-model.json.gz');
export const RUNTIME_SERVICE_MODEL = join(__dirname, 'fixtures', 'runtime-service-model.json.gz');
export const IMAGES = join(__dirname, 'fixtures', 'images.json');
export const TRAINER = '000000000000.dkr.ecr.us-east-1.amazonaws.com/test/trainer:1';
export const SERVER = '000000000000.dkr.ecr.us-east-1.amazonaws.com/test/server:1';

const PATIENCE_MS = 15_000;

/** A local SageMaker in this process, with a stand-in for the services around it and both SDK clients. */
export class LocalTestCloud {
  public readonly aws = new AwsStandIn();
  public readonly folder = mkdtempSync(join(tmpdir(), 'sagemaker-test-'));
  public readonly clockFile = join(this.folder, 'clock');
  public client!: SageMakerClient;
  public runtime!: SageMakerRuntimeClient;
  public url = '';
  private sagemaker: LocalSageMaker | undefined;
  private offset = 0;

  public async start(changed: Partial<SageMakerOptions> = {}): Promise<void> {
    await this.aws.start();
    this.sagemaker = await startSageMaker({
      port: 0,
      endpointUrl: this.aws.url,
      serviceModel: SERVICE_MODEL,
      runtimeServiceModel: RUNTIME_SERVICE_MODEL,
      workFolder: join(this.folder, 'work'),
      images: IMAGES,
      python: 'python3',
      clockFile: this.clockFile,
      account: '000000000000',
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      stopGraceSeconds: 1,
      instanceQuota: 20,
      ...changed,
    });
    this.url = this.sagemaker.url;
    const config = {
      endpoint: this.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
    this.client = new SageMakerClient(config);
    checkEveryAnswer(this.client, ServiceModel.load(SERVICE_MODEL));
    this.runtime = new SageMakerRuntimeClient(config);
  }

  public async stop(): Promise<void> {
    this.client.destroy();
    this.runtime.destroy();
    await this.sagemaker?.close();
    await this.aws.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Moves the local cloud's clock on. */
  public advance(seconds: number): void {
    this.offset += seconds * 1000;
    writeFileSync(this.clockFile, String(this.offset));
  }

  /** Puts a `model.tar.gz` into the stand-in's S3. */
  public async putModel(key: string, content: string): Promise<void> {
    const folder = mkdtempSync(join(this.folder, 'model-'));
    writeFileSync(join(folder, 'model.txt'), content);
    const archive = join(this.folder, 'model.tar.gz');
    await packFolder(folder, archive);
    const { readFileSync } = await import('node:fs');
    this.aws.put(key, readFileSync(archive));
  }

  /** A model and an endpoint configuration of one variant `main`, both named by the version. */
  public async createConfig(version: string, instanceCount = 1): Promise<string> {
    const name = `rain-v${version}`;
    await this.putModel(`artifacts/${name}/model.tar.gz`, `model ${version}`);
    await this.client.send(
      new CreateModelCommand({
        ModelName: name,
        ExecutionRoleArn: ROLE,
        PrimaryContainer: {
          Image: SERVER,
          ModelDataUrl: `s3://artifacts/${name}/model.tar.gz`,
          Environment: { MODEL_VERSION: version },
        },
      }),
    );
    await this.client.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: name,
        ProductionVariants: [
          { VariantName: 'main', ModelName: name, InitialInstanceCount: instanceCount, InstanceType: 'ml.m5.large' },
        ],
      }),
    );
    return name;
  }

  /** Waits until an endpoint has left the states in which it changes. */
  public async settled(name: string): Promise<DescribeEndpointCommandOutput> {
    return this.until(
      () => this.client.send(new DescribeEndpointCommand({ EndpointName: name })),
      ({ EndpointStatus: status }) => status === 'InService' || status === 'Failed',
    );
  }

  /** Asks again until the answer fits. */
  public async until<T>(ask: () => Promise<T> | T, fits: (answer: T) => boolean): Promise<T> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await ask();
      if (fits(answer)) {
        return answer;
      }
      if (Date.now() > end) {
        throw new Error(`still ${JSON.stringify(answer)} after ${PATIENCE_MS} ms`);
      }
      await sleep(20);
    }
  }
}

/** Name and message of the error that a call ends with. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string; status?: number }> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, ...($metadata?.httpStatusCode !== undefined && { status: $metadata.httpStatusCode }) };
  }
  throw new Error('the call was not refused');
}
