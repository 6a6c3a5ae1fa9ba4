/** JSON as it is read. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type JsonObject = { [key: string]: Json };

/**
 * The merge patch of `kubectl apply`: what the new manifest says and the live object does not, and a null for what the
 * last manifest said and the new one leaves out. What nobody said stays as it is.
 */
export function threeWayPatch(last: JsonObject, wanted: JsonObject, live: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const [key, value] of Object.entries(wanted)) {
    const [before, now] = [last[key], live[key]];
    if (isObject(value) && isObject(now)) {
      const inner = threeWayPatch(isObject(before) ? before : {}, value, now);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (JSON.stringify(value) !== JSON.stringify(now)) {
      patch[key] = value;
    }
  }
  for (const key of Object.keys(last)) {
    if (!(key in wanted) && key in live) patch[key] = null;
  }
  return patch;
}

/** Paths of the lists in a patch: whether such a list is replaced or merged depends on the kind. */
export function listsIn(patch: Json, path = ''): string[] {
  if (Array.isArray(patch)) return [path];
  if (!isObject(patch)) return [];
  return Object.entries(patch).flatMap(([key, value]) => listsIn(value, `${path}.${key}`));
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
