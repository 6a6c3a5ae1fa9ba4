import type {
  CreateEndpointConfigCommandInput,
  DeleteEndpointConfigCommandInput,
  DescribeEndpointConfigCommandInput,
  DescribeEndpointConfigCommandOutput,
  ListEndpointConfigsCommandInput,
  ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { stateChange } from '../aws/state-change';
import { validationException } from '../errors';
import { arnOf, type RequestContext } from '../names';
import type { Operations } from '../operations';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import { Collection } from '../store/collection';
import { listPage } from '../store/listing';
import type { Model, Models } from './models';
import { without } from '../store/without';

type CreateRequest = Checked<CreateEndpointConfigCommandInput>;

/** A variant as its configuration asks for it. */
export interface VariantConfig {
  readonly name: string;
  readonly model: Model;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly weight: number;
  /** Gets copies of a production variant's requests, and nobody gets its answers. */
  readonly isShadow: boolean;
  readonly healthCheckSeconds?: number;
}

/** What an endpoint is to run. */
export interface EndpointConfig {
  readonly name: string;
  readonly arn: string;
  readonly creationTime: Date;
  readonly request: CreateRequest;
}

/** Endpoint configurations: create, describe, list, delete. */
export class EndpointConfigs {
  private readonly configs = new Collection<EndpointConfig>();

  public readonly operations: Operations = {
    CreateEndpointConfig: (input: CreateRequest, context) => this.create(input, context),
    DescribeEndpointConfig: (input: Checked<DescribeEndpointConfigCommandInput>, context) => {
      const config = this.existing(input.EndpointConfigName, context);
      return { ...describe(config), EnableNetworkIsolation: config.request.EnableNetworkIsolation ?? false };
    },
    DeleteEndpointConfig: (input: Checked<DeleteEndpointConfigCommandInput>, context) => {
      const config = this.existing(input.EndpointConfigName, context);
      this.configs.remove(context, config.name);
      this.platform.tags.remove(config.arn);
      this.tell(config, context);
      return {};
    },
    ListEndpointConfigs: (input: Checked<ListEndpointConfigsCommandInput>, context) => {
      const page = listPage(this.configs.all(context), input, { sortBy: 'CreationTime', sortOrder: 'Descending' });
      return {
        EndpointConfigs: page.items.map(config => ({
          EndpointConfigName: config.name,
          EndpointConfigArn: config.arn,
          CreationTime: config.creationTime,
        })),
        NextToken: page.nextToken,
      };
    },
  };

  constructor(
    private readonly platform: Platform,
    private readonly models: Models,
  ) {}

  /** The configuration of that name; refused when there is none. */
  public existing(name: string, context: RequestContext): EndpointConfig {
    const config = this.configs.find(context, name);
    if (config === undefined) {
      throw validationException(`Could not find endpoint configuration "${arnOf(context, 'endpoint-config', name)}".`);
    }
    return config;
  }

  /** The variants of a configuration with the models that they run; refused when a model is gone meanwhile. */
  public variants(config: EndpointConfig, context: RequestContext): VariantConfig[] {
    const { ProductionVariants: production, ShadowProductionVariants: shadow = [] } = config.request;
    return [
      ...production.map(variant => this.variant(variant, context, false)),
      ...shadow.map(variant => this.variant(variant, context, true)),
    ];
  }

  private create(input: CreateRequest, context: RequestContext): object {
    const name = input.EndpointConfigName;
    const arn = arnOf(context, 'endpoint-config', name);
    if (this.configs.find(context, name) !== undefined) {
      throw validationException(`Cannot create already existing endpoint configuration "${arn}".`);
    }
    const shadows = input.ShadowProductionVariants ?? [];
    if (shadows.length > 0 && (shadows.length > 1 || input.ProductionVariants.length > 1)) {
      throw validationException(
        "with 'ShadowProductionVariants' there can be one variant in 'ProductionVariants' and one in " +
          `'ShadowProductionVariants', got ${input.ProductionVariants.length} and ${shadows.length}`,
      );
    }
    const names = [...input.ProductionVariants, ...shadows].map(variant => variant.VariantName);
    const twice = names.find((variant, i) => names.indexOf(variant) !== i);
    if (twice !== undefined) {
      throw validationException(`Variant names must be unique, '${twice}' is given twice`);
    }
    shadows.forEach(variant => this.variant(variant, context, true));
    const variants = input.ProductionVariants.map(variant => this.variant(variant, context, false));
    if (variants.every(variant => variant.weight === 0)) {
      throw validationException("at least one variant must have an 'InitialVariantWeight' greater than 0");
    }
    // AWS writes the default weight into what it describes
    const withWeights = (list: CreateRequest['ProductionVariants']): CreateRequest['ProductionVariants'] =>
      list.map(variant => ({ ...variant, InitialVariantWeight: variant.InitialVariantWeight ?? 1 }));
    const config: EndpointConfig = {
      name,
      arn,
      creationTime: this.platform.clock.now(),
      request: {
        ...input,
        ProductionVariants: withWeights(input.ProductionVariants),
        ...(shadows.length > 0 && { ShadowProductionVariants: withWeights(shadows) }),
      },
    };
    this.configs.put(context, config);
    this.platform.tags.create(arn, input.Tags);
    this.tell(config, context);
    return { EndpointConfigArn: arn };
  }

  /** SageMaker tells of a configuration when it comes and when it goes; it does not change between. */
  private tell(config: EndpointConfig, context: RequestContext): void {
    const detail = { ...describe(config), Tags: this.platform.tags.asRecord(config.arn) };
    this.platform.events.emit(context, stateChange('SageMaker Endpoint Config State Change', config.arn, detail));
  }

  private variant(variant: Checked<ProductionVariant>, context: RequestContext, isShadow: boolean): VariantConfig {
    const { VariantName: name, ModelName: modelName, InstanceType: instanceType } = variant;
    if (modelName === undefined || instanceType === undefined || variant.InitialInstanceCount === undefined) {
      throw validationException(
        `variant '${name}' must have a 'ModelName', an 'InstanceType' and an 'InitialInstanceCount'`,
      );
    }
    const healthCheckSeconds = variant.ContainerStartupHealthCheckTimeoutInSeconds;
    return {
      name,
      model: this.models.existing(modelName, context),
      instanceType,
      instanceCount: variant.InitialInstanceCount,
      weight: variant.InitialVariantWeight ?? 1,
      isShadow,
      ...(healthCheckSeconds !== undefined && { healthCheckSeconds }),
    };
  }
}

function describe({
  request,
  arn,
  creationTime,
}: EndpointConfig): Omit<DescribeEndpointConfigCommandOutput, '$metadata'> {
  return { ...without(request, 'Tags'), EndpointConfigArn: arn, CreationTime: creationTime };
}
