import type { ServiceModel } from './model';
import { type FieldSupport, SUPPORTED } from './supported-fields';

/** What the local SageMaker does and what it refuses, in Markdown, from AWS's own service model. */
export function supportTable(model: ServiceModel): string {
  const names = model.operationNames();
  const implemented = names.flatMap(name => {
    const support = SUPPORTED[name];
    return support === undefined ? [] : [describe(model, name, support)];
  });
  const whole = implemented.filter(operation => !isLimited(operation));
  const refused = names.filter(name => !Object.hasOwn(SUPPORTED, name));
  return [
    `${implemented.length} of ${names.length} operations are implemented. These take every field that AWS takes:`,
    '',
    codes(whole.map(({ name }) => name)),
    '',
    'These take every field but those refused, and keep some without acting on them:',
    '',
    '| Operation | Refused | Only recorded | Some values only |',
    '| --- | --- | --- | --- |',
    ...implemented.filter(isLimited).map(row),
    '',
    '<details>',
    `<summary>Refused by name: ${refused.length} operations</summary>`,
    '',
    codes(refused),
    '',
    '</details>',
  ].join('\n');
}

interface DescribedOperation {
  readonly name: string;
  readonly refused: readonly string[];
  readonly recorded: readonly string[];
  readonly values: readonly (readonly [path: string, values: readonly (string | number | boolean)[]])[];
}

function describe(model: ServiceModel, name: string, support: FieldSupport): DescribedOperation {
  const input = model.operation(name)?.input?.shape;
  return {
    name,
    refused:
      input === undefined ? [] : refusedFields(model, input, [...support.implemented, ...(support.recorded ?? [])]),
    recorded: support.recorded ?? [],
    values: Object.entries(support.values ?? {}),
  };
}

function isLimited({ refused, recorded, values }: DescribedOperation): boolean {
  return refused.length + recorded.length + values.length > 0;
}

function row({ name, refused, recorded, values }: DescribedOperation): string {
  const limits = values.map(([path, allowed]) => `\`${path}\`: ${codes(allowed.map(String))}`).join('; ');
  return `| \`${name}\` | ${codes(refused)} | ${codes(recorded)} | ${limits} |`;
}

/** Fields of a shape that no accepted path means or lies below, each named once and not with all that it holds. */
function refusedFields(model: ServiceModel, shapeName: string, accepted: readonly string[], prefix = ''): string[] {
  const shape = model.shape(shapeName);
  const inner = shape.type === 'list' ? shape.member : shape.type === 'map' ? shape.value : undefined;
  if (inner !== undefined) {
    return refusedFields(model, inner.shape, accepted, prefix);
  }
  return Object.entries(shape.members ?? {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (accepted.includes(path)) {
      return [];
    }
    const reachesBelow = accepted.some(entry => entry.startsWith(`${path}.`));
    return reachesBelow ? refusedFields(model, member.shape, accepted, path) : [path];
  });
}

function codes(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ');
}
