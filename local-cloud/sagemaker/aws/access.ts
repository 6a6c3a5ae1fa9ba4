import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { validationException } from '../errors';
import { scopeOf, type RequestContext } from '../names';

/** Longest session that AWS gives; the local cloud carries sessions over moves of the clock. */
const SESSION_SECONDS = 43_200;

/** Temporary credentials of a role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Settings that every client is made with. */
interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The other services of the local cloud, as SageMaker itself or as a role that was passed to it. */
export class AwsAccess {
  private readonly sts = new Map<string, STSClient>();
  private readonly serviceCloudWatch = new Map<string, CloudWatchClient>();

  /**
   * @param endpointUrl where every service answers
   * @param own the service's own credentials in its own account, which may assume the roles that were passed to it
   */
  constructor(
    public readonly endpointUrl: string,
    private readonly own: { readonly accessKeyId: string; readonly secretAccessKey: string },
    private readonly account: string,
  ) {}

  /** Credentials of a role; refused as SageMaker refuses a role that it may not assume. */
  public async assumeRole(roleArn: string, context: RequestContext): Promise<RoleCredentials> {
    const client = cached(this.sts, scopeOf(context), () => new STSClient(this.config(context)));
    try {
      const { Credentials: given } = await client.send(
        new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'SageMaker', DurationSeconds: SESSION_SECONDS }),
      );
      if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined || given.SessionToken === undefined) {
        throw new Error('AssumeRole gave no credentials');
      }
      return {
        accessKeyId: given.AccessKeyId,
        secretAccessKey: given.SecretAccessKey,
        sessionToken: given.SessionToken,
      };
    } catch (error) {
      if (isRefusal(error)) {
        throw validationException(
          `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal ` +
            `'sagemaker.amazonaws.com' to assume the role.`,
        );
      }
      throw error;
    }
  }

  /** S3 as a role. */
  public s3(credentials: RoleCredentials, region: string): S3Client {
    return new S3Client({
      ...this.address(region),
      credentials,
      forcePathStyle: true,
      // a checksum of a stream can only follow it, in an encoding of AWS's own that not every emulator reads
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
  }

  /** CloudWatch Logs as a role: a container's log lines are written by its own role, on AWS too. */
  public logs(credentials: RoleCredentials, region: string): CloudWatchLogsClient {
    return new CloudWatchLogsClient({ ...this.address(region), credentials });
  }

  /** CloudWatch as a role: the alarms of a deployment are read by the model's execution role. */
  public cloudWatch(credentials: RoleCredentials, region: string): CloudWatchClient {
    return new CloudWatchClient({ ...this.address(region), credentials });
  }

  /** CloudWatch as the service itself, which writes the invocation metrics. */
  public ownCloudWatch(context: RequestContext): CloudWatchClient {
    return cached(this.serviceCloudWatch, scopeOf(context), () => new CloudWatchClient(this.config(context)));
  }

  /** Closes every connection kept open. */
  public destroy(): void {
    [...this.sts.values(), ...this.serviceCloudWatch.values()].forEach(client => client.destroy());
  }

  private config({ account, region }: RequestContext): ClientConfig {
    // the local cloud takes an account's digits for the access key of its root
    const credentials = account === this.account ? this.own : { ...this.own, accessKeyId: account };
    return { ...this.address(region), credentials };
  }

  private address(region: string): Pick<ClientConfig, 'endpoint' | 'region'> {
    return { endpoint: this.endpointUrl, region };
  }
}

/** Whether S3, STS or another service has refused for want of a right. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  // the answer to a HEAD has no body, so a refusal has only its status
  const { $metadata: metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  return ['AccessDenied', 'AccessDeniedException'].includes(error.name) || metadata?.httpStatusCode === 403;
}

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  let value = cache.get(key);
  if (value === undefined) {
    value = make();
    cache.set(key, value);
  }
  return value;
}
