import type { Finding, Rule } from '../finding';

/** Stacks that go to another account or region: CloudFormation makes new ones there and leaves the old ones as they are. */
export const places: Rule = ({ before, after }) =>
  after.flatMap(({ id, stackName, target }): Finding[] => {
    const old = before.find(stack => stack.stackName === stackName);
    return old === undefined || old.target === target
      ? []
      : [
          {
            topic: 'data at risk',
            level: 'danger',
            stack: id,
            says: `stack \`${stackName}\` goes to another place, \`${old.target}\` → \`${target}\`: a new, empty one is made there, and the old one stays unmanaged`,
          },
        ];
  });
