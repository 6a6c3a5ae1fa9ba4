import type {
  CreateEndpointCommandInput,
  DeleteEndpointCommandInput,
  DescribeEndpointCommandInput,
  ListEndpointsCommandInput,
  UpdateEndpointCommandInput,
  UpdateEndpointWeightsAndCapacitiesCommandInput,
} from '@aws-sdk/client-sagemaker';
import { stateChange } from '../aws/state-change';
import { notImplemented, validationException } from '../errors';
import { checkQuota } from '../jobs/quota';
import { arnOf, type RequestContext } from '../names';
import type { Operations } from '../operations';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import { Collection } from '../store/collection';
import { listPage } from '../store/listing';
import { capacityChanges, changeCapacity } from './capacity-update';
import { Deployment } from './deployment';
import { type CheckedDeploymentConfig, planDeployment } from './deployment-policy';
import { Endpoint } from './endpoint';
import type { EndpointConfig, EndpointConfigs } from './endpoint-configs';
import type { WantedVariant } from './fleet-plan';

type CreateRequest = Checked<CreateEndpointCommandInput>;
type UpdateRequest = Checked<UpdateEndpointCommandInput>;
type UpdateCapacityRequest = Checked<UpdateEndpointWeightsAndCapacitiesCommandInput>;

/** Endpoints: create, update, describe, list, delete. */
export class Endpoints {
  private readonly endpoints = new Collection<Endpoint>();
  /** Deployments, changes and deletions that go on after their request is answered. */
  private readonly underWay = new Set<Promise<void>>();

  public readonly operations: Operations = {
    CreateEndpoint: (input: CreateRequest, context) => this.create(input, context),
    UpdateEndpoint: (input: UpdateRequest, context) => this.update(input, context),
    DescribeEndpoint: (input: Checked<DescribeEndpointCommandInput>, context) =>
      this.existing(input.EndpointName, context).describe(),
    DeleteEndpoint: (input: Checked<DeleteEndpointCommandInput>, context) => {
      this.delete(input.EndpointName, context);
      return {};
    },
    UpdateEndpointWeightsAndCapacities: (input: UpdateCapacityRequest, context) => this.updateCapacity(input, context),
    ListEndpoints: (input: Checked<ListEndpointsCommandInput>, context) => {
      const page = listPage(this.endpoints.all(context), input, { sortBy: 'CreationTime', sortOrder: 'Descending' });
      return {
        Endpoints: page.items.map(endpoint => ({
          EndpointName: endpoint.name,
          EndpointArn: endpoint.arn,
          CreationTime: endpoint.creationTime,
          LastModifiedTime: endpoint.lastModifiedTime,
          EndpointStatus: endpoint.status,
        })),
        NextToken: page.nextToken,
      };
    },
  };

  constructor(
    private readonly platform: Platform,
    private readonly configs: EndpointConfigs,
  ) {}

  /** The endpoint of that name; undefined when there is none. */
  public find(name: string, context: RequestContext): Endpoint | undefined {
    return this.endpoints.find(context, name);
  }

  /** Ends every endpoint, for the server's end; waits for nobody. */
  public async close(): Promise<void> {
    await Promise.all(
      this.endpoints.everywhere().map(async endpoint => {
        endpoint.ending.abort();
        await endpoint.fleet?.end();
      }),
    );
  }

  /** Resolves once nothing goes on any more; after `close`, with no process left to wait for. */
  public async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private create(input: CreateRequest, context: RequestContext): object {
    const name = input.EndpointName;
    const arn = arnOf(context, 'endpoint', name);
    if (this.endpoints.find(context, name) !== undefined) {
      throw validationException(`Cannot create already existing endpoint "${arn}".`);
    }
    const config = this.configs.existing(input.EndpointConfigName, context);
    const variants = this.wantedVariants(config, context);
    this.checkInstances(variants, context);
    const plan = planDeployment(checkedConfig(input.DeploymentConfig), largestVariant(variants));
    const endpoint = new Endpoint(name, arn, context, config.name, this.platform.clock);
    endpoint.lastDeploymentConfig = input.DeploymentConfig;
    this.endpoints.put(context, endpoint);
    this.platform.tags.create(arn, input.Tags);
    this.deploy(endpoint, { configName: config.name, variants, plan });
    return { EndpointArn: arn };
  }

  private update(input: UpdateRequest, context: RequestContext): object {
    const endpoint = this.existing(input.EndpointName, context);
    const config = this.configs.existing(input.EndpointConfigName, context);
    checkUpdatable(endpoint);
    checkRetained(input);
    const deploymentConfig =
      input.RetainDeploymentConfig === true ? endpoint.lastDeploymentConfig : checkedConfig(input.DeploymentConfig);
    const variants = retain(endpoint, input, this.wantedVariants(config, context));
    if (deploymentConfig !== undefined) {
      checkVariantNames(endpoint, variants);
    }
    this.checkInstances(variants, context);
    const plan = planDeployment(deploymentConfig, largestVariant(variants));
    endpoint.lastDeploymentConfig = deploymentConfig;
    endpoint.failureReason = undefined;
    endpoint.enter('Updating');
    this.deploy(endpoint, { configName: config.name, variants, plan });
    return { EndpointArn: endpoint.arn };
  }

  private updateCapacity(input: UpdateCapacityRequest, context: RequestContext): object {
    const endpoint = this.existing(input.EndpointName, context);
    checkUpdatable(endpoint);
    const { fleet } = endpoint;
    if (fleet === undefined) {
      throw new Error(`endpoint '${endpoint.name}' is InService and has no fleet`);
    }
    const changes = capacityChanges(endpoint, fleet, input.DesiredWeightsAndCapacities);
    this.checkQuota(
      changes.map(({ variant, desired }) => ({
        type: variant.config.instanceType,
        count: Math.max(0, desired.instanceCount - variant.instances.length),
      })),
      context,
    );
    endpoint.failureReason = undefined;
    endpoint.enter('Updating');
    this.tell(endpoint, 'status');
    this.goOn(endpoint, async () => {
      const gone = await changeCapacity(this.platform, endpoint, fleet, changes);
      if (endpoint.ending.signal.aborted) {
        // the server's end may have removed the files before the last of them was written
        await fleet.end();
        return;
      }
      endpoint.enter('InService');
      this.tell(endpoint, 'status');
      await fleet.release(gone);
    });
    return { EndpointArn: endpoint.arn };
  }

  private deploy(endpoint: Endpoint, wanted: ConstructorParameters<typeof Deployment>[2]): void {
    const deployment = new Deployment(this.platform, endpoint, wanted, kind => this.tell(endpoint, kind));
    this.goOn(endpoint, () => deployment.run());
  }

  /** Does what goes on after the answer; a failure there has no caller to tell, and must not end the server. */
  private goOn(endpoint: Endpoint, work: () => Promise<void>): void {
    const going = work()
      .catch((error: unknown) => {
        this.platform.reporter.warn(`work on endpoint '${endpoint.name}' did not end cleanly`, error);
      })
      .finally(() => this.underWay.delete(going));
    this.underWay.add(going);
  }

  private delete(name: string, context: RequestContext): void {
    const endpoint = this.existing(name, context);
    if (isChanging(endpoint)) {
      throw validationException(`Cannot update in-progress endpoint "${endpoint.arn}".`);
    }
    if (endpoint.status === 'Deleting') {
      return;
    }
    endpoint.enter('Deleting');
    endpoint.traffic.stop();
    this.tell(endpoint, 'status');
    this.goOn(endpoint, async () => {
      try {
        await endpoint.fleet?.retire();
      } finally {
        this.endpoints.remove(context, name);
        this.platform.tags.remove(endpoint.arn);
      }
    });
  }

  private existing(name: string, context: RequestContext): Endpoint {
    const endpoint = this.endpoints.find(context, name);
    if (endpoint === undefined) {
      throw validationException(`Could not find endpoint "${arnOf(context, 'endpoint', name)}".`);
    }
    return endpoint;
  }

  private wantedVariants(config: EndpointConfig, context: RequestContext): WantedVariant[] {
    return this.configs
      .variants(config, context)
      .map(variant => ({ config: variant, weight: variant.weight, instanceCount: variant.instanceCount }));
  }

  /** Both fleets of an update run side by side, so the new one counts on top. */
  private checkInstances(variants: readonly WantedVariant[], context: RequestContext): void {
    this.checkQuota(
      variants.map(({ config, instanceCount }) => ({ type: config.instanceType, count: instanceCount })),
      context,
    );
  }

  /** AWS has a quota for each type of instance. */
  private checkQuota(
    more: readonly { readonly type: string; readonly count: number }[],
    context: RequestContext,
  ): void {
    for (const type of new Set(more.map(one => one.type))) {
      const wanted = more.reduce((sum, one) => sum + (one.type === type ? one.count : 0), 0);
      const used = this.endpoints.all(context).reduce((sum, endpoint) => sum + endpoint.instancesInUse(type), 0);
      checkQuota(`${type} for endpoint usage`, this.platform.instanceQuota, used, wanted);
    }
  }

  private tell(endpoint: Endpoint, kind: 'status' | 'deployment'): void {
    const detail = {
      ...endpoint.describe(),
      // events write it so, unlike DescribeEndpoint
      EndpointStatus: endpoint.status.replace(/(?<=[a-z])[A-Z]/g, letter => `_${letter}`).toUpperCase(),
      Tags: this.platform.tags.asRecord(endpoint.arn),
    };
    const type = kind === 'status' ? 'SageMaker Endpoint State Change' : 'SageMaker Endpoint Deployment State Change';
    this.platform.events.emit(endpoint.context, stateChange(type, endpoint.arn, detail));
  }
}

function isChanging(endpoint: Endpoint): boolean {
  return ['Creating', 'Updating', 'SystemUpdating', 'RollingBack'].includes(endpoint.status);
}

function checkUpdatable(endpoint: Endpoint): void {
  if (isChanging(endpoint) || endpoint.status === 'Deleting') {
    throw validationException(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  if (endpoint.status !== 'InService') {
    throw validationException(
      `Cannot update endpoint "${endpoint.arn}" in status ${endpoint.status}, DeleteEndpoint is the only operation ` +
        'that can be performed on it.',
    );
  }
}

function checkedConfig(config: CheckedDeploymentConfig | undefined): CheckedDeploymentConfig | undefined {
  if (config?.RollingUpdatePolicy !== undefined) {
    throw notImplemented("'RollingUpdatePolicy' of 'DeploymentConfig'; use 'BlueGreenUpdatePolicy'");
  }
  return config;
}

function checkRetained(input: UpdateRequest): void {
  if (input.ExcludeRetainedVariantProperties !== undefined && input.RetainAllVariantProperties !== true) {
    throw validationException(
      "'ExcludeRetainedVariantProperties' can only be given when 'RetainAllVariantProperties' is true",
    );
  }
  if (input.RetainDeploymentConfig === true && input.DeploymentConfig !== undefined) {
    throw validationException("give either 'DeploymentConfig' or 'RetainDeploymentConfig', not both");
  }
}

/** Deployment guardrails work on variants of the same names only. */
function checkVariantNames(endpoint: Endpoint, variants: readonly WantedVariant[]): void {
  const names = (list: readonly string[]): string => [...list].sort().join(', ');
  const current = names((endpoint.fleet?.variants ?? []).map(variant => variant.config.name));
  const next = names(variants.map(variant => variant.config.name));
  if (current !== next) {
    throw validationException(
      `A deployment with 'DeploymentConfig' needs the variant names of the endpoint "${endpoint.arn}" (${current}) in the ` +
        `new endpoint configuration, got ${next}`,
    );
  }
}

/** Takes over weights and instance counts of the variants that serve now, where the request says so. */
function retain(endpoint: Endpoint, input: UpdateRequest, variants: readonly WantedVariant[]): WantedVariant[] {
  const excluded = (input.ExcludeRetainedVariantProperties ?? []).map(property => property.VariantPropertyType);
  return variants.map(variant => {
    const serving = endpoint.fleet?.variants.find(({ config }) => config.name === variant.config.name);
    if (serving === undefined || input.RetainAllVariantProperties !== true) {
      return variant;
    }
    return {
      config: variant.config,
      weight: excluded.includes('DesiredWeight') ? variant.weight : serving.weight,
      instanceCount: excluded.includes('DesiredInstanceCount') ? variant.instanceCount : serving.instances.length,
    };
  });
}

function largestVariant(variants: readonly WantedVariant[]): number {
  return Math.max(...variants.map(variant => variant.instanceCount));
}
