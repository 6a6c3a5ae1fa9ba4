import type { z } from 'zod';
import type { EksServingSettings } from '../shared/contracts';
import type { KubernetesObject, KubernetesReference } from '../shared/kubernetes-object';
import {
  DEPLOYMENT_LABEL,
  deploymentNamed,
  MODEL_LABEL,
  MOVEMENT_ANNOTATION,
  ROUTE_KIND,
  SERVICE_KIND,
  WENT_BACK_ANNOTATION,
} from './kubernetes-names';
import { movementSchema, shareOf, wentBackSchema, type Movement, type WentBack } from './kubernetes-movement';
import type { Deployment, Serving } from './serving-target';

/** A deployment that gets requests, and how many of them in relation to the others. */
export interface Backend {
  readonly id: string;
  readonly weight: number;
}

/** Who gets the requests of a model. */
export interface Traffic {
  readonly backends: readonly Backend[];
  /** Who gets copies of them. */
  readonly shadow?: string;
  readonly movement?: Movement;
  readonly wentBack?: WentBack;
}

/** How traffic stands in the cluster, and how it is read from there: in one object, so that it changes at once. */
export interface TrafficForm {
  readonly reference: KubernetesReference;
  /** Whether parts of the traffic may go to different versions, and copies of it. */
  readonly divides: boolean;
  object(traffic: Traffic): KubernetesObject;
  traffic(object: KubernetesObject): Traffic;
}

/** What a model's settings say of its traffic. */
export function trafficForm(settings: EksServingSettings, model: string): TrafficForm {
  return settings.traffic.type === 'gateway'
    ? routeForm(settings, settings.traffic, model)
    : serviceForm(settings, settings.traffic, model);
}

/** All traffic to one. */
export function allTo(id: string): Pick<Traffic, 'backends'> {
  return { backends: [{ id, weight: 100 }] };
}

/** All traffic to one; the other is named without a weight, so that what carries the traffic goes on to know its pods. */
export function allBeside(id: string, spare: string): Pick<Traffic, 'backends'> {
  return { backends: [{ id: spare, weight: 0 }, ...allTo(id).backends] };
}

/** The traffic without one that gets none of it; nothing if that one is in use. */
export function without(traffic: Traffic, id: string): Traffic | undefined {
  const backends = traffic.backends.filter(backend => backend.id !== id || backend.weight > 0);
  return inUse({ ...traffic, backends }).has(id) ? undefined : { ...traffic, backends };
}

/** Those who get requests, the one with the most of them first. */
export function byWeight({ backends }: Traffic): string[] {
  return backends
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ id }) => id);
}

/** Traffic in the midst of a movement. */
export function trafficOf(movement: Movement): Traffic {
  const share = shareOf(movement);
  return {
    backends: [
      { id: movement.from, weight: 100 - share },
      { id: movement.towards, weight: share },
    ],
    movement,
  };
}

/** The one who gets all requests; nothing if they are divided or nobody's. */
export function answering(traffic: Traffic): string | undefined {
  const weighted = byWeight(traffic);
  return weighted.length === 1 ? weighted[0] : undefined;
}

/** What serves, as the traffic says. */
export function servingOf(traffic: Traffic | undefined, model: string): Serving {
  if (traffic === undefined) return { state: 'absent' };
  const { movement, wentBack, shadow, backends } = traffic;
  const named = (id: string): Deployment => deploymentNamed(model, id);
  if (movement !== undefined) {
    const { from, towards } = movement;
    // nobody but the one who asks moves it, so it goes wherever it is told to
    return { state: 'moving', deployment: named(from), towards: named(towards), yields: true };
  }
  if (backends.every(({ weight }) => weight === 0)) return { state: 'absent' };
  const id = answering(traffic);
  return {
    state: 'serving',
    ...(id === undefined ? {} : { deployment: named(id) }),
    ...(shadow === undefined ? {} : { shadow: named(shadow) }),
    ...(wentBack === undefined ? {} : { reason: wentBack.reason }),
  };
}

/** All who may get a request, its copy, or will. */
export function inUse({ backends, shadow, movement }: Traffic): Set<string> {
  const ids = [...backends.map(({ id }) => id), shadow, movement?.from, movement?.towards];
  return new Set(ids.filter(id => id !== undefined));
}

/** An HTTPRoute; `rules` is one list with one owner. */
interface RouteObject extends KubernetesObject {
  readonly spec?: {
    readonly rules?: readonly {
      readonly backendRefs?: readonly { readonly name: string; readonly weight?: number }[];
      readonly filters?: readonly {
        readonly type: string;
        readonly requestMirror?: { readonly backendRef: { readonly name: string } };
      }[];
    }[];
  };
}

function routeForm(
  { namespace, port }: EksServingSettings,
  {
    routeName,
    gatewayName,
    gatewayNamespace,
    hostname,
    pathPrefix,
  }: Extract<EksServingSettings['traffic'], { type: 'gateway' }>,
  model: string,
): TrafficForm {
  const reference = { ...ROUTE_KIND, metadata: { name: routeName, namespace } };
  return {
    reference,
    divides: true,
    object: traffic => {
      const mirror = {
        type: 'RequestMirror',
        requestMirror: { backendRef: { group: '', kind: 'Service', name: traffic.shadow, port } },
      };
      return {
        ...reference,
        metadata: metadata(reference, model, traffic),
        spec: {
          parentRefs: [
            { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: gatewayName, namespace: gatewayNamespace },
          ],
          ...(hostname === undefined ? {} : { hostnames: [hostname] }),
          rules: [
            {
              matches: [{ path: { type: 'PathPrefix', value: pathPrefix } }],
              ...(traffic.shadow === undefined ? {} : { filters: [mirror] }),
              backendRefs: traffic.backends.map(({ id, weight }) => ({
                group: '',
                kind: 'Service',
                name: id,
                port,
                weight,
              })),
            },
          ],
        },
      };
    },
    traffic: object => {
      const rule = (object as RouteObject).spec?.rules?.[0];
      const mirror = rule?.filters?.find(({ type }) => type === 'RequestMirror');
      return {
        backends: (rule?.backendRefs ?? []).map(({ name, weight }) => ({ id: name, weight: weight ?? 1 })),
        ...(mirror === undefined ? {} : { shadow: mirror.requestMirror?.backendRef.name }),
        ...remembered(object),
      };
    },
  };
}

/** A Service that selects one deployment's pods; of nobody's name where nothing is to answer. */
const NOBODY = 'none';

function serviceForm(
  { namespace, port }: EksServingSettings,
  { serviceName }: Extract<EksServingSettings['traffic'], { type: 'selector' }>,
  model: string,
): TrafficForm {
  const reference = { ...SERVICE_KIND, metadata: { name: serviceName, namespace } };
  return {
    reference,
    divides: false,
    object: traffic => ({
      ...reference,
      metadata: metadata(reference, model, traffic),
      spec: {
        type: 'ClusterIP',
        selector: { [DEPLOYMENT_LABEL]: answering(traffic) ?? NOBODY },
        ports: [{ name: 'http', port, targetPort: 'http' }],
      },
    }),
    traffic: object => {
      const { selector } = (object as { spec?: { selector?: Record<string, string> } }).spec ?? {};
      const id = selector?.[DEPLOYMENT_LABEL];
      return { backends: id === undefined || id === NOBODY ? [] : allTo(id).backends, ...remembered(object) };
    },
  };
}

function metadata(
  reference: KubernetesReference,
  model: string,
  { movement, wentBack }: Traffic,
): KubernetesObject['metadata'] {
  return {
    ...reference.metadata,
    labels: { 'app.kubernetes.io/part-of': 'mlops', [MODEL_LABEL]: model },
    annotations: {
      ...(movement === undefined ? {} : { [MOVEMENT_ANNOTATION]: JSON.stringify(movement) }),
      ...(wentBack === undefined ? {} : { [WENT_BACK_ANNOTATION]: JSON.stringify(wentBack) }),
    },
  };
}

function remembered({ metadata: { annotations } }: KubernetesObject): Pick<Traffic, 'movement' | 'wentBack'> {
  const movement = parsed(movementSchema, annotations?.[MOVEMENT_ANNOTATION]);
  const wentBack = parsed(wentBackSchema, annotations?.[WENT_BACK_ANNOTATION]);
  return { ...(movement === undefined ? {} : { movement }), ...(wentBack === undefined ? {} : { wentBack }) };
}

/** What somebody wrote over an annotation is no movement of ours: where traffic goes tells the object itself. */
function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
