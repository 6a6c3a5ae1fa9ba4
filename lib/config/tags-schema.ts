import { z } from 'zod';
import { TAG_PREFIX, TEMPLATE_TAGS } from '../../constructs/private/tag-keys';
import { KEY_RULE, keyPattern, MAX_TAGS, VALUE_PATTERN, VALUE_RULE } from '../../constructs/private/tag-rules';

const MAX_OWN_TAGS = MAX_TAGS - TEMPLATE_TAGS.length;

const key = z.string().regex(keyPattern(TAG_PREFIX), `${KEY_RULE}, or '${TAG_PREFIX}', which is the platform's`);
const value = z.string().regex(VALUE_PATTERN, VALUE_RULE);

/** Tags as every service takes them. */
export const tags = z
  .record(key, value)
  .refine(
    given => Object.keys(given).length <= MAX_OWN_TAGS,
    `at most ${MAX_OWN_TAGS} tags: a resource takes ${MAX_TAGS}, of which ${TEMPLATE_TAGS.length} are the platform's`,
  );
