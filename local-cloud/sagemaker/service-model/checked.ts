/**
 * The SDK writes `T | undefined` for members that a request must have. After the check against the service model they
 * are there, and this type says so.
 */
export type Checked<T> = T extends string | number | boolean | Date | Uint8Array
  ? T
  : { [K in keyof T]: Checked<NonNullable<T[K]>> };
