import { notImplemented, serializationException, ServiceError } from '../errors';
import type { ServiceModel } from './model';
import { checkSupport } from './support-check';
import { SUPPORTED } from './supported-fields';
import { deserialize, validate } from './validation';

/** Turns the body of a request into the input of an operation, or refuses it as AWS would, or by name. */
export class RequestReader {
  constructor(private readonly model: ServiceModel) {}

  /** Input of `operation` from the JSON text of a request. */
  public read(operation: string, body: string): unknown {
    const shape = this.inputShape(operation);
    const input = deserialize(this.model, shape, parseJson(body));
    const support = SUPPORTED[operation];
    if (support === undefined) {
      throw notImplemented(`operation '${operation}'`);
    }
    checkSupport(this.model, operation, shape, support, input);
    validate(this.model, shape, input);
    return input;
  }

  private inputShape(operation: string): string {
    const described = this.model.operation(operation);
    if (described === undefined) {
      throw new ServiceError('UnknownOperationException', `SageMaker has no operation '${operation}'`);
    }
    if (!Object.hasOwn(SUPPORTED, operation)) {
      const names = Object.keys(SUPPORTED).join(', ');
      throw notImplemented(`operation '${operation}'; implemented: ${names}`);
    }
    if (described.input === undefined) {
      throw new Error(`operation '${operation}' has no input in the service model`);
    }
    return described.input.shape;
  }
}

/** A response in AWS's JSON form: dates become seconds since the epoch. */
export function serialize(output: object): string {
  return JSON.stringify(output, function (this: Record<string, unknown>, key, value: unknown) {
    // JSON.stringify has called Date.toJSON already, so the date is read from its holder
    const held = this[key];
    return held instanceof Date ? held.getTime() / 1000 : value;
  });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch (error) {
    throw serializationException(`request body is not JSON: ${(error as Error).message}`);
  }
}
