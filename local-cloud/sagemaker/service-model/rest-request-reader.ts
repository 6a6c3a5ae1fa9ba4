import type { IncomingHttpHeaders } from 'node:http';
import { validationError } from '../errors';
import type { Member, ServiceModel } from './model';
import { checkSupport } from './support-check';
import type { FieldSupport } from './supported-fields';
import { validate } from './validation';

/** The parts of a request in AWS's REST protocol. */
export interface RestRequest {
  /** Members that stand in the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Turns a request of sagemaker-runtime into the input of an operation, or refuses it as AWS would, or by name. Headers
 * that belong to no member are none of the service's business.
 */
export class RestRequestReader {
  constructor(private readonly model: ServiceModel) {}

  /** Input of `operation`, of which `support` says what this server does. */
  public read(operation: string, support: FieldSupport, request: RestRequest): unknown {
    const shapeName = this.model.operation(operation)?.input?.shape;
    if (shapeName === undefined) {
      throw new Error(
        `the service model has no input of '${operation}'; give 'MLOPS_LOCAL_SAGEMAKER_RUNTIME_MODEL' another`,
      );
    }
    const { members = {}, payload } = this.model.shape(shapeName);
    const input = Object.fromEntries(
      Object.entries(members).flatMap(([name, member]) => {
        const value = name === payload ? request.body : outsideBody(name, member, request);
        return value === undefined ? [] : [[name, value]];
      }),
    );
    checkSupport(this.model, operation, shapeName, support, input);
    validate(this.model, shapeName, input, validationError);
    return input;
  }
}

function outsideBody(
  name: string,
  { location, locationName = name }: Member,
  request: RestRequest,
): string | undefined {
  if (location === 'uri') {
    return request.path[locationName];
  }
  const header = [request.headers[locationName.toLowerCase()] ?? []].flat();
  // Node reads headers as Latin-1; whoever is told of a wrong value must know it again
  return header.length === 0 ? undefined : Buffer.from(header.join(', '), 'latin1').toString('utf8');
}
