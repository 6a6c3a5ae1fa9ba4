/** A measure at some number of models. */
export interface Point {
  readonly models: number;
  readonly value: number;
}

/** What each model adds from the first point to the last, and what is there without any. */
export function perModel(points: readonly Point[]): { readonly slope: number; readonly fixed: number } {
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined || first.models === last.models) {
    throw new Error(`growth needs two numbers of models, got ${points.map(({ models }) => models).join(', ')}`);
  }
  const slope = (last.value - first.value) / (last.models - first.models);
  return { slope, fixed: first.value - slope * first.models };
}
