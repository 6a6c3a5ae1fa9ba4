import { z } from 'zod';
import type { AwsPlace } from '../shared/aws-place';

/** The environment from which versions come. */
export interface SourceEnvironment extends AwsPlace {
  readonly environmentName: string;
}

/** `SageMaker Model Package State Change` of the giving account, as far as it is used. */
const packageEvent = z.object({
  source: z.literal('aws.sagemaker'),
  account: z.string(),
  region: z.string(),
  detail: z.object({
    ModelPackageGroupName: z.string(),
    ModelPackageVersion: z.union([z.number(), z.string()]).transform(String),
    ModelApprovalStatus: z.string(),
    /** Which of its fields were changed, where the event says so. */
    UpdatedModelPackageFields: z.array(z.string()).optional(),
  }),
});

/** A person's word, e.g. for a version that was approved before the receiving environment was there. */
const byHand = z.strictObject({
  model: z.string().regex(/^[a-z][a-z0-9-]*$/, "a model's name"),
  version: z.string().regex(/^\d+$/, "a version's number"),
});

/** A version of the giving environment that something is to be done about. */
export interface Asked {
  readonly what: 'promote' | 'withdraw';
  readonly model: string;
  readonly version: string;
  /** Its package in the giving account. */
  readonly arn: string;
}

/** Why an event asks for nothing. */
export interface Ignored {
  readonly ignored: string;
}

/** What an event or a request by hand asks for. */
export function askedOf(event: unknown, from: SourceEnvironment): Asked | Ignored {
  const requested = byHand.safeParse(event);
  if (requested.success) return { what: 'promote', ...requested.data, arn: arnOf(from, requested.data) };
  const parsed = packageEvent.safeParse(event);
  if (!parsed.success) {
    throw new Error(
      `event must be a state change of a model package, or an object of 'model' and 'version', got ${JSON.stringify(event)}`,
    );
  }
  const { account, region, detail } = parsed.data;
  const prefix = groupPrefix(from);
  if (account !== from.account || region !== from.region || !detail.ModelPackageGroupName.startsWith(prefix)) {
    return {
      ignored: `'${detail.ModelPackageGroupName}' of account ${account} in ${region} is none of '${from.environmentName}', whose versions are promoted`,
    };
  }
  if (detail.UpdatedModelPackageFields?.includes('ModelApprovalStatus') === false) {
    return { ignored: `only ${detail.UpdatedModelPackageFields.join(', ')} changed, not the approval` };
  }
  const what = WHAT[detail.ModelApprovalStatus];
  if (what === undefined) return { ignored: `approval status is '${detail.ModelApprovalStatus}'` };
  const named = { model: detail.ModelPackageGroupName.slice(prefix.length), version: detail.ModelPackageVersion };
  return { what, ...named, arn: arnOf(from, named) };
}

const WHAT: Readonly<Record<string, Asked['what'] | undefined>> = { Approved: 'promote', Rejected: 'withdraw' };

/** Made from the settings, not from the event: whoever may put events cannot choose what is read. */
function arnOf(from: SourceEnvironment, { model, version }: { model: string; version: string }): string {
  const { partition, region, account } = from;
  return `arn:${partition}:sagemaker:${region}:${account}:model-package/${groupPrefix(from)}${model}/${version}`;
}

function groupPrefix({ environmentName }: SourceEnvironment): string {
  return `mlops-${environmentName}-`;
}
