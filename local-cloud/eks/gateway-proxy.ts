import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { readBody } from '../sagemaker/http/request-body';
import type { Reporter } from '../sagemaker/report';
import { onThisMachine } from './addresses';
import type { ClusterApi, KubernetesObject } from './cluster-api';
import { Informer } from './informer';
import { listen, urlOf } from './listen';
import { type BackendRef, draw, hostOf, type HttpRoute, mirrorsOf, ruleFor, unsupportedFilters } from './routes';

const GATEWAY_API = '/apis/gateway.networking.k8s.io/v1';
const MERGE = 'application/merge-patch+json';
const ANSWER_TIMEOUT_MS = 60_000;
/** Of the other end: nothing of it may be handed on. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host', 'content-length']);
/** Tells where a Gateway answers here, since its status takes an address without a port. */
const URL_ANNOTATION = 'mlops-local/url';
const SERVICE_HOST = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.cluster\.local)?(:\d+)?$/;

interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly { readonly port?: number }[];
}

interface Gateway extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly namespace: string; readonly generation?: number };
  readonly spec: { readonly gatewayClassName: string; readonly listeners: readonly { readonly name: string }[] };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * What a load balancer and the network of the nodes do on AWS: carries requests to pods. A request for the host
 * `<service>.<namespace>.svc` goes to the pods of that Service; any other goes where the HTTPRoutes send it, by their
 * weights, with a copy to whom they mirror.
 */
export class GatewayProxy {
  private readonly agent = new Agent({ keepAlive: true, timeout: 3000 });
  private readonly server: Server;
  private readonly routes: Informer<HttpRoute>;
  private readonly slices: Informer<EndpointSlice>;
  private readonly gateways: Informer<Gateway>;
  private turn = 0;
  /** Where it answers. */
  public url = '';

  constructor(
    private readonly api: ClusterApi,
    private readonly reporter: Reporter,
  ) {
    this.server = createServer((incoming, response) => void this.carry(incoming, response));
    this.routes = new Informer<HttpRoute>(api, `${GATEWAY_API}/httproutes`, {
      changed: route => void this.accept(route),
      gone: () => undefined,
    });
    this.slices = new Informer<EndpointSlice>(api, '/apis/discovery.k8s.io/v1/endpointslices', {
      changed: () => undefined,
      gone: () => undefined,
    });
    this.gateways = new Informer<Gateway>(api, `${GATEWAY_API}/gateways`, {
      changed: gateway => void this.program(gateway),
      gone: () => undefined,
    });
  }

  public async start(): Promise<void> {
    await listen(this.server, 0);
    this.url = urlOf(this.server);
    await Promise.all([this.slices.start(), this.routes.start(), this.gateways.start()]);
  }

  public stop(): void {
    for (const informer of [this.routes, this.slices, this.gateways]) informer.stop();
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private async carry(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(incoming);
      const { status, headers, body: content } = await this.answer(incoming, body);
      const passed = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
      response.writeHead(status, { ...Object.fromEntries(passed), 'content-length': content.length }).end(content);
    } catch (error) {
      response.writeHead(502, { 'content-type': 'text/plain' });
      response.end(error instanceof Error ? error.message : String(error));
    }
  }

  private async answer(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const host = hostOf(incoming.headers.host);
    const service = SERVICE_HOST.exec(incoming.headers.host ?? '');
    if (service !== null) {
      return this.toService({ name: service[1] }, service[2], incoming, body);
    }
    const path = (incoming.url ?? '/').replace(/\?.*$/, '');
    const found = ruleFor(this.routes.objects, { host, path });
    if (found === undefined) return plain(404, `no HTTPRoute has a rule for ${path} of '${host}'`);
    const { namespace, name } = found.route.metadata;
    for (const mirror of mirrorsOf(found.rule)) {
      // nobody waits for it, and what comes of it is nobody's
      this.toService(mirror, namespace, incoming, body).catch(() => undefined);
    }
    const backend = draw(found.rule.backendRefs ?? [], Math.random());
    return backend === undefined
      ? plain(500, `no backend of the HTTPRoute '${name}' has a weight`)
      : this.toService(backend, namespace, incoming, body);
  }

  private async toService(
    { name }: BackendRef,
    namespace: string,
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<Answer> {
    const ready = this.slices.objects
      .filter(
        ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
      )
      .flatMap(({ endpoints, ports }) =>
        (endpoints ?? [])
          .filter(({ conditions }) => conditions?.ready !== false)
          .flatMap(({ addresses }) => addresses.map(address => ({ address, port: ports?.[0]?.port ?? 0 }))),
      );
    const there = ready.at(this.turn++ % Math.max(1, ready.length));
    if (there === undefined) return plain(503, `Service '${name}' in '${namespace}' has no pod that is ready`);
    return this.exchange(onThisMachine(there.address), there.port, incoming, body);
  }

  private exchange(host: string, port: number, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const { method, url: path, headers } = incoming;
    const passed = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host,
          port,
          method,
          path,
          agent: this.agent,
          timeout: ANSWER_TIMEOUT_MS,
          headers: { ...Object.fromEntries(passed), 'content-length': body.length },
        },
        answer => {
          readBody(answer).then(
            content => {
              resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: content });
            },
            (error: unknown) => {
              reject(error instanceof Error ? error : new Error(String(error)));
            },
          );
        },
      );
      outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)));
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  /** Says of a Gateway that it is there, and where. */
  private async program({ metadata, spec }: Gateway): Promise<void> {
    const path = `${GATEWAY_API}/namespaces/${metadata.namespace}/gateways/${metadata.name}`;
    if (metadata.annotations?.[URL_ANNOTATION] === this.url) return;
    const conditions = ['Accepted', 'Programmed'].map(type => condition(type, metadata.generation));
    await this.tell(path, { metadata: { annotations: { [URL_ANNOTATION]: this.url } } });
    await this.tell(`${path}/status`, {
      status: {
        addresses: [{ type: 'IPAddress', value: '127.0.0.1' }],
        conditions,
        listeners: spec.listeners.map(({ name }) => ({
          name,
          attachedRoutes: 0,
          supportedKinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
          conditions,
        })),
      },
    });
  }

  /** Says of a route whether it is heard. */
  private async accept(route: HttpRoute): Promise<void> {
    const { namespace, name, generation } = route.metadata;
    if (this.told.get(route.metadata.uid ?? '') === generation) return;
    this.told.set(route.metadata.uid ?? '', generation);
    const foreign = unsupportedFilters(route);
    const isTold = await this.tell(`${GATEWAY_API}/namespaces/${namespace}/httproutes/${name}/status`, {
      status: {
        parents: (route.spec.parentRefs ?? []).map(parentRef => ({
          parentRef,
          controllerName: 'mlops-local/gateway',
          conditions: [
            foreign.length === 0
              ? condition('Accepted', generation)
              : {
                  ...condition('Accepted', generation),
                  status: 'False',
                  reason: 'UnsupportedValue',
                  message: `not implemented in the local cloud: filters ${foreign.join(', ')}`,
                },
            condition('ResolvedRefs', generation),
          ],
        })),
      },
    });
    // a release waits for it, so the next news of the route tries again
    if (!isTold) this.told.delete(route.metadata.uid ?? '');
  }

  private readonly told = new Map<string, number | undefined>();

  private async tell(path: string, body: object): Promise<boolean> {
    try {
      await this.api.find('PATCH', `${path}?fieldManager=mlops-local-gateway`, { body, contentType: MERGE });
      return true;
    } catch (error) {
      this.reporter.warn(`the gateway could not tell ${path}`, error);
      return false;
    }
  }
}

function condition(type: string, observedGeneration: number | undefined) {
  return {
    type,
    status: 'True',
    reason: type,
    message: '',
    lastTransitionTime: new Date().toISOString(),
    observedGeneration,
  };
}

function plain(status: number, text: string): Answer {
  return { status, headers: { 'content-type': 'text/plain' }, body: Buffer.from(text) };
}
