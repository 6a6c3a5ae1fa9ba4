import type { ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { ServiceError } from '../errors';
import { notImplemented } from '../errors';
import type { RequestContext } from '../names';
import type { Operation, Operations } from '../operations';
import { type RequestReader, serialize } from '../service-model/request-reader';

const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** SageMaker's API in AWS's JSON 1.1 protocol: one POST for each operation, named by the `X-Amz-Target` header. */
export class ControlPlane {
  constructor(
    private readonly reader: RequestReader,
    private readonly operations: Operations,
  ) {}

  /** Carries out the operation and writes its answer; throws what is wrong with the request. */
  public async answer(target: string, body: Buffer, context: RequestContext, response: ServerResponse): Promise<void> {
    const name = target.replace(/^SageMaker\./, '');
    const input = this.reader.read(name, body.toString('utf8'));
    const operation = Object.hasOwn(this.operations, name) ? this.operations[name] : undefined;
    if (operation === undefined) {
      throw notImplemented(`operation '${name}'`);
    }
    const output = await carryOut(operation, input, context);
    response.writeHead(200, { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': randomUUID() });
    response.end(serialize(output));
  }

  /** Writes an error in the protocol's form. */
  public refuse(error: ServiceError, response: ServerResponse): void {
    // errors of the service model have `Message`, those of every AWS service have `message`
    const isModelled = /^(Resource|Conflict)/.test(error.code);
    response.writeHead(error.status, {
      'content-type': CONTENT_TYPE,
      'x-amzn-requestid': randomUUID(),
      'x-amzn-errortype': error.code,
    });
    response.end(
      JSON.stringify({ __type: error.code, [isModelled ? 'Message' : 'message']: error.message, ...error.members }),
    );
  }
}

/** The reader has checked the input against the very shape that the operation takes. */
function carryOut(operation: Operation, input: unknown, context: RequestContext): object | Promise<object> {
  return (operation as (input: unknown, context: RequestContext) => object | Promise<object>)(input, context);
}
