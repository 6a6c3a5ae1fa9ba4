import { DeleteEndpointCommand, UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clientOf, deploy, role } from '../local-cloud/stack';
import { RAIN, ReleaseCloud } from '../release/release-cloud';

const ROOT = join(__dirname, '..', '..', '..');

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

  private constructor(private readonly releases: ReleaseCloud) {}

  static async start(): Promise<Stage> {
    const stage = new Stage(await ReleaseCloud.start());
    await stage.letIn();
    return stage;
  }

  stop(): Promise<void> {
    return this.releases.stop();
  }

  /** Registers a version with a card and approves it, as a person does; answers as the version `lie` if one is given. */
  async approved(lie?: string): Promise<void> {
    const arn = await this.releases.register(lie === undefined ? {} : { LIE: lie });
    const ModelCardContent = JSON.stringify({ intended_uses: { purpose_of_model: 'tells rain', risk_rating: 'Low' } });
    await this.releases.sagemaker.send(
      new UpdateModelPackageCommand({
        ModelPackageArn: arn,
        ModelCard: { ModelCardContent, ModelCardStatus: 'PendingReview' },
      }),
    );
    await this.releases.setApproved(arn);
  }

  /** Takes the endpoint away by hand, past the release machine, and waits until it is gone. */
  async deleteEndpoint(): Promise<void> {
    await this.releases.sagemaker.send(new DeleteEndpointCommand({ EndpointName: RAIN }));
    while ((await this.mlops('status', 'rain')).out.includes('Deleting')) {
      // each look is a process of its own, which takes long enough
    }
  }

  /** Runs `npx mlops …` as somebody who may ask for everything. */
  mlops(...args: string[]): Promise<Said> {
    return this.mlopsAs('onCall', ...args);
  }

  /** Runs `npx mlops …` as a user does. */
  async mlopsAs(person: Person, ...args: string[]): Promise<Said> {
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      MLOPS_ENVIRONMENT: 'local',
      ...this.releases.cloud.environment,
      ...this.credentials[person],
    };
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
    const client = clientOf(this.releases.cloud);
    const machine = this.releases.output('ReleaseStateMachineArn');
    const executions = `${machine.replace(':stateMachine:', ':execution:')}:*`;
    const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
    const allow = (Resource: string | string[], ...Action: string[]): object => ({ Effect: 'Allow', Action, Resource });
    const reads = [
      allow(arn('cloudformation', 'stack/Platform/*'), 'cloudformation:DescribeStacks'),
      allow(arn('ssm', 'parameter/mlops/local/*'), 'ssm:GetParameter'),
      // on AWS the path is its resource; the local cloud knows none
      allow('*', 'ssm:GetParametersByPath'),
      allow(arn('dynamodb', `table/${this.releases.output('LedgerTableName')}`), 'dynamodb:GetItem', 'dynamodb:Query'),
      allow(arn('sagemaker', 'endpoint/mlops-local-*'), 'sagemaker:DescribeEndpoint'),
      allow(arn('sagemaker', 'endpoint-config/mlops-local-*'), 'sagemaker:DescribeEndpointConfig'),
      allow('*', 'cloudwatch:DescribeAlarms'),
      allow(arn('sagemaker', 'model-package/mlops-local-*'), 'sagemaker:DescribeModelPackage'),
      allow(executions, 'states:DescribeExecution', 'states:GetExecutionHistory'),
    ];
    const roles = await deploy(
      this.releases.cloud,
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
}
