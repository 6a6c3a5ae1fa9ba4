import { z } from 'zod';

/** A resource takes 50; the platform's own are of its environment, its model, and of data that may be deleted. */
const MAX_TAGS = 47;
const CHARACTERS = 'letters, digits, spaces and _ . : / = + - @';

const key = z
  .string()
  .regex(
    /^(?![aA][wW][sS]:|mlops:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
    `1 to 128 ${CHARACTERS} that do not begin with 'aws:', which is AWS's own, or 'mlops:', which is the platform's`,
  );
const value = z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, `at most 256 ${CHARACTERS}`);

/** Tags as every service takes them. */
export const tags = z
  .record(key, value)
  .refine(
    given => Object.keys(given).length <= MAX_TAGS,
    `at most ${MAX_TAGS} tags: a resource takes 50, of which three are the platform's`,
  );
