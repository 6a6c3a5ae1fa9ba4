import { z } from 'zod';
import { didYouMean } from './nearest';

type Path = readonly PropertyKey[];

interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: JsonSchema[];
  readonly anyOf?: JsonSchema[];
  readonly const?: unknown;
  readonly required?: string[];
}

/** What went wrong at which path, in words: value got, values allowed, and the nearest right word. */
export interface DescribedIssue {
  readonly path: Path;
  readonly message: string;
}

/** Of the alternatives of a choice those that a value chose by its own words, such as `type: CANARY`; all, if it chose none. */
function chosen(schema: JsonSchema, value: unknown): JsonSchema[] {
  const alternatives = schema.oneOf ?? schema.anyOf ?? [schema];
  const fitting = alternatives.filter(({ properties, required }) =>
    Object.entries(properties ?? {}).every(([key, property]) => {
      if (property.const === undefined) return true;
      const word = valueAt(value, [key]);
      return word === undefined ? required?.includes(key) !== true : word === property.const;
    }),
  );
  return fitting.length === 0 ? alternatives : fitting;
}

/** The schemas of what may stand at a path; several where the schema leaves a choice, or `all` of its alternatives. */
function schemasAt(schema: z.ZodType, document: unknown, path: Path, all = false): JsonSchema[] {
  let current = chosen(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, document);
  path.forEach((part, index) => {
    const isLast = index === path.length - 1;
    current = current
      .flatMap(({ items, properties, additionalProperties }) => {
        const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined;
        return (typeof part === 'number' ? items : (properties?.[String(part)] ?? rest)) ?? [];
      })
      .flatMap(inner =>
        all && isLast ? (inner.oneOf ?? [inner]) : chosen(inner, valueAt(document, path.slice(0, index + 1))),
      );
  });
  return current;
}

/** Keys that an object of the schema may have at a path. */
function knownKeys(schema: z.ZodType, document: unknown, path: Path): string[] {
  return [...new Set(schemasAt(schema, document, path).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** The choice with which a key would be known, such as `'target: eks'`; nothing where it never is. */
function elsewhere(schema: z.ZodType, document: unknown, path: Path, key: string): string | undefined {
  const words = schemasAt(schema, document, path, true)
    .filter(({ properties }) => properties?.[key] !== undefined)
    .flatMap(({ properties }) => Object.entries(properties ?? {}))
    .filter(([, property]) => typeof property.const === 'string')
    .map(([name, property]) => `${name}: ${String(property.const)}`);
  return words.length === 0 ? undefined : quoted(words);
}

/** Values among which the schema leaves a choice at a path. */
function knownValues(schema: z.ZodType, document: unknown, path: Path): string[] {
  return schemasAt(schema, document, path).flatMap(alternative =>
    typeof alternative.const === 'string' ? [alternative.const] : [],
  );
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    document,
  );
}

function quoted(words: readonly unknown[]): string {
  return words.map(word => `'${String(word)}'`).join(', ');
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

/** A path as a person writes it. */
export function dotted(path: Path): string {
  return path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** What a value must be, from what zod says about it. */
function allowed(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input')
        ? `must be a value of type '${issue.expected}'`
        : `must be ${issue.message}`;
    case 'invalid_value':
      return [
        `must be one of ${quoted(issue.values)}${didYouMean(typeof value === 'string' ? value : '', issue.values.map(String))}`,
        ...(issue.message.startsWith('Invalid') ? [] : [issue.message]),
      ].join('; ');
    case 'too_small':
      if (!issue.message.startsWith('Too small')) return `must be ${issue.message}`;
      return `must be ${issue.inclusive === false ? 'greater than' : 'at least'} ${issue.minimum}${issue.origin === 'number' ? '' : ' long'}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${issue.origin === 'number' ? '' : ' long'}`;
    default:
      // every pattern and refinement of ours carries what is allowed as its message
      return `must be ${issue.message}`;
  }
}

/** Describes an issue that zod found in a document; one issue of zod may hold several unknown keys. */
export function describeIssue(schema: z.ZodType, document: unknown, issue: z.core.$ZodIssue): DescribedIssue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, document, issue.path);
    return issue.keys.map(key => {
      const choice = elsewhere(schema, document, issue.path, key);
      const place = choice === undefined ? 'is not known' : `is known with ${choice} alone`;
      return {
        path: [...issue.path, key],
        message: `'${dotted([...issue.path, key])}' ${place}, must be one of ${quoted(known)}${didYouMean(key, known)}`,
      };
    });
  }
  const path = dotted(issue.path);
  if (issue.code === 'invalid_key') {
    const message = `'${path}' is no valid name, must be ${issue.issues.map(inner => inner.message).join(', ')}`;
    return [{ path: issue.path, message }];
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const value = valueAt(document, issue.path);
    const known = knownValues(schema, document, issue.path);
    const got = value === undefined ? 'is missing' : `is ${show(value)}`;
    const hint = didYouMean(typeof value === 'string' ? value : '', known);
    return [{ path: issue.path, message: `'${path}' ${got}, must be one of ${quoted(known)}${hint}` }];
  }
  if (issue.code === 'invalid_union') {
    // of the alternatives the one that is for such a value at all
    const meant = issue.errors.find(
      issues => !issues.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0),
    );
    if (meant !== undefined) {
      return meant.flatMap(inner =>
        describeIssue(schema, document, { ...inner, path: [...issue.path, ...inner.path] }),
      );
    }
  }
  const value = valueAt(document, issue.path);
  const got = value === undefined ? 'is missing' : `is ${show(value)}`;
  return [{ path: issue.path, message: `'${path}' ${got}, ${allowed(issue, value)}` }];
}
