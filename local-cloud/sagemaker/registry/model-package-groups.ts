import type {
  CreateModelPackageGroupCommandInput,
  DeleteModelPackageGroupCommandInput,
  DeleteModelPackageGroupPolicyCommandInput,
  DescribeModelPackageGroupCommandInput,
  DescribeModelPackageGroupCommandOutput,
  GetModelPackageGroupPolicyCommandInput,
  ListModelPackageGroupsCommandInput,
  PutModelPackageGroupPolicyCommandInput,
} from '@aws-sdk/client-sagemaker';
import { conflictException, validationException } from '../errors';
import { arnOf, nameFromArn, type RequestContext } from '../names';
import type { Operations } from '../operations';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import { Collection } from '../store/collection';
import { listPage } from '../store/listing';
import type { ModelPackage } from './model-package';
import { without } from '../store/without';

/** A named line of model versions. */
export interface ModelPackageGroup {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly creationTime: Date;
  /** By version. */
  readonly packages: Map<number, ModelPackage>;
  /** Who else may do what with it, as JSON; kept and given back, since other accounts are not checked here. */
  policy: string | undefined;
  /** The last number given; numbers of deleted versions are not given again. */
  lastVersion: number;
}

/** Model package groups: create, describe, list, delete. */
export class ModelPackageGroups {
  private readonly groups = new Collection<ModelPackageGroup>();

  public readonly operations: Operations = {
    CreateModelPackageGroup: (input: Checked<CreateModelPackageGroupCommandInput>, context) =>
      this.create(input, context),
    DescribeModelPackageGroup: (input: Checked<DescribeModelPackageGroupCommandInput>, context) =>
      describe(this.existing(input.ModelPackageGroupName, context)),
    DeleteModelPackageGroup: (input: Checked<DeleteModelPackageGroupCommandInput>, context) => {
      this.delete(input.ModelPackageGroupName, context);
      return {};
    },
    PutModelPackageGroupPolicy: (input: Checked<PutModelPackageGroupPolicyCommandInput>, context) => {
      const group = this.existing(input.ModelPackageGroupName, context);
      checkPolicy(input.ResourcePolicy);
      group.policy = input.ResourcePolicy;
      return { ModelPackageGroupArn: group.arn };
    },
    GetModelPackageGroupPolicy: (input: Checked<GetModelPackageGroupPolicyCommandInput>, context) => ({
      ResourcePolicy: this.policyOf(this.existing(input.ModelPackageGroupName, context)),
    }),
    DeleteModelPackageGroupPolicy: (input: Checked<DeleteModelPackageGroupPolicyCommandInput>, context) => {
      const group = this.existing(input.ModelPackageGroupName, context);
      this.policyOf(group);
      group.policy = undefined;
      return {};
    },
    ListModelPackageGroups: (input: Checked<ListModelPackageGroupsCommandInput>, context) => {
      const page = listPage(this.groups.all(context), input, { sortBy: 'CreationTime', sortOrder: 'Ascending' });
      return {
        ModelPackageGroupSummaryList: page.items.map(group => without(describe(group), 'CreatedBy')),
        NextToken: page.nextToken,
      };
    },
  };

  constructor(private readonly platform: Platform) {}

  /** The group of that name or ARN; refused when there is none. */
  public existing(nameOrArn: string, context: RequestContext): ModelPackageGroup {
    const name = nameFromArn(nameOrArn);
    const group = this.groups.find(context, name);
    if (group === undefined) {
      throw validationException(`ModelPackageGroup ${arnOf(context, 'model-package-group', name)} does not exist.`);
    }
    return group;
  }

  /** Every group of the caller's account and region. */
  public all(context: RequestContext): ModelPackageGroup[] {
    return this.groups.all(context);
  }

  private policyOf(group: ModelPackageGroup): string {
    if (group.policy === undefined) {
      throw validationException(`Cannot find Model Package Group: ${group.arn} policy`);
    }
    return group.policy;
  }

  private create(input: Checked<CreateModelPackageGroupCommandInput>, context: RequestContext): object {
    const name = input.ModelPackageGroupName;
    const arn = arnOf(context, 'model-package-group', name);
    if (this.groups.find(context, name) !== undefined) {
      throw validationException(`Model Package Group already exists: ${arn}`);
    }
    const description = input.ModelPackageGroupDescription;
    this.groups.put(context, {
      name,
      arn,
      ...(description !== undefined && { description }),
      creationTime: this.platform.clock.now(),
      packages: new Map(),
      policy: undefined,
      lastVersion: 0,
    });
    this.platform.tags.create(arn, input.Tags);
    return { ModelPackageGroupArn: arn };
  }

  private delete(nameOrArn: string, context: RequestContext): void {
    const group = this.existing(nameOrArn, context);
    if (group.packages.size > 0) {
      throw conflictException('Model Package Group cannot be deleted because it still contains Model Packages.');
    }
    this.groups.remove(context, group.name);
    this.platform.tags.remove(group.arn);
  }
}

/** AWS reads the policy when it is put, and refuses what is no policy. */
function checkPolicy(text: string): void {
  let statements: unknown;
  try {
    statements = (JSON.parse(text) as { readonly Statement?: unknown } | null)?.Statement;
  } catch {
    statements = undefined;
  }
  const all = Array.isArray(statements) ? statements : [statements];
  const fits = all.every(
    (one: unknown) =>
      typeof one === 'object' && one !== null && 'Effect' in one && 'Principal' in one && 'Action' in one,
  );
  if (!fits) {
    throw validationException(
      "Invalid resource policy: 'ResourcePolicy' must be a policy document whose statements each have 'Effect', " +
        "'Principal' and 'Action'",
    );
  }
}

function describe(group: ModelPackageGroup): Omit<DescribeModelPackageGroupCommandOutput, '$metadata'> {
  return {
    ModelPackageGroupName: group.name,
    ModelPackageGroupArn: group.arn,
    ModelPackageGroupDescription: group.description,
    CreationTime: group.creationTime,
    // who asked is not known here; AWS, too, leaves it empty for callers outside of Studio
    CreatedBy: {},
    ModelPackageGroupStatus: 'Completed',
  };
}
