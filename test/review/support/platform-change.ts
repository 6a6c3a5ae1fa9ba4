import type { SynthesisedStack } from '../../../review/canonical';
import { compareEnvironments } from '../../../review/compare';
import { toMarkdown } from '../../../review/markdown';
import { readPrices } from '../../../review/prices';
import { type Report, reportOf } from '../../../review/report';
import { synthesise } from '../../support/platform';

/** A template that a test may change. */
export interface EditableTemplate {
  Resources: Record<string, EditableResource>;
  Outputs: Record<string, unknown>;
  [section: string]: unknown;
}

/** What JSON holds: a test reaches deep into a template that it knows. */
type Untyped = ReturnType<typeof JSON.parse>;

export interface EditableResource {
  Type: string;
  Properties: Record<string, Untyped>;
  [attribute: string]: Untyped;
}

/** The platform's own stacks, made once for each file of tests. */
const platform = synthesise({ environmentNames: ['prod', 'localeks'] });

/** Stacks of an environment as the review reads them, a copy for each caller. */
export function stacksOf(environment: string): SynthesisedStack[] {
  return (platform.get(environment) ?? []).map(({ id, stackName, terminationProtection, template }) => ({
    id,
    stackName,
    terminationProtection,
    target: 'unknown-account/eu-west-1',
    template: structuredClone(template),
  }));
}

/** The review of a change to one stack's template, which the test makes. */
export function reviewOf(
  environment: string,
  stackId: string,
  edit: (template: EditableTemplate, find: Find) => void,
): Report & { markdown: string } {
  const after = stacksOf(environment);
  const stack = after.find(({ id }) => id === stackId);
  if (stack === undefined) {
    throw new Error(`'${environment}' has no stack '${stackId}': it has ${after.map(({ id }) => id).join(', ')}`);
  }
  const template = stack.template as unknown as EditableTemplate;
  edit(template, finderIn(template));
  return reviewOfStacks(environment, after);
}

export function reviewOfStacks(environment: string, after: SynthesisedStack[]): Report & { markdown: string } {
  const changes = compareEnvironments(
    new Map([[environment, stacksOf(environment)]]),
    new Map(after.length === 0 ? [] : [[environment, after]]),
  );
  const report = reportOf({ base: 'main', head: 'working tree', changes, prices: readPrices() });
  return { ...report, markdown: toMarkdown(report) };
}

/** A resource by its type, and by a part of its logical id where there are several. */
export type Find = (type: string, part?: string | RegExp) => { id: string; resource: EditableResource };

function finderIn(template: EditableTemplate): Find {
  return (type, part = '') => {
    const found = Object.entries(template.Resources).find(
      ([id, resource]) => resource.Type === type && (typeof part === 'string' ? id.includes(part) : part.test(id)),
    );
    if (found === undefined) {
      throw new Error(`no resource of type '${type}' with '${String(part)}' in its id`);
    }
    return { id: found[0], resource: found[1] };
  };
}

/** The first lines of a comment: what is read even by whoever unfolds nothing. */
export function firstLines(markdown: string): string {
  return markdown.split('\n').slice(0, 8).join('\n');
}
