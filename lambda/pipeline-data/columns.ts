import type { Column, ModelSchema } from '../shared/contracts';

/** The label's values are checked like any column's: 0 or 1, never empty. */
const LABEL_VALUES = ['0', '1'];

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
const BIGINT_MIN = -(2n ** 63n);
const BIGINT_MAX = 2n ** 63n - 1n;

/** What a curated row holds, in this order: the features as the schema has them, the label last. */
export function columnNames(schema: ModelSchema): string[] {
  return [...schema.features.map(feature => feature.name), schema.label];
}

/** A field as the curated zone keeps it, or why the row cannot be used. */
export type CheckedField = { value: string } | { problem: string };

/** Checks a feature's field against its column. */
export function checkFeature(column: Column, field: string): CheckedField {
  const value = column.type === 'string' ? field : field.trim();
  if (value === '') {
    return column.nullable ? { value } : { problem: `'${column.name}' is empty, must have a value` };
  }
  switch (column.type) {
    case 'double':
      return NUMBER.test(value) && Number.isFinite(Number(value))
        ? inRange(column, value)
        : { problem: `'${column.name}' is '${value}', must be a number` };
    case 'bigint':
      return INTEGER.test(value) && isInt64(value)
        ? inRange(column, value)
        : { problem: `'${column.name}' is '${value}', must be a whole number of at most 64 bits` };
    case 'string':
      return checkText(column, value);
  }
}

/** Checks the label's field; `1.0` is taken as `1`, since tools that write floats write it so. */
export function checkLabel(name: string, field: string): CheckedField {
  const text = field.trim();
  const value = NUMBER.test(text) ? String(Number(text)) : text;
  return LABEL_VALUES.includes(value) ? { value } : { problem: `'${name}' is '${text}', must be 0 or 1` };
}

function checkText(column: Column, value: string): CheckedField {
  if (/[\r\n]/.test(value)) {
    // the curated zone has one row a line, so that any engine can split it
    return { problem: `'${column.name}' holds a line break, must be on one line` };
  }
  if (column.values !== undefined && !column.values.includes(value)) {
    return { problem: `'${column.name}' is '${value}', must be one of '${column.values.join("', '")}'` };
  }
  return { value };
}

function inRange(column: Column, value: string): CheckedField {
  const number = Number(value);
  if (column.min !== undefined && number < column.min) {
    return { problem: `'${column.name}' is ${value}, must be at least ${column.min}` };
  }
  if (column.max !== undefined && number > column.max) {
    return { problem: `'${column.name}' is ${value}, must be at most ${column.max}` };
  }
  return { value };
}

function isInt64(text: string): boolean {
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= BIGINT_MIN && value <= BIGINT_MAX;
}
