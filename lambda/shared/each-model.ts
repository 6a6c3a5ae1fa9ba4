/** Models that are looked at side by side: quick with a hundred, and far from what AWS's APIs take in a second. */
const AT_ONCE = 5;

/** Does something for each model; one that fails stops none of the others. Returns what failed, in words. */
export async function failuresOfEach(
  models: readonly string[],
  act: (model: string) => Promise<void>,
): Promise<string[]> {
  const failures: string[] = [];
  const left = [...models];
  const work = async (): Promise<void> => {
    for (let model = left.shift(); model !== undefined; model = left.shift()) {
      try {
        await act(model);
      } catch (error) {
        failures.push(`'${model}': ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}

/** Does something for each model; one that fails stops none of the others, and all that failed are named at the end. */
export async function forEachModel(models: readonly string[], act: (model: string) => Promise<void>): Promise<void> {
  const failures = await failuresOfEach(models, act);
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${models.length} models failed: ${failures.join('; ')}`);
}
