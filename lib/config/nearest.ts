/** Number of insertions, deletions and replacements between two words. */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1] + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column] + 1, current[column - 1] + 1));
    }
    previous = current;
  }
  return previous[to.length];
}

/** The candidate that was probably meant; none when all are far from the word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const ranked = candidates
    .map(candidate => ({ candidate, edits: distance(lower, candidate.toLowerCase()) }))
    // a third of the letters wrong is still a typo, more is another word
    .filter(({ candidate, edits }) => edits <= Math.ceil(Math.max(word.length, candidate.length) / 3))
    .sort((a, b) => a.edits - b.edits);
  return ranked.at(0)?.candidate;
}

/** The hint of an error message; empty without a near candidate. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? '' : `, did you mean '${candidate}'?`;
}
