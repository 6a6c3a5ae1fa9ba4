import { KEY_RULE, keyPattern, MAX_TAGS, VALUE_PATTERN, VALUE_RULE } from '../private/tag-rules';
import { type Finding, isObject, type Limit, type Template } from './template';

/** Tags that the services would refuse. */
export const tagLimits: readonly Limit[] = [{ name: 'tags', findings: badTags }];

/** What is wrong with a tag; nothing if every service takes it. */
function tagProblem(key: string, value: string): string | undefined {
  if (!keyPattern().test(key)) return `the key of the tag '${key}' must be ${KEY_RULE}`;
  return VALUE_PATTERN.test(value) ? undefined : `the value of the tag '${key}' is '${value}', must be ${VALUE_RULE}`;
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
