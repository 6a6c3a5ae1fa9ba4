import type {
  ProductionVariant,
  ProductionVariantInstanceType,
  ProductionVariantSummary,
} from '@aws-sdk/client-sagemaker';
import type { ServingSettings } from '../shared/contracts';
import { SERVING_VARIANT, SHADOW_VARIANT, STANDBY_VARIANT } from '../shared/variants';
import { deploymentName, parseDeploymentName } from './sagemaker-names';
import type { Deployment, ServingSince } from './serving-target';

/** What an endpoint config holds. */
export interface Layout {
  readonly configName: string;
  readonly variants: readonly ProductionVariant[];
  /** Variants that get copies of the requests; there may be one, and then one variant that answers. */
  readonly shadows?: readonly ProductionVariant[];
}

/** Whether the model's settings ask for a warm standby. */
export function wantsStandby(settings: Pick<ServingSettings, 'warmStandbySeconds'>): boolean {
  return (settings.warmStandbySeconds ?? 0) > 0;
}

/** The variant that serves, of whatever version; what it is made of gives a deployment its name. */
export function servingVariant(settings: ServingSettings): ProductionVariant {
  return {
    VariantName: SERVING_VARIANT,
    InstanceType: settings.instanceType as ProductionVariantInstanceType,
    InitialInstanceCount: settings.instanceCount,
    InitialVariantWeight: 1,
  };
}

/**
 * The endpoint config of a deployment. With a warm standby every config has both variants, because the names must not
 * change from one to the next; where there is no previous version to keep, one instance of the same holds the place.
 */
export function layoutOf(deployment: Deployment, settings: ServingSettings): Layout {
  const serving = { ...servingVariant(settings), ModelName: deployment.id };
  if (!wantsStandby(settings)) return { configName: deployment.id, variants: [serving] };
  const standby = deployment.standby ?? deployment.id;
  return {
    configName: deploymentName(settings.endpointName, deployment.version, { serving: deployment.id, standby }),
    variants: [
      serving,
      {
        ...serving,
        VariantName: STANDBY_VARIANT,
        ModelName: standby,
        InitialInstanceCount: deployment.standby === undefined ? 1 : settings.instanceCount,
        InitialVariantWeight: 0,
      },
    ],
  };
}

/**
 * The endpoint config in which a deployment shadows what serves. It bears the name of what serves, which stays as it is, in
 * type and number of its instances as well; the shadow has as many, since it gets as many requests.
 */
export function shadowLayout(
  serving: LiveVariant & { readonly deployment: Deployment },
  shadow: Deployment,
  settings: ServingSettings,
): Layout {
  const instances = Math.max(1, serving.instances);
  const variants = [
    {
      ...servingVariant(settings),
      ModelName: serving.deployment.id,
      InstanceType: (serving.instanceType ?? settings.instanceType) as ProductionVariantInstanceType,
      InitialInstanceCount: instances,
    },
  ];
  const shadows = [
    {
      ...servingVariant(settings),
      VariantName: SHADOW_VARIANT,
      ModelName: shadow.id,
      InitialInstanceCount: instances,
      // in relation to the other's weight: a copy of every request
      InitialVariantWeight: 1,
    },
  ];
  const { kmsKeyArn } = settings;
  const makings = { variants, shadows, ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }) };
  return {
    configName: deploymentName(settings.endpointName, serving.deployment.version, makings),
    variants,
    shadows,
  };
}

/** A variant of a live endpoint with the model that it runs, which only the endpoint config tells. */
export interface LiveVariant {
  readonly name: string;
  readonly modelName: string | undefined;
  readonly instanceType: string | undefined;
  readonly weight: number;
  readonly instances: number;
  /** Whether it gets copies of requests, and nobody its answers. */
  readonly isShadow: boolean;
}

/** The variants of a live endpoint, as it and its config describe them. */
export function liveVariants(
  summaries: readonly ProductionVariantSummary[],
  configured: readonly ProductionVariant[],
  isShadow = false,
): LiveVariant[] {
  return summaries.map(({ VariantName: name = '', CurrentWeight, CurrentInstanceCount }) => {
    const variant = configured.find(({ VariantName }) => VariantName === name);
    return {
      name,
      modelName: variant?.ModelName,
      instanceType: variant?.InstanceType,
      weight: CurrentWeight ?? 0,
      instances: CurrentInstanceCount ?? 0,
      isShadow,
    };
  });
}

/** The one variant that all requests reach; nothing if they are split between several, as no release leaves them. */
export function answering(variants: readonly LiveVariant[]): LiveVariant | undefined {
  const weighted = variants.filter(({ weight, isShadow }) => weight > 0 && !isShadow);
  return weighted.length === 1 ? weighted[0] : undefined;
}

/** The deployment that a variant runs. */
export function deploymentOf(endpointName: string, variant: LiveVariant | undefined): Deployment | undefined {
  return variant?.modelName === undefined ? undefined : parseDeploymentName(endpointName, variant.modelName);
}

/** The standby, if it runs this deployment with as many instances as answer now: all traffic may go to it at once. */
export function warmStandby(variants: readonly LiveVariant[], deployment: Deployment): LiveVariant | undefined {
  const serving = answering(variants);
  const standby = variants.find(({ name }) => name === STANDBY_VARIANT);
  if (serving === undefined || standby === undefined || standby === serving) return undefined;
  return standby.modelName === deployment.id && standby.instances >= serving.instances ? standby : undefined;
}

/** Whether both have variants of the same names. */
export function sameVariants(variants: readonly LiveVariant[], layout: Layout): boolean {
  const names = (list: readonly (string | undefined)[]): string => [...list].sort().join();
  const wanted = [...layout.variants, ...(layout.shadows ?? [])];
  return names(variants.map(({ name }) => name)) === names(wanted.map(({ VariantName }) => VariantName));
}

/** Instances that the standby should have: as many as serve, as long as the version is young; then one, which is the least. */
export function standbyInstances(
  serving: LiveVariant,
  standby: LiveVariant,
  { settings, activatedAt, now }: { settings: ServingSettings } & ServingSince,
): number {
  if (standby.modelName === serving.modelName || activatedAt === undefined) return 1;
  const end = Date.parse(activatedAt) + (settings.warmStandbySeconds ?? 0) * 1000;
  return now.getTime() < end ? serving.instances : 1;
}
