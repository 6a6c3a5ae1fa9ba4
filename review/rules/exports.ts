import type { CanonicalStack } from '../canonical';
import type { Finding, Rule } from '../finding';

/** Exports that CloudFormation refuses to take away or to change while another stack, as it is deployed, imports them. */
export const exportsInUse: Rule = ({ before, after }) =>
  before.flatMap(old => {
    const now = after.find(({ stackName }) => stackName === old.stackName);
    if (now === undefined) {
      return [];
    }
    return [...exportsOf(old)]
      .filter(([name, value]) => exportsOf(now).get(name) !== value)
      .flatMap(([name]): Finding[] => {
        const users = before.filter(stack => stack !== old && JSON.stringify(stack.template).includes(`"${name}"`));
        return users.length === 0
          ? []
          : [
              {
                topic: 'deployment',
                level: 'danger',
                stack: old.id,
                says: `export \`${name}\` goes or changes while ${users.map(({ id }) => `\`${id}\``).join(', ')} still imports it: CloudFormation refuses; deploy the importing stack without it first`,
              },
            ];
      });
  });

function exportsOf({ template }: CanonicalStack): Map<string, string> {
  const outputs = (template.Outputs ?? {}) as Record<string, { Value: unknown; Export?: { Name: unknown } }>;
  return new Map(
    Object.values(outputs).flatMap(({ Value, Export }): [string, string][] =>
      Export === undefined ? [] : [[String(Export.Name), JSON.stringify(Value)]],
    ),
  );
}
