import type { KubernetesObject } from './cluster-api';

/** What is read of an HTTPRoute. */
export interface HttpRoute extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly namespace: string; readonly generation?: number };
  readonly spec: {
    readonly parentRefs?: readonly { readonly name: string; readonly namespace?: string }[];
    readonly hostnames?: readonly string[];
    readonly rules?: readonly RouteRule[];
  };
}

/** A reference to a Service's port. */
export interface BackendRef {
  readonly name: string;
  readonly port?: number;
  readonly weight?: number;
}

/** One rule of it. */
export interface RouteRule {
  readonly matches?: readonly { readonly path?: { readonly type?: string; readonly value?: string } }[];
  readonly filters?: readonly { readonly type: string; readonly requestMirror?: { readonly backendRef: BackendRef } }[];
  readonly backendRefs?: readonly BackendRef[];
}

/** The name by which a caller asks, of its header `host`. */
export function hostOf(header = ''): string {
  return header.replace(/:\d+$/, '');
}

/** What a caller asks for. */
export interface Asked {
  /** Name by which it asks, without a port. */
  readonly host: string;
  readonly path: string;
}

/**
 * The rule for a request: of the routes of the most exact name that fits, the one with the longest prefix of the path, an
 * exact one before it.
 */
export function ruleFor(
  routes: readonly HttpRoute[],
  { host, path }: Asked,
): { route: HttpRoute; rule: RouteRule } | undefined {
  const all = routes.flatMap(route => {
    const { hostnames, rules = [] } = route.spec;
    const named = Math.max(...(hostnames?.length ? hostnames : ['']).map(hostname => fittingHost(hostname, host)));
    return rules.flatMap(rule => {
      const best = Math.max(...(rule.matches ?? [{}]).map(({ path: match }) => matched(match, path)));
      return named < 0 ? [] : [{ route, rule, named, best }];
    });
  });
  // a route of a less exact name gets none of the paths of a more exact one
  const exactest = Math.max(...all.map(({ named }) => named));
  return all
    .filter(({ named, best }) => named === exactest && best >= 0)
    .sort((one, other) => other.best - one.best)[0];
}

/** A backend by weight; `draw` is from 0 up to, and without, 1. Nothing where none has a weight. */
export function draw(backends: readonly BackendRef[], drawn: number): BackendRef | undefined {
  const total = backends.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let left = drawn * total;
  return backends.find(({ weight = 1 }) => {
    left -= weight;
    return weight > 0 && left < 0;
  });
}

/** Who gets a copy of the requests. */
export function mirrorsOf({ filters = [] }: RouteRule): BackendRef[] {
  return filters.flatMap(({ requestMirror }) => (requestMirror === undefined ? [] : [requestMirror.backendRef]));
}

/** What of a route the gateway here cannot do. */
export function unsupportedFilters({ spec }: HttpRoute): string[] {
  return (spec.rules ?? []).flatMap(({ filters = [] }) =>
    filters.flatMap(({ type }) => (type === 'RequestMirror' ? [] : [type])),
  );
}

/** How well a route's name fits: no name fits all, `*.` any beginning. */
function fittingHost(hostname: string, host: string): number {
  if (hostname === '') return 0;
  if (!hostname.startsWith('*.')) return hostname === host.toLowerCase() ? Number.MAX_SAFE_INTEGER : -1;
  return host.toLowerCase().endsWith(hostname.slice(1)) ? hostname.length : -1;
}

function matched(match: { readonly type?: string; readonly value?: string } | undefined, path: string): number {
  const { type = 'PathPrefix', value = '/' } = match ?? {};
  if (type === 'Exact') return value === path ? Number.MAX_SAFE_INTEGER : -1;
  if (type !== 'PathPrefix') return -1;
  // by elements of the path: /v2/models/rain is no prefix of /v2/models/rainfall
  const prefix = value.replace(/\/$/, '');
  return path === prefix || path.startsWith(`${prefix}/`) ? prefix.length : -1;
}
