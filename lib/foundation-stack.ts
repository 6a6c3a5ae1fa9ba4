import { Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Environment } from './config/environment';
import type { NetworkFile } from './config/network-schema';
import { dataRemoval } from './data-removal';
import { keepExports } from './keep-exports';
import { Network } from './network';

/** Zones among which a network's are. */
const ZONES = 3;

/** Settings of the foundation. */
export interface FoundationStackProps extends StackProps {
  readonly environment: Environment;
}

/** What everything else of an environment stands on, made first and gone last: its key, and its network if it has one. */
export class FoundationStack extends Stack {
  /** Key of all of the environment's data, unless its file says that the data's own stack has it. */
  public readonly encryptionKey?: IKey;
  /** Network of jobs, models and the cluster. */
  public readonly vpc?: IVpc;

  constructor(scope: Construct, id: string, props: FoundationStackProps) {
    super(scope, id, props);
    const { environment } = props;
    if (environment.data.keyStack !== 'data') this.encryptionKey = this.key(environment);
    this.vpc = this.network(environment, environment.network ?? { source: 'none' });
    keepExports(this, [
      this.encryptionKey?.keyArn,
      this.vpc?.vpcId,
      this.vpc?.vpcCidrBlock,
      ...(this.vpc?.privateSubnets ?? []).map(({ subnetId }) => subnetId),
      ...(this.vpc?.isolatedSubnets ?? []).map(({ subnetId }) => subnetId),
    ]);
  }

  /** Known when it is deployed, so that a synth asks no account for its zones. */
  public override get availabilityZones(): string[] {
    return Array.from({ length: ZONES }, (_, index) => Fn.select(index, Fn.getAzs()));
  }

  private key(environment: Environment): IKey {
    const { removalPolicy, deleteData } = dataRemoval(environment);
    return new Key(this, 'Key', {
      description: `Data of mlops-${environment.name}`,
      enableKeyRotation: true,
      // kept as long as the data is: without it the data is lost, wherever it is kept
      removalPolicy:
        removalPolicy === RemovalPolicy.DESTROY && deleteData
          ? RemovalPolicy.DESTROY
          : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }

  private network(environment: Environment, file: NetworkFile): IVpc | undefined {
    switch (file.source) {
      case 'create':
        return new Network(this, 'Network', {
          tier: environment.tier,
          file,
          hasCluster: environment.cluster !== undefined,
        }).vpc;
      case 'import':
        return Vpc.fromVpcAttributes(this, 'Network', {
          vpcId: file.vpcId,
          vpcCidrBlock: file.vpcCidr,
          availabilityZones: file.availabilityZones,
          privateSubnetIds: file.privateSubnetIds,
        });
      case 'none':
        return undefined;
    }
  }
}
