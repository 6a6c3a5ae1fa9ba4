import type { RequestContext } from '../names';
import type { VariantConfig } from './endpoint-configs';

/** A variant as a deployment wants it. */
export interface WantedVariant {
  readonly config: VariantConfig;
  readonly weight: number;
  readonly instanceCount: number;
}

/** What a fleet is made for. */
export interface FleetPlan {
  readonly endpointName: string;
  readonly configName: string;
  /** Tells the fleets of one endpoint apart. */
  readonly deployment: number;
  readonly variants: readonly WantedVariant[];
  readonly context: RequestContext;
}
