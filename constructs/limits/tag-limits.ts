import { type Finding, isObject, type Limit, type Template } from './template';

const MAX_TAGS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 256;
/** What every service takes; some take more. */
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const CHARACTERS_ALLOWED = 'letters, digits, spaces and _ . : / = + - @';
/** Prefix that AWS keeps for itself. */
const RESERVED = /^aws:/i;

/** Tags that the services would refuse. */
export const tagLimits: readonly Limit[] = [{ name: 'tags', findings: badTags }];

/** What is wrong with a tag; nothing if every service takes it. */
export function tagProblem(key: string, value: string): string | undefined {
  if (key === '' || key.length > MAX_KEY) {
    return `the key of the tag '${key}' has ${key.length} characters, must have from 1 to ${MAX_KEY}`;
  }
  if (RESERVED.test(key)) return `the tag '${key}' begins with 'aws:', which is AWS's own, must begin otherwise`;
  if (!CHARACTERS.test(key)) return `the key of the tag '${key}' must be of ${CHARACTERS_ALLOWED}`;
  if (value.length > MAX_VALUE) {
    return `the value of the tag '${key}' has ${value.length} characters, must have at most ${MAX_VALUE}`;
  }
  return CHARACTERS.test(value)
    ? undefined
    : `the value of the tag '${key}' is '${value}', must be of ${CHARACTERS_ALLOWED}`;
}

function badTags(template: Template): Finding[] {
  return Object.entries(template.Resources ?? {}).flatMap(([logicalId, { Properties }]) => {
    const tags = tagsOf(Properties?.Tags);
    const messages = tags.flatMap(([key, value]) => tagProblem(key, value) ?? []);
    if (tags.length > MAX_TAGS) messages.push(`'Tags' has ${tags.length} tags, must have at most ${MAX_TAGS}`);
    return messages.map(message => ({ logicalId, location: 'Properties/Tags', message }));
  });
}

/** Most resources list their tags, some have them by key; a value that is known at deployment only passes. */
function tagsOf(tags: unknown): [string, string][] {
  if (Array.isArray(tags)) {
    return (tags as unknown[])
      .filter(isObject)
      .map(({ Key, Value }) => [typeof Key === 'string' ? Key : 'token', typeof Value === 'string' ? Value : '']);
  }
  return isObject(tags)
    ? Object.entries(tags)
        .filter(([key]) => !/^(Ref|Fn::.*)$/.test(key))
        .map(([key, value]) => [key, typeof value === 'string' ? value : ''])
    : [];
}
