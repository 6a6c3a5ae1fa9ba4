import type { Resource } from './canonical';

/** Values at a path such as `Replicas.*.Region`; `*` is each item of a list. Nothing where the path ends early. */
export function valuesAt(resource: Resource | undefined, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>(
    (values, key) =>
      values.flatMap(value => {
        if (key === '*') {
          return Array.isArray(value) ? (value as unknown[]) : [];
        }
        const inner = isRecord(value) ? value[key] : undefined;
        return inner === undefined ? [] : [inner];
      }),
    [resource?.Properties ?? {}],
  );
}

/** The only value at a path without `*`. */
export function valueAt(resource: Resource | undefined, path: string): unknown {
  return valuesAt(resource, path)[0];
}

/** CloudFormation takes `true` and the text `'true'` alike. */
export function isOn(value: unknown): boolean {
  return value === true || value === 'true' || value === 'Enabled' || value === 'ENABLED';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number, also where the template has it as a text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number : undefined;
}

/** A text as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A value in a sentence. */
export function shown(value: unknown): string {
  if (value === undefined) {
    return 'none';
  }
  const text = textOf(value);
  return `\`${text.length > 160 ? `${text.slice(0, 157)}...` : text}\``;
}

/** Names in a sentence. */
export function listed(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ');
}
