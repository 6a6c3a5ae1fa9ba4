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
import type { Fleet, FleetVariant } from './fleet';
import type { WantedVariant } from './fleet-plan';
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

  /** Instances that count against the account's quota: those that run, and those that are being brought up. */
  public instancesInUse(type: string): number {
    const serving = (this.fleet?.variants ?? []).filter(({ config }) => config.instanceType === type);
    const coming = (this.pending?.variants ?? []).filter(({ config }) => config.instanceType === type);
    return (
      serving.reduce((sum, { instances, desired }) => sum + Math.max(instances.length, desired.instanceCount), 0) +
      coming.reduce((sum, { instanceCount }) => sum + instanceCount, 0)
    );
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
      ProductionVariants: this.fleet?.production.map(variant => this.describeVariant(variant)),
      ShadowProductionVariants: this.fleet?.shadow && [this.describeVariant(this.fleet.shadow)],
      EndpointStatus: this.status,
      FailureReason: this.failureReason,
      CreationTime: this.creationTime,
      LastModifiedTime: this.lastModifiedTime,
      LastDeploymentConfig: this.lastDeploymentConfig,
      PendingDeploymentSummary: this.describePending(),
    };
  }

  private describeVariant({ config, weight, instances, desired }: FleetVariant): ProductionVariantSummary {
    return {
      VariantName: config.name,
      DeployedImages: [this.deployedImage(config.model.container.Image, config.model.creationTime)],
      CurrentWeight: weight,
      DesiredWeight: desired.weight,
      CurrentInstanceCount: instances.length,
      DesiredInstanceCount: desired.instanceCount,
    };
  }

  private describePending(): PendingDeploymentSummary | undefined {
    const { pending } = this;
    if (pending === undefined) {
      return undefined;
    }
    const summaries = (shadow: boolean): PendingProductionVariantSummary[] =>
      pending.variants
        .filter(({ config }) => config.isShadow === shadow)
        .map(variant => this.describePendingVariant(pending, variant));
    const shadows = summaries(true);
    return {
      EndpointConfigName: pending.configName,
      StartTime: pending.startTime,
      ProductionVariants: summaries(false),
      ...(shadows.length > 0 && { ShadowProductionVariants: shadows }),
    };
  }

  private describePendingVariant(
    pending: PendingDeployment,
    { config, weight, instanceCount }: WantedVariant,
  ): PendingProductionVariantSummary {
    return {
      VariantName: config.name,
      DeployedImages: [this.deployedImage(config.model.container.Image, pending.startTime)],
      CurrentWeight: weight,
      DesiredWeight: weight,
      CurrentInstanceCount: pending.status === 'Creating' ? 0 : instanceCount,
      DesiredInstanceCount: instanceCount,
      InstanceType: config.instanceType as PendingProductionVariantSummary['InstanceType'],
      VariantStatus: [{ Status: pending.status, StatusMessage: pending.message, StartTime: pending.statusSince }],
    };
  }

  private deployedImage(image: string | undefined, time: Date): { SpecifiedImage?: string; ResolutionTime: Date } {
    return { ...(image !== undefined && { SpecifiedImage: image, ResolvedImage: image }), ResolutionTime: time };
  }
}
