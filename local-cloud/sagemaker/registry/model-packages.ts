import type {
  DeleteModelPackageCommandInput,
  DescribeModelPackageCommandInput,
  ListModelPackagesCommandInput,
} from '@aws-sdk/client-sagemaker';
import { registryChange } from '../aws/state-change';
import { notImplemented, validationException } from '../errors';
import { arnOf, nameFromArn, type RequestContext } from '../names';
import type { Operations } from '../operations';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import { listPage } from '../store/listing';
import { type CreateRequest, ModelPackage, type UpdateRequest } from './model-package';
import type { ModelPackageGroups } from './model-package-groups';
import { without } from '../store/without';

/** Model packages in a group: create, describe, update, list, delete. */
export class ModelPackages {
  public readonly operations: Operations = {
    CreateModelPackage: (input: CreateRequest, context) => this.create(input, context),
    DescribeModelPackage: (input: Checked<DescribeModelPackageCommandInput>, context) => {
      const { ModelCard: card, ...described } = this.existing(input.ModelPackageName, context).describe();
      // only the metadata: the card is what can be large
      return input.IncludedData === 'MetadataOnly' ? described : { ...described, ModelCard: card };
    },
    UpdateModelPackage: (input: UpdateRequest, context) => this.update(input, context),
    DeleteModelPackage: (input: Checked<DeleteModelPackageCommandInput>, context) => {
      const version = this.existing(input.ModelPackageName, context);
      this.groups.existing(version.groupName, context).packages.delete(version.version);
      this.platform.tags.remove(version.arn);
      return {};
    },
    ListModelPackages: (input: Checked<ListModelPackagesCommandInput>, context) => this.list(input, context),
  };

  constructor(
    private readonly platform: Platform,
    private readonly groups: ModelPackageGroups,
  ) {}

  private create(input: CreateRequest, context: RequestContext): object {
    if (input.ModelPackageGroupName === undefined) {
      throw notImplemented("a model package without 'ModelPackageGroupName'; register it as a version in a group");
    }
    if (input.InferenceSpecification?.Containers.some(container => container.Image === undefined) === true) {
      throw validationException("each container of 'InferenceSpecification' must have an 'Image'");
    }
    const group = this.groups.existing(input.ModelPackageGroupName, context);
    // every SDK sends a token and sends it again when it tries again: that is the same version
    const made = [...group.packages.values()].find(version => version.isMadeBy(input));
    if (made !== undefined) {
      return { ModelPackageArn: made.arn };
    }
    const number = ++group.lastVersion;
    const arn = arnOf(context, 'model-package', `${group.name}/${number}`);
    const version = new ModelPackage(group.name, number, arn, input, this.platform.clock);
    group.packages.set(number, version);
    this.platform.tags.create(arn, input.Tags);
    this.tell(version, context);
    return { ModelPackageArn: arn };
  }

  private update(input: UpdateRequest, context: RequestContext): object {
    const version = this.existing(input.ModelPackageArn, context);
    version.update(input);
    this.tell(version, context);
    return { ModelPackageArn: version.arn };
  }

  private list(input: Checked<ListModelPackagesCommandInput>, context: RequestContext): object {
    const group = input.ModelPackageGroupName;
    const groups = group === undefined ? this.groups.all(context) : [this.groups.existing(group, context)];
    // every version here lies in a group; without one, AWS lists those that do not
    const type = input.ModelPackageType ?? (group === undefined ? 'Unversioned' : 'Versioned');
    const all = type === 'Unversioned' ? [] : groups.flatMap(({ packages }) => [...packages.values()]);
    const { ModelApprovalStatus: status } = input;
    const wanted = status === undefined ? all : all.filter(version => version.approvalStatus === status);
    const page = listPage(
      wanted.map(version => ({ name: sortableName(version), creationTime: version.creationTime, version })),
      input,
      { sortBy: 'CreationTime', sortOrder: 'Ascending' },
    );
    return {
      ModelPackageSummaryList: page.items.map(({ version }) => version.summary()),
      NextToken: page.nextToken,
    };
  }

  private existing(nameOrArn: string, context: RequestContext): ModelPackage {
    const [groupName = '', number = ''] = nameFromArn(nameOrArn).split('/');
    const missing = validationException(
      `ModelPackage ${arnOf(context, 'model-package', nameFromArn(nameOrArn))} does not exist.`,
    );
    const group = this.groups.all(context).find(({ name }) => name.toLowerCase() === groupName.toLowerCase());
    const version = group?.packages.get(Number(number));
    if (version === undefined) {
      throw missing;
    }
    return version;
  }

  private tell(version: ModelPackage, context: RequestContext): void {
    // AWS shows no event with a card, whose content its API keeps out of logs: nobody may come to rely on it here
    const detail = without(version.describe(), 'CreatedBy', 'LastModifiedBy', 'ModelCard');
    this.platform.events.emit(
      context,
      registryChange('SageMaker Model Package State Change', version.arn, {
        ...detail,
        Tags: this.platform.tags.asRecord(version.arn),
      }),
    );
  }
}

/** Versions made within one millisecond sort by number, not by its digits. */
function sortableName(version: ModelPackage): string {
  return `${version.groupName}/${String(version.version).padStart(9, '0')}`;
}
