/** A value as a stream of DynamoDB has it: one member, named by its type. */
export interface StreamValue {
  S?: string;
  N?: string;
  BOOL?: boolean;
  NULL?: boolean;
  L?: StreamValue[];
  M?: Record<string, StreamValue>;
}

/** An item of a stream as plain values; what the platform's tables never hold is refused by its type. */
export function plainItem(image: Readonly<Record<string, StreamValue>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plain(value, name)]));
}

function plain(value: StreamValue, name: string): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(element => plain(element, name));
  if (value.M !== undefined) return plainItem(value.M);
  throw new Error(`attribute '${name}' has the type '${Object.keys(value).join()}', must be S, N, BOOL, NULL, L or M`);
}
