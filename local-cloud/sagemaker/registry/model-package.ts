import type {
  CreateModelPackageCommandInput,
  DescribeModelPackageCommandOutput,
  ModelPackageSummary,
  UpdateModelPackageCommandInput,
} from '@aws-sdk/client-sagemaker';
import type { Clock } from '../clock';
import { validationException } from '../errors';
import type { Checked } from '../service-model/checked';
import { without } from '../store/without';
import { cardAfter } from './model-card';

/** A checked request for a new version. */
export type CreateRequest = Checked<CreateModelPackageCommandInput>;
/** A checked request to change a version. */
export type UpdateRequest = Checked<UpdateModelPackageCommandInput>;

const MAX_METADATA = 50;

/** One version of a model: what it was made with does not change, its approval and its metadata do. */
export class ModelPackage {
  public readonly creationTime: Date;
  public lastModifiedTime: Date | undefined;
  private readonly clientToken: string | undefined;
  private state: Omit<CreateRequest, 'Tags' | 'ClientToken'>;
  private approvalDescription: string | undefined;

  constructor(
    public readonly groupName: string,
    public readonly version: number,
    public readonly arn: string,
    request: CreateRequest,
    private readonly clock: Clock,
  ) {
    this.creationTime = clock.now();
    this.clientToken = request.ClientToken;
    this.state = { ...without(request, 'Tags', 'ClientToken'), ModelCard: cardAfter(undefined, request.ModelCard) };
  }

  /** Name that lists sort and filter by. */
  public get name(): string {
    return `${this.groupName}/${this.version}`;
  }

  /** Whether a request is the one that has made this version, sent again. */
  public isMadeBy(request: CreateRequest): boolean {
    return this.clientToken !== undefined && this.clientToken === request.ClientToken;
  }

  /** Whether the version may serve, in a person's judgement. */
  public get approvalStatus(): string {
    return this.state.ModelApprovalStatus ?? 'PendingManualApproval';
  }

  /** Changes what may change. */
  public update(request: UpdateRequest): void {
    const { CustomerMetadataProperties: added, CustomerMetadataPropertiesToRemove: removed } = request;
    const metadata = { ...this.state.CustomerMetadataProperties, ...added };
    const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => removed?.includes(key) !== true));
    if (Object.keys(kept).length > MAX_METADATA) {
      throw validationException(`'CustomerMetadataProperties' holds at most ${MAX_METADATA} entries`);
    }
    const changed = without(
      request,
      'ModelPackageArn',
      'ClientToken',
      'ApprovalDescription',
      'CustomerMetadataProperties',
      'CustomerMetadataPropertiesToRemove',
      'ModelCard',
    );
    const card = cardAfter(this.state.ModelCard, request.ModelCard);
    this.state = {
      ...without(this.state, 'CustomerMetadataProperties'),
      ...changed,
      ModelCard: card,
      ...(Object.keys(kept).length > 0 && { CustomerMetadataProperties: kept }),
    };
    this.approvalDescription = request.ApprovalDescription ?? this.approvalDescription;
    this.lastModifiedTime = this.clock.now();
  }

  /** The answer to `DescribeModelPackage`. */
  public describe(): Omit<DescribeModelPackageCommandOutput, '$metadata'> {
    return {
      ...this.state,
      ModelPackageName: this.groupName,
      ModelPackageGroupName: this.groupName,
      ModelPackageVersion: this.version,
      ModelPackageRegistrationType: this.state.ModelPackageRegistrationType ?? 'Registered',
      ModelPackageArn: this.arn,
      CreationTime: this.creationTime,
      ModelPackageStatus: 'Completed',
      ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
      CertifyForMarketplace: this.state.CertifyForMarketplace ?? false,
      ModelApprovalStatus: this.state.ModelApprovalStatus ?? 'PendingManualApproval',
      ApprovalDescription: this.approvalDescription,
      CreatedBy: {},
      LastModifiedTime: this.lastModifiedTime,
      ...(this.lastModifiedTime !== undefined && { LastModifiedBy: {} }),
    };
  }

  /** How lists show it. */
  public summary(): ModelPackageSummary {
    const described = this.describe();
    return {
      ModelPackageName: described.ModelPackageName,
      ModelPackageGroupName: described.ModelPackageGroupName,
      ModelPackageVersion: described.ModelPackageVersion,
      ModelPackageArn: described.ModelPackageArn,
      ModelPackageDescription: described.ModelPackageDescription,
      CreationTime: described.CreationTime,
      ModelPackageStatus: described.ModelPackageStatus,
      ModelApprovalStatus: described.ModelApprovalStatus,
      ModelLifeCycle: described.ModelLifeCycle,
      ModelPackageRegistrationType: described.ModelPackageRegistrationType,
    };
  }
}
