import { Readable } from 'node:stream';
import { MAX_REQUEST_BYTES, readBody } from '../../../../local-cloud/sagemaker/http/request-body';

const MEBIBYTE = 1024 * 1024;

/** A body that goes on for ever, and counts how much of it was asked for. */
function* endless(taken: { bytes: number }): Generator<Buffer> {
  for (;;) {
    taken.bytes += MEBIBYTE;
    yield Buffer.alloc(MEBIBYTE);
  }
}

test('a body is read whole', async () => {
  expect((await readBody(Readable.from([Buffer.from('ab'), Buffer.from('c')]))).toString()).toBe('abc');
});

test('a body that is too long is not read to its end', async () => {
  // GIVEN
  const taken = { bytes: 0 };

  // WHEN
  const reading = readBody(Readable.from(endless(taken), { highWaterMark: 1 }));

  // THEN
  await expect(reading).rejects.toMatchObject({ code: 'RequestEntityTooLargeException', status: 413 });
  expect(taken.bytes).toBeLessThan(MAX_REQUEST_BYTES + 4 * MEBIBYTE);
});
