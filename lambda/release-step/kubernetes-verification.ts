import type { EksServingSettings } from '../shared/contracts';
import type { KubernetesObject } from '../shared/kubernetes-object';
import { inferenceRequest, judgeInference } from './kubernetes-prediction';
import { readyAddresses } from './kubernetes-readiness';
import type { KubernetesVersions } from './kubernetes-versions';
import type { Deployment, Probe, Verification } from './serving-target';

/** How long proxies and lists of addresses may go on sending to where traffic went before. */
const PROPAGATION_MS = 60_000;
const LOOK_EVERY_MS = 2_000;
/** What a gateway answers while it learns where to send. */
const NOBODY_BEHIND = new Set([404, 500, 502, 503, 504]);

/** What verification asks. */
export interface VerificationTools {
  /** Posts JSON, by the name of another host than the URL's if one is given; rejects when nobody answers. */
  post(url: string, body: string, hostname?: string): Promise<{ status: number; body: string }>;
  now(): Date;
  sleep(ms: number): Promise<unknown>;
}

/** What is asked, and where. */
interface Verifying {
  readonly model: string;
  readonly settings: EksServingSettings;
  readonly versions: KubernetesVersions;
  readonly tools: VerificationTools;
  /** Reads what carries the traffic. */
  readonly carrier: () => Promise<KubernetesObject | undefined>;
}

/** A look that may yet become another one by itself. */
interface Look extends Verification {
  readonly passing: boolean;
}

/** Asks for a prediction where callers ask, until the version answers that should, or has had its time. */
export async function verifyByPrediction(
  verifying: Verifying,
  deployment: Deployment,
  probe: Probe,
): Promise<Verification> {
  const { tools } = verifying;
  // by the clock, for an answer that does not come takes its time too
  const until = tools.now().getTime() + PROPAGATION_MS;
  for (;;) {
    const { passing, ...verification } = await look(verifying, deployment, probe);
    if (!passing || tools.now().getTime() >= until) return verification;
    await tools.sleep(LOOK_EVERY_MS);
  }
}

async function look(verifying: Verifying, deployment: Deployment, probe: Probe): Promise<Look> {
  const { model, settings, versions, tools, carrier } = verifying;
  const { traffic, port } = settings;
  if (traffic.type === 'gateway') {
    const detail = unheard(await carrier(), traffic);
    if (detail !== undefined) return { verified: false, detail, passing: true };
  }
  const path = `/v2/models/${model}/infer`;
  const { url: gateway, hostname } = traffic.type === 'gateway' ? traffic : { url: undefined, hostname: undefined };
  let url = gateway?.replace(/\/$/, '');
  if (url === undefined) {
    // without an address of the gateway: the pods to which the traffic goes
    const serviceName = traffic.type === 'selector' ? traffic.serviceName : deployment.id;
    const there = readyAddresses(await versions.slices(serviceName)).at(0);
    if (there === undefined) {
      return { verified: false, detail: `Service '${serviceName}' has no pod that is ready`, passing: true };
    }
    url = `http://${there.address}:${there.port ?? port}`;
  }
  let answer: Awaited<ReturnType<VerificationTools['post']>>;
  try {
    answer = await tools.post(url + path, inferenceRequest(probe), gateway === undefined ? undefined : hostname);
  } catch (error) {
    return { verified: false, detail: `nobody answered a prediction at ${url}: ${reasonOf(error)}`, passing: true };
  }
  const { status, body } = answer;
  if (status !== 200) {
    const detail = `a prediction failed: HTTP ${status}: ${body.slice(0, 200)}`;
    return { verified: false, detail, passing: gateway !== undefined && NOBODY_BEHIND.has(status) };
  }
  const { verified, detail, other } = judgeInference(body, deployment.version);
  return { verified, detail, passing: other !== undefined };
}

/** `fetch` says in the cause what it met. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

/** What a gateway's controller says of a route. */
interface RouteStatus {
  readonly parents?: readonly {
    readonly parentRef?: { readonly name?: string; readonly namespace?: string };
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
      readonly observedGeneration?: number;
    }[];
  }[];
}

type Gateway = Extract<EksServingSettings['traffic'], { type: 'gateway' }>;

/** Why no request comes by a route as it is now, as far as the gateway says; nothing once it has taken it. */
export function unheard(route: KubernetesObject | undefined, gateway: Gateway): string | undefined {
  const { routeName, gatewayName, gatewayNamespace } = gateway;
  const { generation = 1 } = (route?.metadata ?? {}) as { generation?: number };
  const parents = (route?.['status'] as RouteStatus | undefined)?.parents ?? [];
  const said = parents
    .filter(({ parentRef: { name, namespace = gatewayNamespace } = {} }) => {
      return name === gatewayName && namespace === gatewayNamespace;
    })
    .flatMap(({ conditions }) => conditions ?? [])
    // what is said of an older route says nothing of where traffic goes now
    .filter(({ observedGeneration = generation }) => observedGeneration >= generation);
  const refusal = said.find(({ type, status }) => ['Accepted', 'ResolvedRefs'].includes(type) && status === 'False');
  const what = `the Gateway '${gatewayNamespace}/${gatewayName}'`;
  if (refusal !== undefined) {
    return `${what} does not take the route '${routeName}': ${refusal.reason}: ${refusal.message}`;
  }
  const isTaken = said.some(({ type, status }) => type === 'Accepted' && status === 'True');
  return isTaken ? undefined : `${what} has not said that it takes the route '${routeName}' as it is now`;
}
