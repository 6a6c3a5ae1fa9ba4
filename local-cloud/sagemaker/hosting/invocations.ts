import { ServiceError, validationError } from '../errors';
import type { RequestContext } from '../names';
import type { Endpoints } from './endpoints';
import { type FleetVariant, leastOutstanding } from './fleet';
import type { InvocationMetrics } from './invocation-metrics';
import { type ModelAnswer, ModelTimeoutError } from './model-client';
import { InstanceDownError } from './model-instance';

/** How long a request waits for a model server that has died and is being started again. */
const RESTART_PATIENCE_MS = 10_000;
const MAX_MESSAGE = 2048;
/** AWS's own words for a request that the container broke off. */
const MODEL_PROCESS_EXITED = 'An error occurred while handling request as the model process exited.';

const CUSTOM_ATTRIBUTES = 'x-amzn-sagemaker-custom-attributes';
const INFERENCE_ID = 'x-amzn-sagemaker-inference-id';

/** A request of `InvokeEndpoint`, checked against AWS's service model. */
export interface InvokeRequest {
  readonly EndpointName: string;
  readonly Body: Buffer;
  readonly ContentType?: string;
  readonly Accept?: string;
  readonly CustomAttributes?: string;
  readonly TargetVariant?: string;
  readonly InferenceId?: string;
}

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
  public async invoke(input: InvokeRequest, context: RequestContext): Promise<InvokeAnswer> {
    const begun = performance.now();
    const { EndpointName: endpointName, Body: body, TargetVariant: target } = input;
    const fleet = this.endpoints.find(endpointName, context)?.traffic.draw(this.random());
    if (fleet === undefined) {
      throw validationError(`Endpoint ${endpointName} of account ${context.account} not found.`);
    }
    const request = { endpointName, headers: modelHeaders(input), body, context, begun };
    const variant = fleet.pickVariant(target, this.random());
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
        ...named(CUSTOM_ATTRIBUTES, text(answer.headers[CUSTOM_ATTRIBUTES])),
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

function modelHeaders(input: InvokeRequest): Record<string, string> {
  return {
    'content-type': input.ContentType ?? 'application/octet-stream',
    ...named('accept', input.Accept),
    ...named(CUSTOM_ATTRIBUTES, input.CustomAttributes),
    ...named(INFERENCE_ID, input.InferenceId),
  };
}

function named(name: string, value: string | undefined): Record<string, string> {
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
