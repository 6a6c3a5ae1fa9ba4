import type { Manifest } from './manifest';

/** Name of a cluster's Gateway, of its class and of what belongs to it. */
export const GATEWAY_NAME = 'mlops';
/** Where it is; nothing else is there. */
export const GATEWAY_NAMESPACE = 'mlops-gateway';

/** What runs a cluster's Gateway, as far as the Gateway depends on it. */
export interface GatewayController {
  /** By which it knows its classes. */
  readonly controllerName: string;
  /** The Gateway's `infrastructure`, where the controller must be told something. */
  readonly infrastructure?: Manifest;
  /** What must be in the Gateway's namespace before it, by the ids of their constructs. */
  readonly objects: Readonly<Record<string, Manifest>>;
  /** Where the pods are through which requests come, if it is pods. */
  readonly proxyNamespace?: string;
}
