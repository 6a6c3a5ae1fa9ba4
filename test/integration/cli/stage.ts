import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateModelPackageCommand, SageMakerClient, UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import type { Baseline } from '../../../lambda/shared/contracts';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, role } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');
const BUCKET = 'release-test-artifacts';
const BASELINE: Baseline = {
  edgesId: 'e',
  rows: 3,
  features: { temp: { edges: [1, 2, 3], counts: [1, 1, 1, 0, 0] } },
  prediction: { edges: [0.5], counts: [1, 2, 0] },
  quality: { auc: 0.8, rows: 3 },
  schema: { features: [{ name: 'temp', type: 'double', nullable: false }], label: 'rain' },
};

/** Who uses the command line: with the rights that `docs/cli.md` tells of, and no other. */
export type Person = 'reader' | 'onCall';

/** What a command line printed, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The release app in a local cloud, and the command line beside it. */
export class Stage {
  private readonly credentials: Partial<Record<Person, Record<string, string>>> = {};

  private constructor(
    private readonly cloud: LocalCloud,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'mlops-cli-test-'));
    const images = join(folder, 'images.json');
    const stub = join(ROOT, 'test', 'integration', 'release', 'stub');
    writeFileSync(images, JSON.stringify({ stub: { python: stub, module: 'stub_server' } }));
    process.env.MLOPS_LOCAL_IMAGES = images;
    const stage = new Stage(await startLocalCloud(), folder);
    delete process.env.MLOPS_LOCAL_IMAGES;
    await stage.cdk('bootstrap', 'aws://000000000000/us-east-1');
    await stage.cdk('deploy', '--all', '--require-approval', 'never');
    await stage.letIn();
    const s3 = new S3Client({ ...clientOf(stage.cloud), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'rain/model.tar.gz', Body: await stage.archive() }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'rain/baseline.json', Body: JSON.stringify(BASELINE) }));
    return stage;
  }

  async stop(): Promise<void> {
    await this.cloud.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** What a program needs to reach the cloud by the SDK's own configuration. */
  get environment(): Readonly<Record<string, string>> {
    return this.cloud.environment;
  }

  /** Registers a version and approves it, as a person does; answers as the version `lie` if one is given. */
  async approved(lie?: string): Promise<void> {
    const sagemaker = new SageMakerClient(clientOf(this.cloud));
    const { ModelPackageArn } = await sagemaker.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: 'mlops-local-rain',
        ModelApprovalStatus: 'PendingManualApproval',
        InferenceSpecification: {
          Containers: [
            {
              Image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/stub:1',
              ModelDataUrl: `s3://${BUCKET}/rain/model.tar.gz`,
              Environment: lie === undefined ? {} : { LIE: lie },
            },
          ],
          SupportedContentTypes: ['application/json'],
          SupportedResponseMIMETypes: ['application/json'],
        },
        DriftCheckBaselines: {
          ModelDataQuality: {
            Statistics: { ContentType: 'application/json', S3Uri: `s3://${BUCKET}/rain/baseline.json` },
          },
        },
      }),
    );
    await sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Approved' }));
  }

  /** Runs `npx mlops …` as somebody who may ask for everything. */
  mlops(...args: string[]): Promise<Said> {
    return this.mlopsAs('onCall', ...args);
  }

  /** Runs `npx mlops …` as a user does. */
  async mlopsAs(person: Person, ...args: string[]): Promise<Said> {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, MLOPS_ENVIRONMENT: 'local', ...this.environment, ...this.credentials[person] };
    const [name = '', ...rest] = args;
    const command = [join(ROOT, 'cli', 'bin.cjs'), name, '--stack', 'Platform', ...rest];
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  }

  /** Makes the roles of those who use the command line, and signs them in. */
  private async letIn(): Promise<void> {
    const client = clientOf(this.cloud);
    const { Stacks } = await new CloudFormationClient(client).send(
      new DescribeStacksCommand({ StackName: 'Platform' }),
    );
    const output = (key: string): string =>
      Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
    const machine = output('ReleaseStateMachineArn');
    const executions = `${machine.replace(':stateMachine:', ':execution:')}:*`;
    const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
    const allow = (Resource: string | string[], ...Action: string[]): object => ({ Effect: 'Allow', Action, Resource });
    const reads = [
      allow(arn('cloudformation', 'stack/Platform/*'), 'cloudformation:DescribeStacks'),
      allow(arn('ssm', 'parameter/mlops/local/*'), 'ssm:GetParameter'),
      // on AWS the path is its resource; the local cloud knows none
      allow('*', 'ssm:GetParametersByPath'),
      allow(arn('dynamodb', `table/${output('LedgerTableName')}`), 'dynamodb:GetItem', 'dynamodb:Query'),
      allow(arn('sagemaker', 'endpoint/mlops-local-*'), 'sagemaker:DescribeEndpoint'),
      allow('*', 'cloudwatch:DescribeAlarms'),
      allow(executions, 'states:DescribeExecution', 'states:GetExecutionHistory'),
    ];
    const roles = await deploy(
      this.cloud,
      'people',
      {
        Reader: role('ec2.amazonaws.com', reads),
        OnCall: role('ec2.amazonaws.com', [...reads, allow(machine, 'states:StartExecution')]),
      },
      { reader: { 'Fn::GetAtt': ['Reader', 'Arn'] }, onCall: { 'Fn::GetAtt': ['OnCall', 'Arn'] } },
    );
    for (const person of ['reader', 'onCall'] as const) {
      const { Credentials } = await new STSClient(client).send(
        new AssumeRoleCommand({ RoleArn: roles[person], RoleSessionName: 'ann' }),
      );
      this.credentials[person] = {
        AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
        AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
        AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
      };
    }
  }

  private async cdk(...args: string[]): Promise<void> {
    const { PATH, HOME } = process.env;
    const app = join(ROOT, 'test', 'integration', 'release', 'app.ts');
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
      { cwd: ROOT, env: { PATH, HOME, CDK_VALIDATION: 'false', ...this.environment } },
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
