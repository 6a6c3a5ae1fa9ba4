import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented, ServiceError } from '../errors';
import type { RequestContext } from '../names';
import type { Endpoints } from './endpoints';
import { type FleetVariant, leastOutstanding } from './fleet';
import type { InvocationMetrics } from './invocation-metrics';
import { type ModelAnswer, ModelTimeoutError } from './model-client';
import { InstanceDownError } from './model-instance';

const MAX_BODY_BYTES = 6_291_456;
const MAX_INFERENCE_ID = 64;
/** How long a request waits for a model server that has died and is being started again. */
const RESTART_PATIENCE_MS = 10_000;
const MAX_MESSAGE = 2048;
/** AWS's own words for a request that the container broke off. */
const MODEL_PROCESS_EXITED = 'An error occurred while handling request as the model process exited.';

const CUSTOM_ATTRIBUTES = 'x-amzn-sagemaker-custom-attributes';
const INFERENCE_ID = 'x-amzn-sagemaker-inference-id';
const TARGET_VARIANT = 'x-amzn-sagemaker-target-variant';

/** Headers of features that this server lacks: a request that carries one would not be answered as it asks. */
const REFUSED: Readonly<Record<string, string>> = {
  'x-amzn-sagemaker-target-model': 'TargetModel',
  'x-amzn-sagemaker-target-container-hostname': 'TargetContainerHostname',
  'x-amzn-sagemaker-enable-explanations': 'EnableExplanations',
  'x-amzn-sagemaker-inference-component': 'InferenceComponentName',
  'x-amzn-sagemaker-session-id': 'SessionId',
  'x-amzn-sagemaker-prefix-aware-id': 'PrefixAwareId',
};

/** A successful answer of `InvokeEndpoint`. */
export interface InvokeAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A request as a model server gets it. */
interface ModelRequest {
  readonly endpointName: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly context: RequestContext;
  /** When it came, in milliseconds of `performance.now()`. */
  readonly begun: number;
}

/** `InvokeEndpoint`: from the endpoint's name to the answer of one of its model servers. */
export class Invocations {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly metrics: InvocationMetrics,
    private readonly random: () => number = Math.random,
  ) {}

  /** Answers a request, or throws what SageMaker would answer. */
  public async invoke(
    endpointName: string,
    headers: IncomingHttpHeaders,
    body: Buffer,
    context: RequestContext,
  ): Promise<InvokeAnswer> {
    const begun = performance.now();
    checkRequest(headers, body);
    const fleet = this.endpoints.find(endpointName, context)?.traffic.draw(this.random());
    if (fleet === undefined) {
      throw new ServiceError('ValidationError', `Endpoint ${endpointName} of account ${context.account} not found.`);
    }
    const request = { endpointName, headers: modelHeaders(headers), body, context, begun };
    const variant = fleet.pickVariant(text(headers[TARGET_VARIANT]), this.random());
    const shadow = fleet.pickShadow(this.random());
    if (shadow !== undefined) {
      // nobody waits for its answer, and nobody is told when it fails: its metrics say so
      this.ask(shadow, request).catch(() => undefined);
    }
    const answer = await this.ask(variant, request).catch((error: unknown) => {
      throw asServiceError(error, endpointName, context);
    });
    if (answer.status < 200 || answer.status > 299) {
      throw modelError(answer, endpointName, context);
    }
    return {
      headers: {
        'content-type': text(answer.headers['content-type']) ?? 'application/octet-stream',
        'x-amzn-invoked-production-variant': variant.config.name,
        ...pass(answer.headers, CUSTOM_ATTRIBUTES),
      },
      body: answer.body,
    };
  }

  /** Has a variant answer, and counts it, however it ends. */
  private async ask(variant: FleetVariant, request: ModelRequest): Promise<ModelAnswer> {
    const instance = leastOutstanding(variant.instances);
    const sent = performance.now();
    let answer: ModelAnswer | undefined;
    try {
      answer = await instance.invoke(request.headers, request.body, RESTART_PATIENCE_MS);
      return answer;
    } finally {
      this.metrics.record(request.context, {
        endpointName: request.endpointName,
        variantName: variant.config.name,
        modelStatus: answer?.status,
        modelMicros: (performance.now() - sent) * 1000,
        overheadMicros: (sent - request.begun) * 1000,
      });
    }
  }
}

function checkRequest(headers: IncomingHttpHeaders, body: Buffer): void {
  const refused = Object.keys(REFUSED).find(name => headers[name] !== undefined);
  if (refused !== undefined) {
    throw notImplemented(`field '${REFUSED[refused] ?? refused}' of 'InvokeEndpoint'; leave it out`);
  }
  if (body.length > MAX_BODY_BYTES) {
    throw new ServiceError('ValidationError', `Body of ${body.length} bytes is larger than ${MAX_BODY_BYTES}`);
  }
  const id = text(headers[INFERENCE_ID]);
  if (id !== undefined && (id.length === 0 || id.length > MAX_INFERENCE_ID)) {
    throw new ServiceError(
      'ValidationError',
      `InferenceId must have 1 to ${MAX_INFERENCE_ID} characters, got ${id.length}`,
    );
  }
}

function modelHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return {
    'content-type': text(headers['content-type']) ?? 'application/octet-stream',
    ...pass(headers, 'accept'),
    ...pass(headers, CUSTOM_ATTRIBUTES),
    ...pass(headers, INFERENCE_ID),
  };
}

function pass(headers: IncomingHttpHeaders, name: string): Record<string, string> {
  const value = text(headers[name]);
  return value === undefined ? {} : { [name]: value };
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}

/** The model has answered, but not with success. */
function modelError(answer: ModelAnswer, endpointName: string, context: RequestContext): ServiceError {
  const original = answer.body.toString('utf8').slice(0, MAX_MESSAGE);
  const kind = answer.status < 500 ? 'client' : 'server';
  return modelFailure(kind, answer.status, original, endpointName, context);
}

function modelFailure(
  kind: 'client' | 'server',
  status: number,
  original: string,
  endpointName: string,
  context: RequestContext,
): ServiceError {
  const group = `/aws/sagemaker/Endpoints/${endpointName}`;
  const message =
    `Received ${kind} error (${status}) from primary with message "${original}". See the log group ${group} in ` +
    `account ${context.account} for more information.`;
  return new ServiceError('ModelError', message.slice(0, MAX_MESSAGE), 424, {
    OriginalStatusCode: status,
    OriginalMessage: original,
    LogStreamArn: `arn:aws:logs:${context.region}:${context.account}:log-group:${group}`,
  });
}

/** The model has not answered at all. */
function asServiceError(error: unknown, endpointName: string, context: RequestContext): ServiceError {
  if (error instanceof ModelTimeoutError) {
    return new ServiceError(
      'ModelError',
      'Received server error (0) from primary with message "Your invocation timed out while waiting for a response ' +
        'from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the ' +
        'issue, and try again."',
      424,
      { OriginalStatusCode: 0, OriginalMessage: error.message },
    );
  }
  if (error instanceof InstanceDownError) {
    return new ServiceError('ServiceUnavailable', `The service is unavailable: ${error.message}.`, 503);
  }
  // no 500: every SDK would send the request again, and it may be what killed the server
  return modelFailure('server', 0, MODEL_PROCESS_EXITED, endpointName, context);
}
