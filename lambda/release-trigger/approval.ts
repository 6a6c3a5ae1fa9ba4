import { createHash } from 'node:crypto';
import type { VersionRequest } from '../shared/contracts';

/** `SageMaker Model Package State Change`, as far as it is used. */
export interface PackageEvent {
  readonly time: string;
  readonly detail: {
    readonly ModelPackageGroupName?: string;
    readonly ModelPackageVersion?: number | string;
    readonly ModelPackageArn?: string;
    readonly ModelApprovalStatus?: string;
    /** Which of its fields were changed, where the event says so. */
    readonly UpdatedModelPackageFields?: readonly string[];
    readonly ApprovalDescription?: string;
    readonly LastModifiedTime?: number | string;
  };
}

/** What the registry says of the package at the time at which the event is read. */
export interface ApprovedPackage {
  readonly lastModifiedAt?: string;
  readonly lastModifiedBy?: string;
  readonly approvalDescription?: string;
}

/** Asks for one release. */
export interface ReleaseRequest {
  /** Name of the execution: the same for each event of one approval, another for the next approval. */
  readonly name: string;
  readonly input: VersionRequest;
}

/** Why an event asks for nothing. */
export interface Ignored {
  readonly ignored: string;
}

/** Length of an execution's name that Step Functions takes. */
const MAX_NAME = 80;

/** The model and version that an event approves, or why it approves none. */
export function approvedVersion(
  event: PackageEvent,
  environmentName: string,
): { model: string; version: string; arn: string } | Ignored {
  const { detail } = event;
  const group = detail.ModelPackageGroupName ?? '';
  const prefix = `mlops-${environmentName}-`;
  if (detail.ModelApprovalStatus !== 'Approved') {
    return { ignored: `approval status is '${detail.ModelApprovalStatus}', not 'Approved'` };
  }
  if (detail.UpdatedModelPackageFields?.includes('ModelApprovalStatus') === false) {
    // an edit of an old version's metadata comes as an event of an approved version, and must move no traffic
    return { ignored: `only ${detail.UpdatedModelPackageFields.join(', ')} changed, not the approval` };
  }
  if (!group.startsWith(prefix) || detail.ModelPackageArn === undefined || detail.ModelPackageVersion === undefined) {
    return { ignored: `'${group}' is no model package group of environment '${environmentName}'` };
  }
  return {
    model: group.slice(prefix.length),
    version: String(detail.ModelPackageVersion),
    arn: detail.ModelPackageArn,
  };
}

/** The request that an approval makes; duplicates of the event make the same one. */
export function releaseRequest(
  event: PackageEvent,
  approved: { model: string; version: string; arn: string },
  found: ApprovedPackage,
): ReleaseRequest {
  const { model, version, arn } = approved;
  // a package that was changed after its approval tells when and by whom it was edited, not approved
  const asApproved = changedAfter(event, found) ? {} : found;
  // the registry's own time of the change is in no event twice; the event's time may differ between two of one change
  const approvedAt = asApproved.lastModifiedAt ?? asIso(event.detail.LastModifiedTime) ?? event.time;
  const digest = createHash('sha256').update(`${arn}\n${approvedAt}`).digest('hex').slice(0, 16);
  const suffix = `-v${version}-${digest}`;
  return {
    name: `approval-${model}`.slice(0, MAX_NAME - suffix.length) + suffix,
    input: {
      action: 'release',
      model,
      version,
      requestedBy: asApproved.lastModifiedBy ?? 'registry approval',
      reason: asApproved.approvalDescription ?? event.detail.ApprovalDescription ?? 'approved in the model registry',
      evidence: { approvedAt, modelPackageArn: arn },
    },
  };
}

/** Whether the package was changed again since the event, which tells its time in whole seconds. */
function changedAfter(event: PackageEvent, { lastModifiedAt }: ApprovedPackage): boolean {
  if (lastModifiedAt === undefined) return false;
  return Math.floor(Date.parse(lastModifiedAt) / 1000) > Math.floor(Date.parse(event.time) / 1000);
}

function asIso(time: number | string | undefined): string | undefined {
  if (time === undefined) return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
