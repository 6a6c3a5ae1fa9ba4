// Fails when a part of the public API says nothing of itself, or an optional property nothing of its default.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Member {
  readonly name: string;
  readonly optional?: boolean;
  /** The interface that declares it, and documents it. */
  readonly overrides?: string;
  readonly docs?: { readonly summary?: string; readonly default?: string };
}

interface Type extends Member {
  readonly datatype?: boolean;
  readonly properties?: Member[];
  readonly methods?: Member[];
  readonly members?: Member[];
}

const assembly = JSON.parse(readFileSync(join(__dirname, '..', '.jsii'), 'utf8')) as { types: Record<string, Type> };
const problems = Object.values(assembly.types).flatMap(type => {
  const members = [...(type.properties ?? []), ...(type.methods ?? []), ...(type.members ?? [])];
  return [
    ...[type, ...members.filter(({ overrides }) => overrides === undefined)]
      .filter(({ docs }) => docs?.summary === undefined)
      .map(({ name }) => `'${name}' of ${type.name} has no documentation`),
    ...members
      .filter(({ optional, docs }) => type.datatype === true && optional === true && docs?.default === undefined)
      .map(({ name }) => `'${name}' of ${type.name} is optional and has no '@default'`),
  ];
});
for (const problem of problems) {
  console.error(problem);
}
process.exitCode = problems.length === 0 ? 0 : 1;
