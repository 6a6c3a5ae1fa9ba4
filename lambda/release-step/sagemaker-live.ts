import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointOutput,
  type PendingDeploymentSummary,
  type ProductionVariant,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { ifExists } from '../shared/sagemaker-errors';
import { SERVING_VARIANT, STANDBY_VARIANT } from '../shared/variants';
import { answering, deploymentOf, liveVariants, type LiveVariant } from './sagemaker-layout';
import { parseDeploymentName } from './sagemaker-names';
import type { Deployment } from './serving-target';

/** Stands for the version of what no release made, and of requests that are split. */
export const UNKNOWN_VERSION = 'unknown';

/** An endpoint as it is, read anew each time. */
export class LiveEndpoint {
  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly endpointName: string,
  ) {}

  describe(): Promise<DescribeEndpointOutput | undefined> {
    return ifExists(() => this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: this.endpointName })));
  }

  /** Its variants with the models that they run, the shadow last. */
  async variants(endpoint: DescribeEndpointOutput): Promise<LiveVariant[]> {
    const { production, shadows } = await this.configured(endpoint.EndpointConfigName);
    return [
      ...liveVariants(endpoint.ProductionVariants ?? [], production),
      ...liveVariants(endpoint.ShadowProductionVariants ?? [], shadows, true),
    ];
  }

  /** What gets copies of the requests. */
  async shadow(endpoint: DescribeEndpointOutput): Promise<Deployment | undefined> {
    if ((endpoint.ShadowProductionVariants ?? []).length === 0) return undefined;
    return deploymentOf(
      this.endpointName,
      (await this.variants(endpoint)).find(({ isShadow }) => isShadow),
    );
  }

  /** What answers. One variant alone is named by its config; of several, the one does that all requests reach. */
  async deployment(endpoint: DescribeEndpointOutput): Promise<Deployment | undefined> {
    const { EndpointConfigName: configName } = endpoint;
    if (configName === undefined || isAlone(endpoint)) return this.named(configName);
    return (
      deploymentOf(this.endpointName, answering(await this.variants(endpoint))) ?? {
        id: configName,
        version: UNKNOWN_VERSION,
      }
    );
  }

  /** What it is on the way to; nothing if no other config is to serve. */
  async pending({ PendingDeploymentSummary: summary }: DescribeEndpointOutput): Promise<Deployment | undefined> {
    const configName = summary?.EndpointConfigName;
    if (configName === undefined || isAlone(summary)) return this.named(configName);
    const { production } = await this.configured(configName);
    const serving = production.find(({ VariantName }) => VariantName === SERVING_VARIANT);
    return this.named(serving?.ModelName ?? configName);
  }

  /** Names of the configs and models that it serves with, or is about to. */
  async inUse(): Promise<Set<string>> {
    const endpoint = await this.describe();
    const configs = [endpoint?.EndpointConfigName, endpoint?.PendingDeploymentSummary?.EndpointConfigName];
    const used = new Set<string>();
    for (const config of configs.filter(name => name !== undefined)) {
      used.add(config);
      const { production, shadows } = await this.configured(config);
      for (const { ModelName: model } of [...production, ...shadows]) used.add(model ?? '');
    }
    return used;
  }

  private async configured(
    configName: string | undefined,
  ): Promise<{ production: ProductionVariant[]; shadows: ProductionVariant[] }> {
    const config = await ifExists(() =>
      this.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: configName })),
    );
    return { production: config?.ProductionVariants ?? [], shadows: config?.ShadowProductionVariants ?? [] };
  }

  /** An endpoint that somebody moved by hand serves something that no release made. */
  private named(name: string | undefined): Deployment | undefined {
    if (name === undefined) return undefined;
    return parseDeploymentName(this.endpointName, name) ?? { id: name, version: UNKNOWN_VERSION };
  }
}

/** Whether all requests reach the standby, as a warm way back leaves it. */
export function isOnStandby({ ProductionVariants: production }: DescribeEndpointOutput): boolean {
  const weighted = (production ?? []).filter(({ CurrentWeight: weight }) => (weight ?? 0) > 0);
  return weighted.length === 1 && weighted[0]?.VariantName === STANDBY_VARIANT;
}

/** Instances of all its variants, and of the fleet that is to come; nothing while SageMaker says of none. */
export function instancesOf(endpoint: DescribeEndpointOutput): number | undefined {
  const counts = [endpoint, endpoint.PendingDeploymentSummary].flatMap(fleet =>
    [...(fleet?.ProductionVariants ?? []), ...(fleet?.ShadowProductionVariants ?? [])].flatMap(
      ({ CurrentInstanceCount: count }) => count ?? [],
    ),
  );
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

/** Whether there is one variant and nothing beside it, so that its config has the name of its deployment. */
function isAlone(
  variants:
    | Pick<DescribeEndpointOutput, 'ProductionVariants' | 'ShadowProductionVariants'>
    | PendingDeploymentSummary
    | undefined,
): boolean {
  const { ProductionVariants: production, ShadowProductionVariants: shadows } = variants ?? {};
  return (production ?? []).length < 2 && (shadows ?? []).length === 0;
}
