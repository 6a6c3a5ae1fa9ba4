import { serializationException, type ServiceError, validationException } from '../errors';
import type { ServiceModel, Shape } from './model';
import { compilePattern } from './pattern';

/**
 * Reads a request body as AWS's JSON protocol does: `null` members are absent, timestamps become dates, and a value of
 * another type than its shape says is a `SerializationException`. Members that AWS does not know are kept; the check of
 * supported fields refuses them by name.
 */
export function deserialize(model: ServiceModel, shapeName: string, value: unknown, path = ''): unknown {
  const shape = model.shape(shapeName);
  const wrong = (): Error =>
    serializationException(`'${path === '' ? 'request' : path}' must be ${article(shape.type)}, got ${kindOf(value)}`);
  switch (shape.type) {
    case 'structure':
      if (!isObject(value)) {
        throw wrong();
      }
      return mapEntries(value, (name, member) => {
        const known =
          shape.members !== undefined && Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
        return known === undefined ? member : deserialize(model, known.shape, member, join(path, name));
      });
    case 'list':
      if (!Array.isArray(value)) {
        throw wrong();
      }
      return value.map((item, i) => deserialize(model, memberShape(shape), item, join(path, String(i))));
    case 'map':
      if (!isObject(value)) {
        throw wrong();
      }
      return mapEntries(value, (key, item) => deserialize(model, valueShape(shape), item, join(path, key)));
    case 'timestamp':
      return deserializeTimestamp(value, wrong);
    case 'integer':
    case 'long':
      return expect(value, Number.isSafeInteger(value), wrong);
    case 'float':
    case 'double':
      return expect(value, typeof value === 'number', wrong);
    case 'boolean':
      return expect(value, typeof value === 'boolean', wrong);
    case 'string':
    case 'blob':
      return expect(value, typeof value === 'string', wrong);
  }
}

/**
 * Checks every constraint of the shape and throws one error that lists each that failed.
 *
 * @param refuse the error by the name that the service gives it
 */
export function validate(
  model: ServiceModel,
  shapeName: string,
  value: unknown,
  refuse: (message: string) => ServiceError = validationException,
): void {
  const failed = violations(model, shapeName, value, '');
  if (failed.length > 0) {
    const count = failed.length === 1 ? '1 validation error' : `${failed.length} validation errors`;
    throw refuse(`${count} detected: ${failed.join('; ')}`);
  }
}

function violations(model: ServiceModel, shapeName: string, value: unknown, path: string): string[] {
  const shape = model.shape(shapeName);
  switch (shape.type) {
    case 'structure': {
      const given = value as Readonly<Record<string, unknown>>;
      const missing = (shape.required ?? [])
        .filter(name => given[name] === undefined)
        .map(
          name =>
            `Value null at '${join(path, decapitalize(name))}' failed to satisfy constraint: Member must not be null`,
        );
      const nested = Object.entries(shape.members ?? {}).flatMap(([name, member]) =>
        given[name] === undefined ? [] : violations(model, member.shape, given[name], join(path, decapitalize(name))),
      );
      return [...missing, ...nested];
    }
    case 'list': {
      const items = value as readonly unknown[];
      return [
        ...sizeViolations(shape, items.length, items, path),
        ...items.flatMap((item, i) => violations(model, memberShape(shape), item, `${path}.${i + 1}.member`)),
      ];
    }
    case 'map': {
      const entries = Object.entries(value as Readonly<Record<string, unknown>>);
      return [
        ...sizeViolations(shape, entries.length, value, path),
        ...entries.flatMap(([key, item]) => [
          ...violations(model, keyShape(shape), key, `${path}.${key}.key`),
          ...violations(model, valueShape(shape), item, `${path}.${key}.member`),
        ]),
      ];
    }
    case 'string':
      return stringViolations(shape, value as string, path);
    case 'blob':
      return sizeViolations(shape, (value as string | Uint8Array).length, value, path);
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return rangeViolations(shape, value as number, path);
    default:
      return [];
  }
}

function stringViolations(shape: Shape, value: string, path: string): string[] {
  if (shape.enum !== undefined) {
    const allowed = shape.enum;
    return allowed.includes(value)
      ? []
      : [failure(shape, value, path, `Member must satisfy enum value set: [${allowed.join(', ')}]`)];
  }
  // an expression is tried on a value of allowed length only: some backtrack long on others
  const length = sizeViolations(shape, value.length, value, path);
  if (length.length > 0 || shape.pattern === undefined || compilePattern(shape.pattern).test(value)) {
    return length;
  }
  return [failure(shape, value, path, `Member must satisfy regular expression pattern: ${shape.pattern}`)];
}

function sizeViolations(shape: Shape, size: number, value: unknown, path: string): string[] {
  const found: string[] = [];
  if (shape.min !== undefined && size < shape.min) {
    found.push(failure(shape, value, path, `Member must have length greater than or equal to ${shape.min}`));
  }
  if (shape.max !== undefined && size > shape.max) {
    found.push(failure(shape, value, path, `Member must have length less than or equal to ${shape.max}`));
  }
  return found;
}

function rangeViolations(shape: Shape, value: number, path: string): string[] {
  const found: string[] = [];
  if (shape.min !== undefined && value < shape.min) {
    found.push(failure(shape, value, path, `Member must have value greater than or equal to ${shape.min}`));
  }
  if (shape.max !== undefined && value > shape.max) {
    found.push(failure(shape, value, path, `Member must have value less than or equal to ${shape.max}`));
  }
  return found;
}

function failure(shape: Shape, value: unknown, path: string, constraint: string): string {
  const shown = shape.sensitive === true ? '' : ` '${typeof value === 'string' ? value : JSON.stringify(value)}'`;
  return `Value${shown} at '${path}' failed to satisfy constraint: ${constraint}`;
}

function deserializeTimestamp(value: unknown, wrong: () => Error): Date {
  // the protocol's form is epoch seconds; Step Functions and people write ISO 8601
  const date =
    typeof value === 'number' ? new Date(value * 1000) : new Date(typeof value === 'string' ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw wrong();
  }
  return date;
}

function expect<T>(value: T, fits: boolean, wrong: () => Error): T {
  if (!fits) {
    throw wrong();
  }
  return value;
}

function mapEntries(
  value: Readonly<Record<string, unknown>>,
  change: (name: string, member: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, change(name, member)]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberShape(shape: Shape): string {
  return named(shape.member);
}

function keyShape(shape: Shape): string {
  return named(shape.key);
}

function valueShape(shape: Shape): string {
  return named(shape.value);
}

function named(reference: { readonly shape: string } | undefined): string {
  if (reference === undefined) {
    throw new Error('the service model has a list or map without the shape of its members');
  }
  return reference.shape;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function decapitalize(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function article(type: Shape['type']): string {
  return type === 'integer' ? 'an integer' : `a ${type}`;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
