import type {
  DescribeEndpointCommandOutput,
  EndpointStatus,
  PendingDeploymentSummary,
  PendingProductionVariantSummary,
  ProductionVariantSummary,
  VariantStatus,
} from '@aws-sdk/client-sagemaker';
import type { Clock } from '../clock';
import type { RequestContext } from '../names';
import type { CheckedDeploymentConfig } from './deployment-policy';
import type { Fleet } from './fleet';
import type { WantedVariant } from './fleet-builder';
import { Traffic } from './traffic';

/** The step at which a deployment's new fleet is. */
export interface PendingDeployment {
  readonly configName: string;
  readonly variants: readonly WantedVariant[];
  readonly startTime: Date;
  status: VariantStatus;
  message: string;
  statusSince: Date;
}

/** An endpoint: what serves, what is about to, and how it is described. */
export class Endpoint {
  public readonly creationTime: Date;
  public readonly traffic = new Traffic();
  /** Ends what a deployment waits for, when the server ends. */
  public readonly ending = new AbortController();
  public lastModifiedTime: Date;
  public status: EndpointStatus = 'Creating';
  public failureReason: string | undefined;
  public lastDeploymentConfig: CheckedDeploymentConfig | undefined;
  public fleet: Fleet | undefined;
  public pending: PendingDeployment | undefined;
  public deployments = 0;

  constructor(
    public readonly name: string,
    public readonly arn: string,
    public readonly context: RequestContext,
    public configName: string,
    private readonly clock: Clock,
  ) {
    this.creationTime = clock.now();
    this.lastModifiedTime = this.creationTime;
  }

  /** Changes the status. */
  public enter(status: EndpointStatus): void {
    this.status = status;
    this.lastModifiedTime = this.clock.now();
  }

  /** Tells at which step the deployment is. */
  public enterStep(status: VariantStatus, message: string): void {
    if (this.pending !== undefined) {
      this.pending.status = status;
      this.pending.message = message;
      this.pending.statusSince = this.clock.now();
    }
    this.lastModifiedTime = this.clock.now();
  }

  /** The answer to `DescribeEndpoint`. */
  public describe(): Omit<DescribeEndpointCommandOutput, '$metadata'> {
    return {
      EndpointName: this.name,
      EndpointArn: this.arn,
      EndpointConfigName: this.configName,
      ProductionVariants: this.fleet?.variants.map(({ config, weight, instances }): ProductionVariantSummary => ({
        VariantName: config.name,
        DeployedImages: [this.deployedImage(config.model.container.Image, config.model.creationTime)],
        CurrentWeight: weight,
        DesiredWeight: weight,
        CurrentInstanceCount: instances.length,
        DesiredInstanceCount: instances.length,
      })),
      EndpointStatus: this.status,
      FailureReason: this.failureReason,
      CreationTime: this.creationTime,
      LastModifiedTime: this.lastModifiedTime,
      LastDeploymentConfig: this.lastDeploymentConfig,
      PendingDeploymentSummary: this.describePending(),
    };
  }

  private describePending(): PendingDeploymentSummary | undefined {
    const { pending } = this;
    return (
      pending && {
        EndpointConfigName: pending.configName,
        StartTime: pending.startTime,
        ProductionVariants: pending.variants.map(
          ({ config, weight, instanceCount }): PendingProductionVariantSummary => ({
            VariantName: config.name,
            DeployedImages: [this.deployedImage(config.model.container.Image, pending.startTime)],
            CurrentWeight: weight,
            DesiredWeight: weight,
            CurrentInstanceCount: pending.status === 'Creating' ? 0 : instanceCount,
            DesiredInstanceCount: instanceCount,
            InstanceType: config.instanceType as PendingProductionVariantSummary['InstanceType'],
            VariantStatus: [{ Status: pending.status, StatusMessage: pending.message, StartTime: pending.statusSince }],
          }),
        ),
      }
    );
  }

  private deployedImage(image: string | undefined, time: Date): { SpecifiedImage?: string; ResolutionTime: Date } {
    return { ...(image !== undefined && { SpecifiedImage: image, ResolvedImage: image }), ResolutionTime: time };
  }
}
