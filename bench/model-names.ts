/** Names for so many models, from `m001` on. */
export function modelNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m${String(index + 1).padStart(3, '0')}`);
}
