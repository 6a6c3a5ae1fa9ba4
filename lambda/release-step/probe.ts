import type { Baseline, Bins, Column, ModelSchema } from '../shared/contracts';

/**
 * An instance that the schema allows and that lies where the training data lay: the middle of the baseline's bins, or,
 * without a baseline, the middle of the allowed range.
 */
export function probeInstance(schema: ModelSchema, baseline?: Baseline): Record<string, number | string> {
  return Object.fromEntries(
    schema.features.map(column => [column.name, probeValue(column, baseline?.features[column.name])]),
  );
}

function probeValue(column: Column, bins: Bins | undefined): number | string {
  if (column.type === 'string') {
    return column.values?.[0] ?? bins?.categories?.[0] ?? '';
  }
  const value = clamp(median(bins?.edges) ?? middle(column), column);
  return column.type === 'bigint' ? wholeNumber(value, column) : value;
}

function median(edges: readonly number[] | undefined): number | undefined {
  return edges?.[Math.floor(edges.length / 2)];
}

function middle({ min, max }: Column): number {
  if (min !== undefined && max !== undefined) return min + (max - min) / 2;
  return min ?? max ?? 0;
}

function clamp(value: number, { min, max }: Column): number {
  return Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value));
}

/** Rounds towards the inside of the range. */
function wholeNumber(value: number, { max }: Column): number {
  const rounded = Math.round(value);
  return max !== undefined && rounded > max ? Math.floor(max) : rounded;
}
