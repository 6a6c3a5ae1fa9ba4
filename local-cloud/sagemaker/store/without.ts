/** A copy of `value` that lacks some of its members. */
export function without<T extends object, K extends keyof T>(value: T, ...names: readonly K[]): Omit<T, K> {
  const copy = { ...value };
  for (const name of names) {
    Reflect.deleteProperty(copy, name);
  }
  return copy;
}
