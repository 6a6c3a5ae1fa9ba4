import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { messageOf, ServiceError } from '../errors';
import type { RequestContext } from '../names';
import type { Reporter } from '../report';
import type { ControlPlane } from './control-plane';
import { readBody } from './request-body';
import { RuntimePlane } from './runtime-plane';

/** The process in front keeps its connections; it, not this server, decides when they are old. */
const KEEP_ALIVE_MS = 600_000;

/** Caller and region of a request that does not say, as of one that comes without the process in front. */
export interface HttpDefaults {
  readonly account: string;
  readonly region: string;
}

/** What answers requests. */
export interface HttpPlanes {
  readonly control: ControlPlane;
  readonly runtime: RuntimePlane;
  readonly health: () => object;
  readonly reporter: Reporter;
}

/** The HTTP server in front of both planes. Whatever is thrown becomes an answer in AWS's form. */
export function createHttpServer(planes: HttpPlanes, defaults: HttpDefaults): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void answer(planes, defaults, request, response);
  });
  return server;
}

async function answer(
  planes: HttpPlanes,
  defaults: HttpDefaults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').replace(/\?.*$/, '');
  const isRuntime = path.startsWith('/endpoints/');
  try {
    if (request.method === 'GET' && path === '/_local/health') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(planes.health()));
      return;
    }
    const body = await readBody(request);
    await dispatch(planes, contextOf(request.headers, defaults), path, request, body, response);
  } catch (error) {
    const refusal = asServiceError(planes.reporter, error);
    if (isRuntime) {
      RuntimePlane.refuse(refusal, response);
    } else {
      planes.control.refuse(refusal, response);
    }
  }
}

async function dispatch(
  planes: HttpPlanes,
  context: RequestContext,
  path: string,
  { method, headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const endpointName = RuntimePlane.endpointOf(path);
  if (method === 'POST' && endpointName !== undefined) {
    return planes.runtime.answer(endpointName, headers, body, context, response);
  }
  const target = headers['x-amz-target'];
  if (method === 'POST' && typeof target === 'string' && target.startsWith('SageMaker.')) {
    return planes.control.answer(target, body, context, response);
  }
  throw new ServiceError(
    'UnknownOperationException',
    `${String(method)} ${path} is no request of SageMaker: the header 'X-Amz-Target: SageMaker.<Operation>' is missing`,
    404,
  );
}

function contextOf(headers: IncomingHttpHeaders, defaults: HttpDefaults): RequestContext {
  const account = headers['x-mlops-account'];
  const region = headers['x-mlops-region'];
  return {
    account: typeof account === 'string' ? account : defaults.account,
    region: typeof region === 'string' ? region : defaults.region,
  };
}

function asServiceError(reporter: Reporter, error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  reporter.warn('a request failed', error);
  return new ServiceError('InternalFailure', messageOf(error), 500);
}
