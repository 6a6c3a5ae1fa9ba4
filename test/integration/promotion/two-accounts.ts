import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
  type DescribeModelPackageCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import { canonicalJson, digestOf, sha256 } from '../../../lambda/shared/canonical-json';
import type { Baseline, Run } from '../../../lambda/shared/contracts';
import { Ledger } from '../../../lambda/shared/ledger';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientIn, clientOf } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');
export const GIVER = '000000000000';
export const TAKER = '111111111111';

const BASELINE: Baseline = {
  edgesId: 'e',
  rows: 3,
  features: { temp: { edges: [1, 2, 3], counts: [1, 1, 1, 0, 0] } },
  prediction: { edges: [0.5], counts: [1, 2, 0] },
  quality: { auc: 0.8, rows: 3 },
  schema: { features: [{ name: 'temp', type: 'double', nullable: false }], label: 'rain' },
};

/** The giving and the receiving environment in one local cloud, whoever approves in each, and the inbox of the second. */
export class TwoAccounts {
  private outputs: Record<string, string> = {};
  private readonly folder = mkdtempSync(join(tmpdir(), 'mlops-two-accounts-'));
  private constructor(public readonly cloud: LocalCloud) {}

  public static async start(): Promise<TwoAccounts> {
    const folder = mkdtempSync(join(tmpdir(), 'mlops-two-accounts-images-'));
    const images = join(folder, 'images.json');
    const stub = { python: join(__dirname, '..', 'release', 'stub'), module: 'stub_server' };
    writeFileSync(images, JSON.stringify({ '*-images': stub }));
    process.env.MLOPS_LOCAL_IMAGES = images;
    const cloud = await startLocalCloud();
    delete process.env.MLOPS_LOCAL_IMAGES;
    const accounts = new TwoAccounts(cloud);
    await accounts.deploy();
    return accounts;
  }

  public async stop(): Promise<void> {
    await this.cloud.stop();
    rmSync(this.folder, { recursive: true });
  }

  public get ledger(): Ledger {
    const client = new DynamoDBClient(clientIn(this.cloud, TAKER));
    return new Ledger(DynamoDBDocumentClient.from(client), this.output('LedgerName'));
  }

  public output(key: string): string {
    return this.outputs[key] ?? '';
  }

  public sagemaker(account: string): SageMakerClient {
    return new SageMakerClient(clientIn(this.cloud, account));
  }

  /** Trains and registers a version in the giving account: what its pipeline leaves, and a model of these words. */
  public async register(words: string): Promise<string> {
    const inputs: Run['inputs'] = {
      model: 'rain',
      codeDigest: sha256(words),
      snapshotDigest: 's',
      image: 'trainer',
      hyperparameters: {},
      seed: 1,
      instanceType: 'ml.m5.large',
      instanceCount: 1,
    };
    const runId = digestOf(inputs);
    const folder = `rain/runs/${runId}`;
    const recorded = { codeUri: 'c', snapshotUri: 's', execution: 'e', trigger: 'manual', startedAt: 't' };
    const evaluation = JSON.stringify({ words });
    const baseline = JSON.stringify(BASELINE);
    const model = await this.archive(words);
    const put = (file: string, body: string | Buffer) => this.put(`${folder}/${file}`, body);
    await put('run.json', canonicalJson({ runId, inputs, recorded } satisfies Run));
    await put('training/job/output/model.tar.gz', model);
    await put('evaluation/job/evaluation.json', evaluation);
    await put('evaluation/job/baseline.json', baseline);
    const document = (file: string, text: string) => ({
      ContentType: 'application/json',
      S3Uri: `s3://giver-artifacts/${folder}/evaluation/job/${file}`,
      ContentDigest: `sha256:${sha256(text)}`,
    });
    const Statistics = document('evaluation.json', evaluation);
    const { ModelPackageArn: arn = '' } = await this.sagemaker(GIVER).send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: 'mlops-giver-rain',
        ModelApprovalStatus: 'PendingManualApproval',
        InferenceSpecification: {
          Containers: [
            {
              Image: `${GIVER}.dkr.ecr.us-east-1.amazonaws.com/giver-images:1`,
              ImageDigest: await this.pushImage(words),
              ModelDataUrl: `s3://giver-artifacts/${folder}/training/job/output/model.tar.gz`,
            },
          ],
          SupportedContentTypes: ['application/json'],
          SupportedResponseMIMETypes: ['application/json'],
        },
        ModelMetrics: { ModelQuality: { Statistics } },
        DriftCheckBaselines: {
          ModelQuality: { Statistics },
          ModelDataQuality: { Statistics: document('baseline.json', baseline) },
        },
        CustomerMetadataProperties: { runId, modelDataSha256: sha256(model), auc: '0.8', champion: '7' },
      }),
    );
    return arn;
  }

  /** A person's word on a version, in whichever account it is. */
  public async say(status: 'Approved' | 'Rejected', arn: string, ApprovalDescription: string): Promise<void> {
    await this.sagemaker(arn.split(':')[4] ?? '').send(
      new UpdateModelPackageCommand({ ModelPackageArn: arn, ModelApprovalStatus: status, ApprovalDescription }),
    );
  }

  public describe(arn: string): Promise<DescribeModelPackageCommandOutput> {
    return this.sagemaker(arn.split(':')[4] ?? '').send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  }

  /** Versions of the receiving account. */
  public async arrived(): Promise<string[]> {
    const { ModelPackageSummaryList = [] } = await this.sagemaker(TAKER).send(
      new ListModelPackagesCommand({ ModelPackageGroupName: 'mlops-taker-rain' }),
    );
    return ModelPackageSummaryList.map(({ ModelPackageArn }) => ModelPackageArn ?? '');
  }

  /** An object's bytes, as its own account reads them. */
  public async bytes(account: string, uri: string): Promise<Buffer> {
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    const { Body } = await this.s3(account).send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Writes into the giving account's bucket. */
  public async put(Key: string, Body: string | Buffer): Promise<void> {
    await this.s3(GIVER).send(new PutObjectCommand({ Bucket: 'giver-artifacts', Key, Body }));
  }

  /** Letters of the receiving account, the oldest first. */
  public async letters(): Promise<{ subject: string; text: string }[]> {
    const sqs = new SQSClient(clientIn(this.cloud, TAKER));
    const QueueUrl = `${this.cloud.endpoint}/${TAKER}/inbox`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return Messages.map(({ Body }) => JSON.parse(Body ?? '{}') as { Subject: string; Message: string }).map(
      ({ Subject, Message }) => ({ subject: Subject, text: Message }),
    );
  }

  private s3(account: string): S3Client {
    return new S3Client({ ...clientIn(this.cloud, account), forcePathStyle: true });
  }

  private async pushImage(words: string): Promise<string> {
    const { image } = await new ECRClient(clientOf(this.cloud)).send(
      new PutImageCommand({
        repositoryName: 'giver-images',
        imageTag: words.replace(/ /g, '-'),
        imageManifest: JSON.stringify({ schemaVersion: 2, annotations: { words } }),
      }),
    );
    return image?.imageId?.imageDigest ?? '';
  }

  private async archive(words: string): Promise<Buffer> {
    writeFileSync(join(this.folder, 'model.joblib'), words);
    const file = join(this.folder, 'model.tar.gz');
    await create({ gzip: true, file, cwd: this.folder }, ['model.joblib']);
    return readFileSync(file);
  }

  private async deploy(): Promise<void> {
    // the giver first: its policies name a role that is not there yet
    for (const [account, stack] of [
      [GIVER, 'Giver'],
      [TAKER, 'Taker'],
    ] as const) {
      await this.cdk(account, 'bootstrap', `aws://${account}/us-east-1`);
      await this.cdk(account, 'deploy', stack, '--require-approval', 'never');
    }
    const { Stacks } = await new CloudFormationClient(clientIn(this.cloud, TAKER)).send(
      new DescribeStacksCommand({ StackName: 'Taker' }),
    );
    this.outputs = Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    const settings = clientIn(this.cloud, TAKER);
    const sqs = new SQSClient(settings);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
    const queueArn = `arn:aws:sqs:us-east-1:${TAKER}:inbox`;
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await new SNSClient(settings).send(
      new SubscribeCommand({ TopicArn: this.output('TopicArn'), Protocol: 'sqs', Endpoint: queueArn }),
    );
  }

  private async cdk(account: string, ...args: string[]): Promise<void> {
    const { PATH, HOME } = process.env;
    await promisify(execFile)(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
        ...args,
        '--app',
        `node --import tsx ${join(__dirname, 'app.ts')}`,
        '--output',
        join(this.folder, `cdk.out-${account}`),
        '--no-notices',
      ],
      {
        cwd: ROOT,
        env: { PATH, HOME, CDK_VALIDATION: 'false', ...this.cloud.environment, AWS_ACCESS_KEY_ID: account },
      },
    );
  }
}
