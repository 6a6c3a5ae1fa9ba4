import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors';

/** More than any request that is taken; what is longer is not even read to its end. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

/** The whole body of a request; refused as soon as it is longer than any may be. */
export async function readBody(request: AsyncIterable<Buffer> | IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_REQUEST_BYTES) {
      throw new ServiceError(
        'RequestEntityTooLargeException',
        `a request has at most ${MAX_REQUEST_BYTES} bytes, this one has more`,
        413,
      );
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
