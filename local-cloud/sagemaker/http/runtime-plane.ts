import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { notImplemented, type ServiceError, validationError } from '../errors';
import type { Invocations, InvokeRequest } from '../hosting/invocations';
import type { RequestContext } from '../names';
import type { RestRequestReader } from '../service-model/rest-request-reader';
import { INVOKE_ENDPOINT } from '../service-model/supported-fields';

const PATH = /^\/endpoints\/([^/]+)\/(invocations|invocations-response-stream|async-invocations)$/;

/** sagemaker-runtime in AWS's REST protocol: what comes and goes is the model's own, the rest are headers. */
export class RuntimePlane {
  constructor(
    private readonly reader: RestRequestReader,
    private readonly invocations: Invocations,
  ) {}

  /** The endpoint's name in a path; undefined when the path is not one of sagemaker-runtime. */
  public static endpointOf(path: string): string | undefined {
    const match = PATH.exec(path);
    if (match?.[1] === undefined) {
      return undefined;
    }
    if (match[2] !== 'invocations') {
      throw notImplemented(`'${match[2]}' of sagemaker-runtime; use 'InvokeEndpoint'`);
    }
    return decodeName(match[1]);
  }

  /** Answers `InvokeEndpoint`; throws what the service would answer. */
  public async answer(
    endpointName: string,
    headers: IncomingHttpHeaders,
    body: Buffer,
    context: RequestContext,
    response: ServerResponse,
  ): Promise<void> {
    const input = this.reader.read('InvokeEndpoint', INVOKE_ENDPOINT, {
      path: { EndpointName: endpointName },
      headers,
      body,
    });
    // the reader has checked it against the very shape that the invocation takes
    const answer = await this.invocations.invoke(input as InvokeRequest, context);
    response.writeHead(200, {
      ...answer.headers,
      'content-length': answer.body.length,
      'x-amzn-requestid': randomUUID(),
    });
    response.end(answer.body);
  }

  /** Writes an error in the protocol's form. */
  public static refuse(error: ServiceError, response: ServerResponse): void {
    response.writeHead(error.status, {
      'content-type': 'application/json',
      'x-amzn-requestid': randomUUID(),
      'x-amzn-errortype': error.code,
    });
    response.end(JSON.stringify({ ErrorCode: error.code, Message: error.message, ...error.members }));
  }
}

function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw validationError(`'${encoded}' is no name of an endpoint: it is wrongly percent-encoded`);
  }
}
