import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  paginateListModelPackages,
  type CreateModelPackageCommandInput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { AwsPlace } from '../shared/aws-place';
import { ifExists } from '../shared/sagemaker-errors';
import type { RegisteredVersion, Registry } from './ports';

/** SageMaker's Model Registry. */
export class SageMakerRegistry implements Registry {
  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly place: AwsPlace,
  ) {}

  version(group: string, version: string): Promise<RegisteredVersion | undefined> {
    const { partition, region, account } = this.place;
    return this.describe(`arn:${partition}:sagemaker:${region}:${account}:model-package/${group}/${version}`);
  }

  async madeSince(group: string, since: Date): Promise<RegisteredVersion[]> {
    const versions: RegisteredVersion[] = [];
    for await (const page of paginateListModelPackages(
      { client: this.sagemaker },
      { ModelPackageGroupName: group, CreationTimeAfter: since, SortBy: 'CreationTime', SortOrder: 'Descending' },
    )) {
      for (const { ModelPackageArn: arn } of page.ModelPackageSummaryList ?? []) {
        const version = arn === undefined ? undefined : await this.describe(arn);
        if (version !== undefined) versions.push(version);
      }
    }
    return versions;
  }

  async create(request: CreateModelPackageCommandInput): Promise<string> {
    const answer = await this.sagemaker.send(new CreateModelPackageCommand(request));
    if (answer.ModelPackageArn === undefined) {
      throw new Error(`SageMaker answered no ARN for a version of group '${request.ModelPackageGroupName ?? ''}'`);
    }
    return answer.ModelPackageArn;
  }

  private describe(arn: string): Promise<RegisteredVersion | undefined> {
    return ifExists(async () => {
      const answer = await this.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
      const modelDataUri = answer.InferenceSpecification?.Containers?.[0]?.ModelDataUrl;
      return {
        modelPackageArn: answer.ModelPackageArn ?? arn,
        ...(modelDataUri === undefined ? {} : { modelDataUri }),
        properties: answer.CustomerMetadataProperties ?? {},
      };
    });
  }
}
