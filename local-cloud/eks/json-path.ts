/**
 * The value at a path such as `.status.loadBalancer.ingress[0].hostname`, as `kubectl` prints it; empty where there is
 * none. Filters and wildcards are not there.
 */
export function jsonPath(object: object, path: string): string {
  if (!/^\.?[A-Za-z0-9_-]+((\.[A-Za-z0-9_-]+)|(\[\d+\]))*$/.test(path)) {
    throw new Error(
      `not implemented in the local cloud: the path '${path}', only names and numbers such as '.a.b[0].c'`,
    );
  }
  let value: unknown = object;
  for (const [step] of path.matchAll(/[A-Za-z0-9_-]+/g)) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Record<string, unknown>)[step];
  }
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
