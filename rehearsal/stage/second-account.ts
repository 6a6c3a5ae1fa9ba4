import { join } from 'node:path';
import { DescribeImagesCommand } from '@aws-sdk/client-ecr';
import { Aws } from './aws';
import { Cdk } from './cdk';
import { Inbox } from './inbox';
import { DeployedPlatform, type StackNames } from './platform';
import type { Scene } from './scene';
import { EndpointServing } from './serving';
import { MODEL } from './target';
import { Traffic } from './traffic';

/** Another environment in an account of its own: whoever has that account's key sees nothing of the first one. */
export class SecondAccount {
  readonly aws: Aws;
  readonly cdk: Cdk;
  readonly platform: DeployedPlatform;
  readonly inbox: Inbox;

  constructor(
    private readonly scene: Scene,
    readonly environment: string,
    readonly account: string,
    readonly stacks: StackNames,
  ) {
    const { cloud, repository, address } = scene;
    // the local cloud takes an account's digits for the access key of its root
    const credentials = { accessKeyId: account, secretAccessKey: 'test' };
    this.aws = new Aws({ ...address, credentials });
    this.cdk = new Cdk(
      repository,
      {
        ...process.env,
        ...cloud.environment,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        MLOPS_ENVIRONMENT: environment,
      },
      scene.cdkLog,
      join(cloud.scratchDir, `cdk.out-${environment}`),
      scene.signal,
    );
    this.platform = new DeployedPlatform(this.aws, MODEL);
    this.inbox = new Inbox(this.aws);
  }

  /** Bootstraps and deploys; finds what stands then. */
  async deploy(): Promise<void> {
    await this.cdk.run('bootstrap', `aws://${this.account}/${this.scene.cloud.region}`);
    await this.cdk.run('deploy', `${this.environment}/*`, '--require-approval', 'never');
    await this.platform.discover(this.stacks);
    await this.inbox.subscribe(this.platform.output('NotificationTopicArn'));
  }

  /** Digests of the images in a repository of this account. */
  async images(repositoryName: string): Promise<string[]> {
    const { imageDetails } = await this.aws.ecr.send(new DescribeImagesCommand({ repositoryName }));
    return (imageDetails ?? []).map(({ imageDigest }) => imageDigest ?? '');
  }

  /** Callers of the model in this account. */
  callers(): Traffic {
    return new Traffic(new EndpointServing(this.aws, this.platform.output('EndpointName')), () =>
      this.scene.clock.now(),
    );
  }

  /** Takes everything down; answers what is left. */
  async destroy(): Promise<string[]> {
    await this.cdk.run('destroy', `${this.environment}/*`, '--force');
    const left = await this.platform.stacksLeft(Object.values(this.stacks) as string[]);
    this.aws.destroy();
    return left;
  }
}
