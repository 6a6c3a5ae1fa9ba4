import type { StateChange } from './events';

/** A state change whose detail is what Describe answers; SageMaker's events write times in milliseconds. */
export function stateChange(detailType: string, arn: string, detail: object): StateChange {
  return { detailType, arn, detail: withTimes(detail, date => date.getTime()) as object };
}

/** The same with times in ISO 8601, as the events of the registry write them. */
export function registryChange(detailType: string, arn: string, detail: object): StateChange {
  return {
    detailType,
    arn,
    detail: withTimes(detail, date => date.toISOString().replace(/\.\d+Z$/, 'Z')) as object,
  };
}

function withTimes(value: unknown, convert: (date: Date) => number | string): unknown {
  if (value instanceof Date) {
    return convert(value);
  }
  if (Array.isArray(value)) {
    return value.map(item => withTimes(item, convert));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [name, withTimes(member, convert)]),
    );
  }
  return value;
}
