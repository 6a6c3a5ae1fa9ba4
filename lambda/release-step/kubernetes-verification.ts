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
  sleep(ms: number): Promise<unknown>;
}

/** Asks for a prediction where callers ask, until the version answers that should, or has had its time. */
export async function verifyByPrediction(
  {
    model,
    settings,
    versions,
    tools,
  }: { model: string; settings: EksServingSettings; versions: KubernetesVersions; tools: VerificationTools },
  deployment: Deployment,
  probe: Probe,
): Promise<Verification> {
  const { traffic, port } = settings;
  const path = `/v2/models/${model}/infer`;
  const { url: gateway, hostname } = traffic.type === 'gateway' ? traffic : { url: undefined, hostname: undefined };
  const ask = async (): Promise<{ status: number; body: string }> => {
    if (gateway !== undefined) return tools.post(gateway.replace(/\/$/, '') + path, inferenceRequest(probe), hostname);
    // without an address of the gateway: the pods to which the traffic goes
    const serviceName = traffic.type === 'selector' ? traffic.serviceName : deployment.id;
    const there = readyAddresses(await versions.slices(serviceName)).at(0);
    if (there === undefined) throw new Error(`Service '${serviceName}' has no pod that is ready`);
    return tools.post(`http://${there.address}:${there.port ?? port}${path}`, inferenceRequest(probe));
  };
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const { status, body } = await ask();
    const verdict =
      status === 200
        ? judgeInference(body, deployment.version)
        : { verified: false, detail: `a prediction failed: HTTP ${status}: ${body.slice(0, 200)}` };
    const passing = 'other' in verdict || (gateway !== undefined && NOBODY_BEHIND.has(status));
    if (!passing || waited >= PROPAGATION_MS) return { verified: verdict.verified, detail: verdict.detail };
    await tools.sleep(LOOK_EVERY_MS);
  }
}

/** What a gateway's controller says of a route. */
interface RouteStatus extends KubernetesObject {
  readonly status?: {
    readonly parents?: readonly {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly reason: string;
        readonly message: string;
      }[];
    }[];
  };
}

/** Why no request comes by a route, as the gateway itself says; nothing of an object that is no route. */
export function unheard(object: RouteStatus | undefined): string | undefined {
  const parents = object?.status?.parents ?? [];
  const bad = parents
    .flatMap(({ conditions }) => conditions ?? [])
    .find(({ type, status }) => ['Accepted', 'ResolvedRefs'].includes(type) && status === 'False');
  return bad === undefined
    ? undefined
    : `the gateway does not take the route '${object?.metadata.name ?? ''}': ${bad.reason}: ${bad.message}`;
}
