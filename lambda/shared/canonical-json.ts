import { createHash } from 'node:crypto';

/**
 * JSON with keys sorted and no white space: equal values give equal bytes, so a digest over them names the value.
 *
 * Members that are `undefined` are left out, as `JSON.stringify` does. Numbers that JSON cannot hold are an error rather
 * than `null`, since two different values would otherwise share a name.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(item => canonicalJson(item === undefined ? null : item)).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      // by code unit, not by locale: the order must be the same on every machine
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error(`number ${value} has no JSON form, use a finite number or leave the member out`);
  }
  // the types leave out that it knows no text for a function or a symbol
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) {
    throw new Error(`value of type '${typeof value}' has no JSON form`);
  }
  return text;
}

/** SHA-256 of bytes or of a text in UTF-8, in lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a value's canonical JSON. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}
