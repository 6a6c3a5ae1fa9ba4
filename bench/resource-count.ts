import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many resources each template of an assembly has. */
export function resourcesIn(assembly: string): number[] {
  return readdirSync(assembly, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.template.json'))
    .map(file => {
      const { Resources } = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as { Resources?: object };
      return Object.keys(Resources ?? {}).length;
    });
}
