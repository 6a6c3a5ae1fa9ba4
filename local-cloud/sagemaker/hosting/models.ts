import type {
  ContainerDefinition,
  CreateModelCommandInput,
  DeleteModelCommandInput,
  DescribeModelCommandInput,
  ListModelsCommandInput,
} from '@aws-sdk/client-sagemaker';
import { isRefusal } from '../aws/access';
import { objectExists, parseS3Uri } from '../aws/s3-transfer';
import { stateChange } from '../aws/state-change';
import { notImplemented, validationException } from '../errors';
import { arnOf, type RequestContext } from '../names';
import type { Operations } from '../operations';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import { Collection } from '../store/collection';
import { listPage } from '../store/listing';
import { without } from '../store/without';

type CreateRequest = Checked<CreateModelCommandInput>;

/** An image with its data and environment, and the role that it runs as. */
export interface Model {
  readonly name: string;
  readonly arn: string;
  readonly creationTime: Date;
  readonly roleArn: string;
  readonly container: Checked<ContainerDefinition>;
  readonly request: CreateRequest;
}

/** Models: create, describe, list, delete. */
export class Models {
  private readonly models = new Collection<Model>();

  public readonly operations: Operations = {
    CreateModel: (input: CreateRequest, context) => this.create(input, context),
    DescribeModel: (input: Checked<DescribeModelCommandInput>, context) => {
      const { request, arn, creationTime } = this.existing(input.ModelName, context);
      return {
        ...without(request, 'Tags'),
        ModelArn: arn,
        CreationTime: creationTime,
        EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
      };
    },
    DeleteModel: (input: Checked<DeleteModelCommandInput>, context) => {
      const model = this.existing(input.ModelName, context);
      this.models.remove(context, model.name);
      this.platform.tags.remove(model.arn);
      this.tell(model, context);
      return {};
    },
    ListModels: (input: Checked<ListModelsCommandInput>, context) => {
      const page = listPage(this.models.all(context), input, { sortBy: 'CreationTime', sortOrder: 'Descending' });
      return {
        Models: page.items.map(model => ({
          ModelName: model.name,
          ModelArn: model.arn,
          CreationTime: model.creationTime,
        })),
        NextToken: page.nextToken,
      };
    },
  };

  constructor(private readonly platform: Platform) {}

  /** The model of that name; refused when there is none. */
  public existing(name: string, context: RequestContext): Model {
    const model = this.models.find(context, name);
    if (model === undefined) {
      throw validationException(`Could not find model "${arnOf(context, 'model', name)}".`);
    }
    return model;
  }

  private async create(input: CreateRequest, context: RequestContext): Promise<object> {
    const name = input.ModelName;
    const arn = arnOf(context, 'model', name);
    const container = onlyContainer(input);
    const roleArn = input.ExecutionRoleArn;
    if (roleArn === undefined) {
      throw validationException("'ExecutionRoleArn' must be given");
    }
    this.checkFree(name, arn, context);
    await this.checkData(container, roleArn, context);
    // another request may have taken the name meanwhile
    this.checkFree(name, arn, context);
    const model = { name, arn, creationTime: this.platform.clock.now(), roleArn, container, request: input };
    this.models.put(context, model);
    this.platform.tags.create(arn, input.Tags);
    this.tell(model, context);
    return { ModelArn: arn };
  }

  private checkFree(name: string, arn: string, context: RequestContext): void {
    if (this.models.find(context, name) !== undefined) {
      throw validationException(`Cannot create already existing model "${arn}".`);
    }
  }

  /** SageMaker looks for the data at once, with the rights of the model's role. */
  private async checkData(
    container: Checked<ContainerDefinition>,
    roleArn: string,
    context: RequestContext,
  ): Promise<void> {
    const credentials = await this.platform.aws.assumeRole(roleArn, context);
    const uri = modelDataUri(container);
    if (uri === undefined) {
      return;
    }
    const s3 = this.platform.aws.s3(credentials, context.region);
    try {
      if (!(await objectExists(s3, parseS3Uri(uri)))) {
        throw validationException(`Could not find model data at ${uri}.`);
      }
    } catch (error) {
      if (isRefusal(error)) {
        throw validationException(
          `Could not access model data at ${uri}. Please ensure that the role "${roleArn}" exists and that its trust ` +
            `relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". ` +
            `Also ensure that the role has "s3:GetObject" permissions and that the object is located in ${context.region}.`,
        );
      }
      throw error;
    } finally {
      s3.destroy();
    }
  }

  private tell(model: Model, context: RequestContext): void {
    this.platform.events.emit(
      context,
      stateChange('SageMaker Model State Change', model.arn, {
        ...without(model.request, 'Tags'),
        ModelArn: model.arn,
        CreationTime: model.creationTime,
        Tags: this.platform.tags.asRecord(model.arn),
      }),
    );
  }
}

/** Where a container's `model.tar.gz` lies. */
export function modelDataUri(container: Checked<ContainerDefinition>): string | undefined {
  return container.ModelDataUrl ?? container.ModelDataSource?.S3DataSource?.S3Uri;
}

function onlyContainer(input: CreateRequest): Checked<ContainerDefinition> {
  const containers = [
    ...(input.PrimaryContainer === undefined ? [] : [input.PrimaryContainer]),
    ...(input.Containers ?? []),
  ];
  if (input.PrimaryContainer !== undefined && input.Containers !== undefined) {
    throw validationException("give either 'PrimaryContainer' or 'Containers', not both");
  }
  const container = containers.at(0);
  if (container === undefined) {
    throw validationException("'PrimaryContainer' must be given");
  }
  if (containers.length > 1) {
    throw notImplemented("more than one entry in 'Containers' of 'CreateModel' (inference pipelines)");
  }
  if (container.Image === undefined) {
    throw validationException("'PrimaryContainer.Image' must be given");
  }
  if (container.ModelDataUrl !== undefined && container.ModelDataSource !== undefined) {
    throw validationException("give either 'ModelDataUrl' or 'ModelDataSource', not both");
  }
  return container;
}
