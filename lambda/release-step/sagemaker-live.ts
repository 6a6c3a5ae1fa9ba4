import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointOutput,
  type ProductionVariant,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { ifExists } from '../shared/sagemaker-errors';
import { SERVING_VARIANT } from '../shared/variants';
import { answering, deploymentOf, liveVariants, type LiveVariant } from './sagemaker-layout';
import { parseDeploymentName } from './sagemaker-names';
import type { Deployment } from './serving-target';

/** An endpoint as it is, read anew each time. */
export class LiveEndpoint {
  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly endpointName: string,
  ) {}

  describe(): Promise<DescribeEndpointOutput | undefined> {
    return ifExists(() => this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: this.endpointName })));
  }

  /** Its variants with the models that they run. */
  async variants(endpoint: DescribeEndpointOutput): Promise<LiveVariant[]> {
    return liveVariants(endpoint.ProductionVariants ?? [], await this.configured(endpoint.EndpointConfigName));
  }

  /** What answers. One variant alone is named by its config; of several, the one does that all requests reach. */
  async deployment(endpoint: DescribeEndpointOutput): Promise<Deployment | undefined> {
    const { EndpointConfigName: configName, ProductionVariants: summaries = [] } = endpoint;
    if (configName === undefined || summaries.length < 2) return this.named(configName);
    return (
      deploymentOf(this.endpointName, answering(await this.variants(endpoint))) ?? {
        id: configName,
        version: 'unknown',
      }
    );
  }

  /** What it is on the way to; nothing if no other config is to serve. */
  async pending({ PendingDeploymentSummary: summary }: DescribeEndpointOutput): Promise<Deployment | undefined> {
    const configName = summary?.EndpointConfigName;
    if (configName === undefined || (summary?.ProductionVariants ?? []).length < 2) return this.named(configName);
    const serving = (await this.configured(configName)).find(({ VariantName }) => VariantName === SERVING_VARIANT);
    return this.named(serving?.ModelName ?? configName);
  }

  /** Names of the configs and models that it serves with, or is about to. */
  async inUse(): Promise<Set<string>> {
    const endpoint = await this.describe();
    const configs = [endpoint?.EndpointConfigName, endpoint?.PendingDeploymentSummary?.EndpointConfigName];
    const used = new Set<string>();
    for (const config of configs.filter(name => name !== undefined)) {
      used.add(config);
      for (const { ModelName: model } of await this.configured(config)) used.add(model ?? '');
    }
    return used;
  }

  private async configured(configName: string | undefined): Promise<ProductionVariant[]> {
    const config = await ifExists(() =>
      this.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: configName })),
    );
    return config?.ProductionVariants ?? [];
  }

  /** An endpoint that somebody moved by hand serves something that no release made. */
  private named(name: string | undefined): Deployment | undefined {
    if (name === undefined) return undefined;
    return parseDeploymentName(this.endpointName, name) ?? { id: name, version: 'unknown' };
  }
}
