import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateModelPackageCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import { fillTemplate } from '../../../lambda/release-step/kubernetes-template';
import type { PackagedVersion } from '../../../lambda/release-step/ports';
import { type EksServingSettings, eksServingSettings } from '../../../lambda/shared/contracts';
import { eksTokens } from '../../../lambda/shared/eks-token';
import { KubernetesClient } from '../../../lambda/shared/kubernetes-client';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { ledgerKeys } from '../../../lambda/shared/ledger';
import { buildControlPlane } from '../../../local-cloud/kubernetes/build';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');
const BUCKET = 'kubernetes-test-artifacts';
const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/mlops/model-server:1';
/** The namespace of the app's model, and its model package group. */
export const NAMESPACE = 'mlops-local-rain';

/** What `/_mlops/clusters` tells of a cluster. */
export interface ClusterPlace {
  readonly name: string;
  readonly endpoint: string;
  readonly kubeconfig: string;
  readonly gatewayUrl: string;
}

/** A version as the release controller would make it. */
export interface Version {
  readonly version: string;
  readonly score?: number;
  /** @default - the image of the model server, which the local cloud runs */
  readonly image?: string;
  /** @default - what the archive is */
  readonly digest?: string;
}

/** The app of this folder in a local cloud. */
export class EksCloud {
  private outputs: Record<string, string> = {};

  private constructor(
    public readonly cloud: LocalCloud,
    private readonly folder: string,
  ) {}

  public static async start(): Promise<EksCloud> {
    await buildControlPlane();
    const folder = mkdtempSync(join(tmpdir(), 'mlops-eks-'));
    const started = new EksCloud(await startLocalCloud({ workDir: join(folder, 'cloud') }), folder);
    await started.cdk('bootstrap', 'aws://000000000000/us-east-1');
    await started.deploy();
    return started;
  }

  public async stop(): Promise<void> {
    await this.cloud.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Deploys the app, with context such as `quota=5`. */
  public async deploy(...context: string[]): Promise<void> {
    const given = context.flatMap(value => ['--context', value]);
    await this.cdk('deploy', '--all', '--require-approval', 'never', ...given);
    const { Stacks = [] } = await new CloudFormationClient(clientOf(this.cloud)).send(new DescribeStacksCommand({}));
    this.outputs = Object.fromEntries(
      Stacks.flatMap(({ Outputs = [] }) =>
        Outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
      ),
    );
  }

  /** A deploy that CloudFormation must undo; gives what it said. */
  public async failToDeploy(...context: string[]): Promise<string> {
    try {
      await this.deploy(...context);
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return stdout + stderr;
    }
    throw new Error('the deploy went well');
  }

  public async destroy(): Promise<void> {
    await this.cdk('destroy', '--all', '--force');
  }

  /** What a stack says of itself. */
  public output(name: string): string {
    return this.outputs[name] ?? '';
  }

  public async settings(): Promise<EksServingSettings> {
    const name = '/mlops/local/rain/serving';
    const { Parameter } = await new SSMClient(clientOf(this.cloud)).send(new GetParameterCommand({ Name: name }));
    return eksServingSettings.parse(JSON.parse(Parameter?.Value ?? ''));
  }

  /** A client of the API server as a role, by the token that the release function signs. */
  public async clientAs(
    roleArn: string,
    options: { readonly clusterName?: string; readonly now?: () => Date } = {},
  ): Promise<KubernetesClient> {
    const { cluster } = await this.settings();
    const { Credentials } = await new STSClient(clientOf(this.cloud)).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'release' }),
    );
    return new KubernetesClient({
      server: cluster.endpoint,
      ca: Buffer.from(cluster.certificateAuthorityData, 'base64').toString(),
      token: eksTokens({
        clusterName: options.clusterName ?? cluster.name,
        region: 'us-east-1',
        credentials: {
          accessKeyId: Credentials?.AccessKeyId ?? '',
          secretAccessKey: Credentials?.SecretAccessKey ?? '',
          sessionToken: Credentials?.SessionToken,
        },
        now: options.now ?? (() => new Date()),
      }),
    });
  }

  /** A client as the cluster's administrator. */
  public async administrator(): Promise<KubernetesClient> {
    const { kubeconfig } = await this.cluster();
    const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as {
      clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
      users: { user: { token: string } }[];
    };
    const { cluster } = clusters[0];
    return new KubernetesClient({
      server: cluster.server,
      ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(),
      token: () => users[0].user.token,
    });
  }

  public async cluster(): Promise<ClusterPlace> {
    const answer = await fetch(`${this.cloud.endpoint}/_mlops/clusters`);
    const { clusters } = (await answer.json()) as { clusters: ClusterPlace[] };
    return clusters[0];
  }

  /** The objects of a version, from the template in the CDK's bucket; its model always gives one score. */
  public async version({ version, score = 0.8, image = IMAGE, digest }: Version): Promise<KubernetesObject[]> {
    const archive = await this.archive(score);
    const key = `rain/${version}/model.tar.gz`;
    await this.put(key, archive);
    const { environment } = await this.settings();
    return fillTemplate(await this.template(), {
      version,
      name: nameOf(version),
      image,
      artifactUri: `s3://${BUCKET}/${key}`,
      artifactDigest: digest ?? `sha256:${sha256Of(archive)}`,
      environment,
    });
  }

  /** A version as the registry would give it to a release, with its model in the bucket. */
  public async packaged(version: string, score: number): Promise<PackagedVersion> {
    const archive = await this.archive(score);
    const key = `rain/${version}/model.tar.gz`;
    await this.put(key, archive);
    return {
      model: 'rain',
      version,
      arn: `arn:aws:sagemaker:us-east-1:000000000000:model-package/mlops-local-rain/${version}`,
      approval: 'Approved',
      image: IMAGE,
      artifactUri: `s3://${BUCKET}/${key}`,
      artifactSha256: sha256Of(archive),
      environment: {},
    };
  }

  /** The template of a version's objects, from the CDK's bucket. */
  public async template(): Promise<string> {
    const { template } = await this.settings();
    const { Body } = await this.s3().send(new GetObjectCommand({ Bucket: template.bucket, Key: template.key }));
    return (await Body?.transformToString()) ?? '';
  }

  /** Registers a version, and leaves what a release of it leaves in the ledger; returns its number. */
  public async released(score: number): Promise<string> {
    const archive = await this.archive(score);
    const key = 'rain/released/model.tar.gz';
    await this.put(key, archive);
    const { ModelPackageArn: arn = '' } = await new SageMakerClient(clientOf(this.cloud)).send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: NAMESPACE,
        ModelApprovalStatus: 'Approved',
        InferenceSpecification: {
          Containers: [{ Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/${key}` }],
          SupportedContentTypes: ['application/json'],
          SupportedResponseMIMETypes: ['application/json'],
        },
        CustomerMetadataProperties: { modelDataSha256: sha256Of(archive) },
      }),
    );
    const version = arn.split('/').at(-1) ?? '';
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientOf(this.cloud)));
    const items = [
      { sk: ledgerKeys.state, model: 'rain', current: version, healthy: [version], generation: 1 },
      { sk: ledgerKeys.version(version), version, status: 'healthy', reason: 'test', at: '', by: 'test' },
    ];
    for (const item of items) {
      await documents.send(
        new PutCommand({ TableName: this.output('LedgerTableName'), Item: { pk: 'rain', ...item } }),
      );
    }
    return version;
  }

  /** Writes an object of the test's bucket. */
  public async put(key: string, body: string | Buffer): Promise<void> {
    await this.s3().send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
  }

  /** An object of the test's bucket as text. */
  public async text(key: string): Promise<string> {
    const { Body } = await this.s3().send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  /** Runs `npx mlops … --json` as a user does; what it answered, also where it was refused. */
  public async mlops(...args: string[]): Promise<Record<string, unknown>> {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, MLOPS_ENVIRONMENT: 'local', ...this.cloud.environment };
    const command = [join(ROOT, 'cli', 'bin.cjs'), ...args, '--stack', 'Platform', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env }).catch(
      (error: unknown) => {
        const said = error as { stdout: string; stderr: string };
        if (said.stdout === '') throw error;
        return said;
      },
    );
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  private s3(): S3Client {
    return new S3Client({ ...clientOf(this.cloud), forcePathStyle: true });
  }

  private async archive(score: number): Promise<Buffer> {
    const folder = mkdtempSync(join(this.folder, 'model-'));
    mkdirSync(join(folder, 'code'));
    writeFileSync(join(folder, 'schema.json'), JSON.stringify({ features: [{ name: 'temp', type: 'double' }] }));
    writeFileSync(
      join(folder, 'code', 'inference.py'),
      `def model_fn(folder):\n    return ${String(score)}\n\n\ndef predict_fn(matrix, model):\n    return [model] * len(matrix)\n`,
    );
    const file = join(folder, 'model.tar.gz');
    await create({ gzip: true, file, cwd: folder }, ['schema.json', 'code']);
    return readFileSync(file);
  }

  private async cdk(...args: string[]): Promise<void> {
    const { PATH, HOME } = process.env;
    await promisify(execFile)(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
        ...args,
        '--app',
        `node --import tsx ${join(__dirname, 'app.ts')}`,
        '--output',
        join(this.folder, 'cdk.out'),
        '--no-notices',
      ],
      { cwd: ROOT, env: { PATH, HOME, CDK_VALIDATION: 'false', ...this.cloud.environment }, maxBuffer: 1 << 26 },
    );
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Name of all objects of a version. */
export function nameOf(version: string): string {
  return `rain-v${version}-00000000`;
}

/** One prediction by the Open Inference Protocol, at a URL and for a host. */
export function predict(
  url: string,
  host?: string,
): Promise<{ readonly status: number; readonly version?: string; readonly score?: unknown }> {
  const body = JSON.stringify({ inputs: [{ name: 'temp', shape: [1], datatype: 'FP64', data: [12.5] }] });
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL('/v2/models/rain/infer', url),
      { method: 'POST', headers: { 'content-type': 'application/json', ...(host !== undefined && { host }) } },
      incoming => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const status = incoming.statusCode ?? 0;
          if (status !== 200) {
            resolve({ status });
            return;
          }
          const answer = JSON.parse(text) as { model_version: string; outputs: { name: string; data: unknown[] }[] };
          resolve({
            status,
            version: answer.model_version,
            score: answer.outputs.find(({ name }) => name === 'score')?.data[0],
          });
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
