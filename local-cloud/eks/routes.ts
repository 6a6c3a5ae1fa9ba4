import type { KubernetesObject } from './cluster-api';

/** What is read of an HTTPRoute. */
export interface HttpRoute extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly namespace: string; readonly generation?: number };
  readonly spec: {
    readonly parentRefs?: readonly { readonly name: string; readonly namespace?: string }[];
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

/** The rule for a path: of all that match, the one with the longest prefix, an exact one before it. */
export function ruleFor(routes: readonly HttpRoute[], path: string): { route: HttpRoute; rule: RouteRule } | undefined {
  const found = routes.flatMap(route =>
    (route.spec.rules ?? []).flatMap(rule => {
      const lengths = (rule.matches ?? [{}]).map(({ path: match }) => matched(match, path));
      const best = Math.max(...lengths);
      return best < 0 ? [] : [{ route, rule, best }];
    }),
  );
  return found.sort((one, other) => other.best - one.best)[0];
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

function matched(match: { readonly type?: string; readonly value?: string } | undefined, path: string): number {
  const { type = 'PathPrefix', value = '/' } = match ?? {};
  if (type === 'Exact') return value === path ? Number.MAX_SAFE_INTEGER : -1;
  if (type !== 'PathPrefix') return -1;
  // by elements of the path: /v2/models/rain is no prefix of /v2/models/rainfall
  const prefix = value.replace(/\/$/, '');
  return path === prefix || path.startsWith(`${prefix}/`) ? prefix.length : -1;
}
