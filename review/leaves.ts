/** One value that is otherwise than it was. */
export interface LeafChange {
  /** Where it is: `Properties.Tags[Key=owner].Value`. */
  readonly path: string;
  /** Nothing where there was none. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What tells items of a list apart, the first that they have. */
const IDENTITIES = [
  'Id',
  'Key',
  'Name',
  'Sid',
  'AttributeName',
  'IndexName',
  'PolicyName',
  'Region',
  'RuleName',
  'name',
];

/** The smallest parts in which two values differ. */
export function leafChanges(before: unknown, after: unknown, path = ''): LeafChange[] {
  if (equal(before, after)) {
    return [];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return changesOfLists(before, after, path);
  }
  if (isMap(before) && isMap(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap(key => leafChanges(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

/** Whether two canonical values are the same; their keys are in order. */
export function equal(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function changesOfLists(before: readonly unknown[], after: readonly unknown[], path: string): LeafChange[] {
  const identity = IDENTITIES.find(key => identifies(key, before) && identifies(key, after));
  if (identity !== undefined) {
    const byIdentity = (items: readonly unknown[]) =>
      new Map(items.map(item => [String((item as Record<string, unknown>)[identity]), item]));
    const [old, now] = [byIdentity(before), byIdentity(after)];
    return [...new Set([...old.keys(), ...now.keys()])].flatMap(name =>
      leafChanges(old.get(name), now.get(name), `${path}[${identity}=${name}]`),
    );
  }
  // items that are in both are no change, wherever they stand
  const gone = without(before, after);
  const come = without(after, before);
  if (gone.length === 0 && come.length === 0) {
    return [{ path: `${path} (order)`, before, after }];
  }
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) =>
    leafChanges(gone[index], come[index], `${path}[]`),
  ).flat();
}

function identifies(key: string, items: readonly unknown[]): boolean {
  const names = items.map(item => (isMap(item) ? item[key] : undefined));
  return names.every(name => typeof name === 'string') && new Set(names).size === names.length;
}

function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const texts = others.map(other => JSON.stringify(other));
  return items.filter(item => {
    const index = texts.indexOf(JSON.stringify(item));
    if (index >= 0) texts.splice(index, 1);
    return index < 0;
  });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
