/**
 * Which of many hypotheses are rejected so that at most a share `q` of the rejections is wrong in expectation
 * (Benjamini and Hochberg, 1995). The answer is in the order of `pValues`.
 */
export function rejectedAt(pValues: readonly number[], q: number): boolean[] {
  const ascending = [...pValues].sort((a, b) => a - b);
  // the largest rank whose p-value lies under the line; every smaller p-value is rejected with it
  const limit = ascending.filter((p, index) => p <= (q * (index + 1)) / ascending.length).at(-1) ?? -1;
  return pValues.map(p => p <= limit);
}
