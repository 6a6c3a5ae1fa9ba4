import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateModelPackageCommand,
  DescribeEndpointCommand,
  DescribeModelCommand,
  ListModelsCommand,
  SageMakerClient,
  type DescribeEndpointCommandOutput,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { create } from 'tar';
import type { Baseline } from '../../../lambda/shared/contracts';
import { Ledger } from '../../../lambda/shared/ledger';
import { startLocalCloud, type LocalCloud, type LocalFault } from '../../../local-cloud/start';
import { clientOf, eventually } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');
const BUCKET = 'release-test-artifacts';

/** Name of a model's package group and endpoint. */
export function nameOf(model: string): string {
  return `mlops-local-${model}`;
}

/** Model package group and endpoint of the model that every app has. */
export const RAIN = nameOf('rain');

const BASELINE: Baseline = {
  edgesId: 'e',
  rows: 3,
  features: { temp: { edges: [1, 2, 3], counts: [1, 1, 1, 0, 0] } },
  prediction: { edges: [0.5], counts: [1, 2, 0] },
  quality: { auc: 0.8, rows: 3 },
  schema: { features: [{ name: 'temp', type: 'double', nullable: false }], label: 'rain' },
};

const IMAGE = 'stub:1';

/** Where the monitor may read it. */
const BASELINE_KEY = 'evaluation/1/baseline.json';
const BASELINE_TEXT = JSON.stringify(BASELINE);
const BASELINE_DIGEST = `sha256:${createHash('sha256').update(BASELINE_TEXT).digest('hex')}`;

/** An execution of the release machine that has ended. */
export interface Ended {
  readonly name: string;
  readonly status: string;
  readonly outcome: string;
  readonly detail: string;
  /** What came of it, where it did not fail. */
  readonly action?: string;
  readonly version?: string;
}

/** The release app in a local cloud, a person who approves, and the inbox of whoever is told. */
export class ReleaseCloud {
  public readonly sagemaker: SageMakerClient;

  private readonly stepFunctions: SFNClient;
  private readonly seen = new Set<string>();
  /** Models whose files are there. */
  private readonly filled = new Set<string>();
  private queueUrl = '';
  private outputs: Record<string, string> = {};

  private constructor(
    public readonly cloud: LocalCloud,
    private readonly folder: string,
    private readonly app: string,
  ) {
    this.sagemaker = new SageMakerClient(clientOf(cloud));
    this.stepFunctions = new SFNClient(clientOf(cloud));
  }

  /** Deploys an app, by default the one of this folder. */
  public static async start(app = join(__dirname, 'app.ts')): Promise<ReleaseCloud> {
    const folder = mkdtempSync(join(tmpdir(), 'mlops-release-cloud-'));
    const images = join(folder, 'images.json');
    writeFileSync(images, JSON.stringify({ stub: { python: join(__dirname, 'stub'), module: 'stub_server' } }));
    process.env.MLOPS_LOCAL_IMAGES = images;
    const cloud = await startLocalCloud();
    delete process.env.MLOPS_LOCAL_IMAGES;
    const releases = new ReleaseCloud(cloud, folder, app);
    await releases.cdk(app, 'bootstrap', 'aws://000000000000/us-east-1');
    await releases.deploy();
    await releases.prepare();
    return releases;
  }

  public async stop(): Promise<void> {
    await this.cloud.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Deploys again: the same app, or another, with its arguments; all of it, or one stack. */
  public deploy(app = this.app, stack = '--all'): Promise<void> {
    return this.cdk(app, 'deploy', stack, '--require-approval', 'never');
  }

  /** Takes a stack down. */
  public destroy(stack: string, app = join(__dirname, 'app.ts')): Promise<void> {
    return this.cdk(app, 'destroy', '-f', stack);
  }

  /** What a stack says of itself. */
  public output(key: string): string {
    const value = this.outputs[key];
    if (value === undefined) throw new Error(`no output '${key}', there are ${Object.keys(this.outputs).join(', ')}`);
    return value;
  }

  /** Of the versions' artifacts: an app that has another than the one of this folder says so. */
  private get bucket(): string {
    return this.outputs['ArtifactBucketName'] ?? BUCKET;
  }

  public get ledger(): Ledger {
    return new Ledger(DynamoDBDocumentClient.from(new DynamoDBClient(clientOf(this.cloud))), this.output('LedgerName'));
  }

  /** Pushes another image under the tag of the versions' image, and returns its digest. */
  public async pushImage(revision: string): Promise<string> {
    const ecr = new ECRClient(clientOf(this.cloud));
    const [repositoryName, imageTag] = IMAGE.split(':');
    const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({}));
    if (!repositories.some(known => known.repositoryName === repositoryName))
      await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    const imageManifest = JSON.stringify({ schemaVersion: 2, annotations: { revision } });
    const { image } = await ecr.send(new PutImageCommand({ repositoryName, imageTag, imageManifest }));
    return image?.imageId?.imageDigest ?? '';
  }

  /** Deletes an image by its digest. */
  public async deleteImage(imageDigest: string): Promise<void> {
    const [repositoryName] = IMAGE.split(':');
    await new ECRClient(clientOf(this.cloud)).send(
      new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageDigest }] }),
    );
  }

  /** Image of the model that was made last. */
  public async servingImage(): Promise<string> {
    const { Models = [] } = await this.sagemaker.send(
      new ListModelsCommand({ SortBy: 'CreationTime', SortOrder: 'Descending' }),
    );
    const { PrimaryContainer } = await this.sagemaker.send(
      new DescribeModelCommand({ ModelName: Models[0]?.ModelName }),
    );
    return PrimaryContainer?.Image ?? '';
  }

  /** Registers a version, pending, and returns its ARN. */
  public async register(
    environment: Record<string, string> = {},
    model = 'rain',
    imageDigest?: string,
  ): Promise<string> {
    await this.putFiles(model);
    const folder = `s3://${this.bucket}/${model}`;
    const { ModelPackageArn: arn } = await this.sagemaker.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: nameOf(model),
        ModelApprovalStatus: 'PendingManualApproval',
        InferenceSpecification: {
          Containers: [
            {
              Image: `000000000000.dkr.ecr.us-east-1.amazonaws.com/${IMAGE}`,
              ImageDigest: imageDigest,
              ModelDataUrl: `${folder}/model.tar.gz`,
              Environment: environment,
            },
          ],
          SupportedContentTypes: ['application/json'],
          SupportedResponseMIMETypes: ['application/json'],
        },
        DriftCheckBaselines: {
          ModelDataQuality: {
            Statistics: {
              ContentType: 'application/json',
              S3Uri: `${folder}/${BASELINE_KEY}`,
              ContentDigest: BASELINE_DIGEST,
            },
          },
        },
      }),
    );
    return arn ?? '';
  }

  /** Approves a version as a person would. */
  public async setApproved(arn: string): Promise<void> {
    await this.sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ModelApprovalStatus: 'Approved' }));
  }

  /** Approves a version, and waits for the end of the release that follows. */
  public async approve(arn: string): Promise<Ended> {
    await this.setApproved(arn);
    return this.nextEnd();
  }

  /** Asks the release machine for something, and returns the execution's ARN. */
  public async begin(input: object, name?: string): Promise<string> {
    const { executionArn = '' } = await this.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: this.output('MachineArn'),
        name,
        input: JSON.stringify({ action: 'release', model: 'rain', requestedBy: 'ann', reason: 'because', ...input }),
      }),
    );
    return executionArn;
  }

  /** Asks the release machine for something, and waits for its end. */
  public async ask(input: object): Promise<Ended> {
    await this.begin(input);
    return this.nextEnd();
  }

  /** Puts faults in force for one life, and takes them away after it; each must have struck. */
  public async under(faults: readonly LocalFault[], live: () => Promise<Ended>): Promise<Ended> {
    await this.letters();
    await this.cloud.faults.add(...faults);
    const ended = await live();
    const idle = (await this.cloud.faults.list()).filter(({ struck }) => struck === 0);
    await this.cloud.faults.clear();
    if (idle.length > 0) throw new Error(`these faults did not strike: ${JSON.stringify(idle)}`);
    return ended;
  }

  /** Ends an execution from outside, in whatever it does; nobody waits for its end any more. */
  public async kill(executionArn: string): Promise<void> {
    this.seen.add(executionArn);
    await this.stepFunctions.send(new StopExecutionCommand({ executionArn }));
  }

  /** The end of the next execution that nobody has asked for here before; in a hurry, its waits pass at once. */
  public async nextEnd({ hurry } = { hurry: true }): Promise<Ended> {
    for (let tries = 0; tries < 600; tries++) {
      const { executions } = await this.stepFunctions.send(
        new ListExecutionsCommand({ stateMachineArn: this.output('MachineArn') }),
      );
      const fresh = executions?.find(({ executionArn }) => !this.seen.has(executionArn ?? ''));
      if (fresh !== undefined && fresh.status !== 'RUNNING') {
        this.seen.add(fresh.executionArn ?? '');
        return ended(await this.stepFunctions.send(new DescribeExecutionCommand({ executionArn: fresh.executionArn })));
      }
      await pause(50);
      // a retry waits for seconds, a canary for a minute
      if (hurry && fresh !== undefined) await this.cloud.clock.advance(5);
    }
    throw new Error('no execution ended');
  }

  /** Waits for the end of whatever runs; nobody asks for these ends any more. */
  public async allEnd(): Promise<void> {
    const stateMachineArn = this.output('MachineArn');
    await eventually(async () => {
      const { executions = [] } = await this.stepFunctions.send(new ListExecutionsCommand({ stateMachineArn }));
      for (const { executionArn = '' } of executions) this.seen.add(executionArn);
      return executions.every(({ status }) => status !== 'RUNNING') ? true : undefined;
    });
  }

  /** Names of all executions that were ever started. */
  public async executions(): Promise<string[]> {
    const { executions = [] } = await this.stepFunctions.send(
      new ListExecutionsCommand({ stateMachineArn: this.output('MachineArn') }),
    );
    return executions.map(({ name }) => name ?? '');
  }

  public endpoint(model = 'rain'): Promise<DescribeEndpointCommandOutput> {
    return this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: nameOf(model) }));
  }

  /** Status and version of an endpoint. */
  public async serving(model = 'rain'): Promise<string> {
    const endpoint = await this.endpoint(model);
    const version = /-v(\d+)-[0-9a-f]{8}$/.exec(endpoint.EndpointConfigName ?? '')?.[1];
    return `${endpoint.EndpointStatus ?? ''} ${version ?? 'unknown'}`;
  }

  /** Takes the letters that came since the last look. */
  public async letters(): Promise<{ subject: string; text: string }[]> {
    const sqs = new SQSClient(clientOf(this.cloud));
    const letters: { subject: string; text: string }[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return letters;
      for (const { Body, ReceiptHandle } of Messages) {
        const letter = JSON.parse(Body ?? '{}') as { Subject?: string; Message?: string };
        letters.push({ subject: letter.Subject ?? '', text: letter.Message ?? '' });
        await sqs.send(new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle }));
      }
    }
  }

  private async prepare(): Promise<void> {
    const client = clientOf(this.cloud);
    const { Stacks } = await new CloudFormationClient(client).send(new DescribeStacksCommand({}));
    this.outputs = Object.fromEntries(
      (Stacks ?? []).flatMap(({ Outputs = [] }) =>
        Outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
      ),
    );
    await this.subscribe(this.output('TopicArn'));
  }

  /** Artifact and baseline, the same for all versions of a model, where its role may read them. */
  private async putFiles(model: string): Promise<void> {
    if (this.filled.has(model)) return;
    const s3 = new S3Client({ ...clientOf(this.cloud), forcePathStyle: true });
    const put = async (file: string, Body: Buffer | string): Promise<void> => {
      await s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: `${model}/${file}`, Body }));
    };
    await put('model.tar.gz', await this.archive());
    await put(BASELINE_KEY, BASELINE_TEXT);
    this.filled.add(model);
  }

  private async subscribe(topicArn: string): Promise<void> {
    const sqs = new SQSClient(clientOf(this.cloud));
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: Attributes?.QueueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    };
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) },
      }),
    );
    await new SNSClient(clientOf(this.cloud)).send(
      new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }),
    );
    this.queueUrl = QueueUrl;
  }

  private async cdk(app: string, ...args: string[]): Promise<void> {
    const { PATH, HOME } = process.env;
    await promisify(execFile)(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
        ...args,
        '--app',
        `node --import tsx ${app}`,
        '--output',
        join(this.folder, 'cdk.out'),
        '--no-notices',
      ],
      { cwd: ROOT, env: { PATH, HOME, CDK_VALIDATION: 'false', ...this.cloud.environment } },
    );
  }

  /** A model whose content does not matter to the stub. */
  private async archive(): Promise<Buffer> {
    writeFileSync(join(this.folder, 'model.joblib'), 'a model');
    const file = join(this.folder, 'model.tar.gz');
    await create({ gzip: true, file, cwd: this.folder }, ['model.joblib']);
    return readFileSync(file);
  }
}

function ended({ name, status, output, error, cause }: DescribeExecutionCommandOutput): Ended {
  const { outcome, detail, action, version } = JSON.parse(output ?? '{}') as Partial<Ended>;
  return {
    name: name ?? '',
    status: status ?? '',
    outcome: outcome ?? error ?? '',
    detail: detail ?? cause ?? '',
    action,
    version,
  };
}
