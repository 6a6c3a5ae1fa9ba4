import { environmentSchemaTree, modelSchemaTree, type SchemaNode } from './json-schema';

/**
 * `docs/environment-keys.md` and `docs/model-keys.md`: every key of a file, what it takes and what it says, from the schema that
 * checks the files, so that the pages cannot be wrong.
 */

const ENVIRONMENT_HEAD = `# All keys of an environment's file

Written by \`npm run schema\` from the schema that checks the files: do not edit it. [Environments](environments.md) explains them;
\`environments/schema.json\` has the same for editors. A key that is not marked as needed may be left out: then its tier
([defaults](environments.md#tiers)), or the construct that it is about ([API.md](../API.md)), decides.
`;
const MODEL_HEAD = `# All keys of a model's file

Written by \`npm run schema\` from the schema that checks the files: do not edit it. The file is the \`definition\` of a model in
[environments' files](environment-keys.md): it says what the model is everywhere, they say what differs.
\`environments/model-schema.json\` has the same for editors, [Personal data](personal-data.md) tells of \`subject\` and \`personal\`.
A key that is not marked as needed may be left out: then what its row says.
`;
/** Of these each key that has keys has a section of its own; elsewhere what is nested stands with what it is in. */
const SPLIT = ['', 'models', 'models.<name>'];

/** The page of an environment's file. */
export function environmentKeysPage(): string {
  return `${ENVIRONMENT_HEAD}\n${sections('', 'The environment', environmentSchemaTree()).join('\n')}`;
}

/** The page of a model's file. */
export function modelKeysPage(): string {
  return `${MODEL_HEAD}\n${sections('', 'The model', modelSchemaTree()).join('\n')}`;
}

function sections(path: string, title: string, node: SchemaNode): string[] {
  const keys = keysOf(node);
  if (!SPLIT.includes(path)) {
    const kinds = node.oneOf ?? [node];
    return [
      `## ${title}\n\n${node.description ?? ''}\n`,
      ...kinds.map(kind => {
        const named = kinds.length > 1 ? `### \`${path.split('.').at(-1) ?? path}\` with ${markOf(kind)}\n\n` : '';
        return `${named}${table(rows(path, kind))}`;
      }),
    ];
  }
  const large = (of: SchemaNode): boolean => keysOf(of).length > 0 && of.anyOf === undefined;
  const own = keys.filter(([, of]) => !large(of)).flatMap(([key, of]) => rowsOf(node, path, key, of));
  return [
    [`## ${title}\n`, `${node.description ?? ''}\n`, own.length === 0 ? '' : table(own)]
      .filter(part => part.trim() !== '')
      .join('\n'),
    ...keys
      .filter(([, of]) => large(of))
      .flatMap(([key, of]) => sections(below(path, key), `\`${below(path, key)}\`${neededMark(node, key)}`, of)),
  ];
}

/** A table of keys, each with what it takes and what it says. */
function table(lines: readonly (readonly string[])[]): string {
  const cells = [['key', 'takes', 'says'], ...lines];
  const widths = [0, 1, 2].map(column => Math.max(...cells.map(line => line[column].length)));
  const line = (of: readonly string[]): string => `| ${of.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  const [head = [], ...others] = cells;
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`;
  return `${[line(head), rule, ...others.map(line)].join('\n')}\n`;
}

function rows(path: string, node: SchemaNode): string[][] {
  return keysOf(node).flatMap(([key, of]) => rowsOf(node, path, key, of));
}

function rowsOf(parent: SchemaNode, path: string, key: string, node: SchemaNode): string[][] {
  const its = below(path, key);
  const takes = `${takesOf(node)}${neededMark(parent, key)}`;
  return [[`\`${its}\``, takes, saysOf(node)].map(cell => cell.replaceAll('|', '\\|')), ...rows(its, node)];
}

/** What marks a key, in its row or its section's title, that whatever has such a key cannot be without. */
function neededMark(parent: SchemaNode, key: string): string {
  const holders = [parent, parent.items ?? [], variantsOf(parent)].flat();
  return key !== '<name>' && holders.every(holder => needs(holder, key)) ? ', needed' : '';
}

/** Whether an object cannot be without the key; one that has no such key, or is none, is not asked. */
function needs(node: SchemaNode, key: string): boolean {
  return node.properties === undefined || (node.required ?? []).includes(key);
}

/** The keys of an object, of all that it may be, and of what a list holds; what it calls by names has one, `<name>`. */
function keysOf(node: SchemaNode): [string, SchemaNode][] {
  const found = new Map<string, SchemaNode>();
  for (const { properties, additionalProperties, items } of [node, ...variantsOf(node)]) {
    for (const [key, of] of Object.entries(properties ?? {})) {
      const known = found.get(key);
      found.set(key, known === undefined ? of : together(known, of));
    }
    if (additionalProperties !== undefined && additionalProperties !== false) found.set('<name>', additionalProperties);
    if (items !== undefined) for (const [key, of] of keysOf(items)) found.set(key, of);
  }
  return [...found];
}

/** The same key in two kinds: the word that tells them apart is any of theirs, else the first one speaks for both. */
function together(known: SchemaNode, other: SchemaNode): SchemaNode {
  return other.const === undefined ? known : { enum: [known.enum ?? known.const ?? [], other.const].flat() };
}

function variantsOf(node: SchemaNode): readonly SchemaNode[] {
  return [...(node.oneOf ?? []), ...(node.anyOf ?? [])];
}

/** The word that tells a kind of an object from the others, such as `source: create`. */
function markOf(kind: SchemaNode): string {
  const mark = Object.entries(kind.properties ?? {}).find(([, of]) => of.const !== undefined);
  return mark === undefined ? 'other keys' : `\`${mark[0]}: ${mark[1].const}\``;
}

function takesOf(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map(value => `\`${value}\``).join(', ');
  if (Array.isArray(node.type)) return node.type.map((type: string) => takesOf({ ...node, type })).join(', or ');
  if (node.anyOf !== undefined) return node.anyOf.map(takesOf).join(', or ');
  switch (node.type) {
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
    case 'number':
      return `${node.type === 'integer' ? 'whole number' : 'number'}${rangeOf(node)}`;
    case 'array':
      return node.items === undefined ? 'list' : `list of ${takesOf(node.items)}`;
    case 'string':
      return `text${lengthOf(node)}`;
    default:
      return 'keys';
  }
}

function rangeOf({ type, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode): string {
  const least = type === 'integer' && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : minimum;
  const from =
    least !== undefined && least > Number.MIN_SAFE_INTEGER
      ? ` from ${least}`
      : exclusiveMinimum !== undefined
        ? ` over ${exclusiveMinimum}`
        : '';
  // what JavaScript can count is no limit that anybody asks for
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const under = exclusiveMaximum === undefined ? '' : ` and under ${exclusiveMaximum}`;
  return `${from}${most === undefined ? under : ` to ${most}`}`;
}

/** That a text is not empty is no length that anybody asks for. */
function lengthOf({ maxLength }: SchemaNode): string {
  return maxLength === undefined ? '' : ` of at most ${maxLength} characters`;
}

function saysOf({ description = '', default: value }: SchemaNode): string {
  return ['string', 'number', 'boolean'].includes(typeof value)
    ? `${description} Default: ${String(value)}.`
    : description;
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
