import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';

/** Where SageMaker runs a model's containers. */
export interface ContainerPlacement {
  /**
   * Network in which the containers are. What they need of AWS they reach through its NAT or its VPC endpoints, S3
   * among it.
   *
   * @default - SageMaker's own, from which they reach AWS and the internet
   */
  readonly vpc?: IVpc;

  /**
   * Subnets of `vpc`.
   *
   * @default - private ones with a way out, or isolated ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups in `vpc`.
   *
   * @default - one of its own that lets nobody in and only HTTPS out; instances of one job reach each other
   */
  readonly securityGroups?: ISecurityGroup[];
}
