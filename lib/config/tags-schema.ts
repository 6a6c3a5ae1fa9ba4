import { z } from 'zod';

/** A resource takes 50; one is the platform's own. */
const MAX_TAGS = 49;
const CHARACTERS = 'letters, digits, spaces and _ . : / = + - @';

const key = z
  .string()
  .regex(
    /^(?![aA][wW][sS]:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
    `1 to 128 ${CHARACTERS} that do not begin with 'aws:', which is AWS's own`,
  );
const value = z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, `at most 256 ${CHARACTERS}`);

/** Tags as every service takes them. */
export const tags = z
  .record(key, value)
  .refine(
    given => Object.keys(given).length <= MAX_TAGS,
    `at most ${MAX_TAGS} tags: a resource takes 50, of which one tells the environment`,
  );
