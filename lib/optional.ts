import { Duration } from 'aws-cdk-lib';

/** Converts what an environment says; what it leaves out stays out, for the construct to decide. */
export function optional<T, R>(value: T | undefined, convert: (value: T) => R): R | undefined {
  return value === undefined ? undefined : convert(value);
}

/** A time that an environment gives in minutes. */
export function minutes(value: number | undefined): Duration | undefined {
  return optional(value, count => Duration.minutes(count));
}
