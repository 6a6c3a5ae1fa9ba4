/** What every service takes as a tag; some take more. */

/** Most tags of a resource. */
export const MAX_TAGS = 50;

const CHARACTER = String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]`;
const CHARACTERS = 'letters, digits, spaces and _ . : / = + - @';
/** AWS keeps it for itself. */
const NOT_OF_AWS = '(?![aA][wW][sS]:)';

export const KEY_RULE = `1 to 128 ${CHARACTERS} that do not begin with 'aws:', which is AWS's own`;
export const VALUE_RULE = `at most 256 ${CHARACTERS}`;

/** Keys; without those that begin with a prefix, if one is given. */
export function keyPattern(notPrefix?: string): RegExp {
  const other = notPrefix === undefined ? '' : `(?!${notPrefix})`;
  return new RegExp(`^${NOT_OF_AWS}${other}${CHARACTER}{1,128}$`, 'u');
}

export const VALUE_PATTERN = new RegExp(`^${CHARACTER}{0,256}$`, 'u');
