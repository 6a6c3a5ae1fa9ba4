import { setTimeout as passed } from 'node:timers/promises';
import { type HttpsAnswer, HttpsExchange, type HttpsTrust } from './https-exchange';
import { KubernetesError, KubernetesUnreachableError } from './kubernetes-error';
import {
  collectionPath,
  describe,
  type KubernetesKind,
  type KubernetesObject,
  type KubernetesReference,
  objectPath,
} from './kubernetes-object';

/** How to reach an API server, and as whom. */
export interface KubernetesConnection extends HttpsTrust {
  /** Its URL. */
  readonly server: string;
  /**
   * A bearer token; `refused` is one that the server no longer takes, so another is needed.
   *
   * @default - the client certificate speaks for the caller
   */
  readonly token?: (refused?: string) => string | Promise<string>;
  /**
   * Headers of every request.
   *
   * @default - none
   */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /**
   * How long an answer may take.
   *
   * @default 10000
   */
  readonly timeoutMs?: number;
  /**
   * How often a request is sent at most.
   *
   * @default 5
   */
  readonly attempts?: number;
}

/** A request that may be sent again: doing it twice is doing it once. */
export interface KubernetesRequest {
  readonly method: 'GET' | 'PATCH' | 'DELETE';
  /** Path below the server, with its query. */
  readonly path: string;
  /** For messages: what was to be done. */
  readonly description: string;
  readonly contentType?: string;
  readonly body?: string;
}

const TIMEOUT_MS = 10_000;
const ATTEMPTS = 5;
/** Before the second attempt; doubled before each further one. */
const FIRST_PAUSE_MS = 200;
/** A server that asks for more than this is asked no more: the caller's own retry is the better one. */
const LONGEST_PAUSE_MS = 10_000;
/** More objects than a namespace of ours has; the rest comes page by page. */
const PAGE_SIZE = 250;
const MS_PER_SECOND = 1000;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
/** Too busy or not able now; the API server says so before it has done anything, a load balancer at any time. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/**
 * Speaks to a Kubernetes API server with few verbs, each of which may be sent twice: what is tried again does no harm.
 */
export class KubernetesClient {
  /** What the server warned of, such as an API that goes away; each once. */
  readonly warnings = new Set<string>();
  private readonly exchange: HttpsExchange;

  constructor(
    private readonly connection: KubernetesConnection,
    private readonly sleep: (ms: number) => Promise<unknown> = passed,
  ) {
    const { ca, cert, key } = connection;
    this.exchange = new HttpsExchange({ ca, cert, key });
  }

  /**
   * Server-side apply: the object has these fields afterwards, and `fieldManager` owns them. A field that another
   * manager owns is a conflict, an unknown one refused. What the manager owned and now leaves out goes away.
   */
  async apply(
    object: KubernetesObject,
    options: { readonly fieldManager: string; readonly force?: boolean },
  ): Promise<KubernetesObject> {
    const query = new URLSearchParams({
      fieldManager: options.fieldManager,
      fieldValidation: 'Strict',
      force: String(options.force ?? false),
    });
    return this.json({
      method: 'PATCH',
      path: `${objectPath(object)}?${query.toString()}`,
      description: `apply ${describe(object)} as '${options.fieldManager}'`,
      contentType: 'application/apply-patch+yaml',
      body: JSON.stringify(object),
    });
  }

  /** An object, or undefined where there is none. */
  async get<T extends KubernetesObject = KubernetesObject>(reference: KubernetesReference): Promise<T | undefined> {
    return this.unlessMissing(
      this.json<T>({ method: 'GET', path: objectPath(reference), description: `get ${describe(reference)}` }),
    );
  }

  /** All objects of a kind in a namespace that have these labels; without a namespace, in the cluster. */
  async list<T extends KubernetesObject = KubernetesObject>(
    kind: KubernetesKind,
    options: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> },
  ): Promise<T[]> {
    const { namespace, labels = {} } = options;
    const labelSelector = Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
    const found: T[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const query = new URLSearchParams({ labelSelector, limit: String(PAGE_SIZE), continue: next });
      const page: { items: readonly T[]; metadata: { continue?: string } } = await this.json({
        method: 'GET',
        path: `${collectionPath(kind, namespace)}?${query.toString()}`,
        description: `list ${kind.kind} of ${namespace === undefined ? 'the cluster' : `'${namespace}'`}`,
      });
      // items of a list leave out what they are
      found.push(...page.items.map(item => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })));
      const { continue: more } = page.metadata;
      next = more === '' ? undefined : more;
    }
    return found;
  }

  /** Changes the fields given, takes away those that are null; another's field as well, so only where that is meant. */
  async mergePatch(
    reference: KubernetesReference,
    patch: object,
    options: { readonly fieldManager: string },
  ): Promise<KubernetesObject> {
    const query = new URLSearchParams({ fieldManager: options.fieldManager, fieldValidation: 'Strict' });
    return this.json({
      method: 'PATCH',
      path: `${objectPath(reference)}?${query.toString()}`,
      description: `patch ${describe(reference)} as '${options.fieldManager}'`,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify(patch),
    });
  }

  /**
   * Deletes an object and then, in the background, what belongs to it; whether there was one. One that is not as `options`
   * say any more is a conflict.
   */
  async delete(
    reference: KubernetesReference,
    options: { readonly uid?: string; readonly resourceVersion?: string } = {},
  ): Promise<boolean> {
    const { uid, resourceVersion } = options;
    const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
    const answer = await this.unlessMissing(
      this.send({
        method: 'DELETE',
        path: objectPath(reference),
        description: `delete ${describe(reference)}`,
        contentType: 'application/json',
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          preconditions,
        }),
      }),
    );
    return answer !== undefined;
  }

  /** Sends any request that may be sent twice; rejects unless the answer is a success. */
  async send(request: KubernetesRequest): Promise<HttpsAnswer> {
    let refused: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= (this.connection.attempts ?? ATTEMPTS);
      const token = await this.connection.token?.(refused);
      let answer: HttpsAnswer;
      try {
        answer = await this.exchangeOnce(request, token);
      } catch (error) {
        const cause = error as Error;
        if (isLast || isUntrusted(cause)) {
          throw new KubernetesUnreachableError(request.description, this.connection.server, cause);
        }
        await this.sleep(pauseMs(attempt));
        continue;
      }
      this.collectWarnings(answer);
      const { status, body } = answer;
      if (status >= 200 && status < 300) return answer;
      // a token may expire between two requests; a second refusal is about whose it is
      if (status === UNAUTHORIZED && token !== undefined && refused === undefined) {
        refused = token;
        continue;
      }
      const pause = PASSING.has(status) && !isLast ? pauseMs(attempt, answer) : undefined;
      if (pause === undefined || pause > LONGEST_PAUSE_MS) {
        throw new KubernetesError(request.description, status, body);
      }
      await this.sleep(pause);
    }
  }

  /** Closes the connections that are kept; the next request opens new ones. */
  close(): void {
    this.exchange.close();
  }

  private exchangeOnce(request: KubernetesRequest, token: string | undefined): Promise<HttpsAnswer> {
    const { server, headers, timeoutMs } = this.connection;
    const { method, path, contentType, body } = request;
    return this.exchange.send(
      {
        method,
        // a server's URL may have a path of its own
        url: new URL(server.replace(/\/$/, '') + path),
        headers: {
          accept: 'application/json',
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) }),
        },
        body,
      },
      timeoutMs ?? TIMEOUT_MS,
    );
  }

  private async json<T>(request: KubernetesRequest): Promise<T> {
    return JSON.parse((await this.send(request)).body) as T;
  }

  private async unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      // of the object alone: a path that the server does not know has a 404 as well, and no `details`
      if (error instanceof KubernetesError && error.status === NOT_FOUND && error.reason === 'NotFound') {
        return undefined;
      }
      throw error;
    }
  }

  private collectWarnings({ headers }: HttpsAnswer): void {
    const { warning } = headers;
    const all = typeof warning === 'string' ? [warning] : (warning ?? []);
    for (const match of all.flatMap(text => [...text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)])) {
      this.warnings.add(match[1].replaceAll(/\\(.)/g, '$1'));
    }
  }
}

/** Someone else answers in the server's place, or it has another certificate: asking again changes nothing. */
function isUntrusted(error: NodeJS.ErrnoException): boolean {
  return /CERT|SIGNED|ALTNAME|SELF_SIGNED|UNABLE_TO/.test(error.code ?? '');
}

function pauseMs(attempt: number, answer?: HttpsAnswer): number {
  const asked = answer?.headers['retry-after'];
  if (typeof asked === 'string' && /^\d+$/.test(asked)) return Number(asked) * MS_PER_SECOND;
  // half of it by chance, so that those who were refused together do not come back together
  const longest = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return longest / 2 + (Math.random() * longest) / 2;
}
