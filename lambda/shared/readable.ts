/** A number with as many digits as a person compares. */
export function readable(value: string | number): string {
  return typeof value === 'string' || Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
