import fc from 'fast-check';
import type { SynthesisedStack } from '../../review/canonical';
import { withHashes, withOtherCdk } from './support/cdk-bump';
import { type EditableTemplate, reviewOf, reviewOfStacks, stacksOf } from './support/platform-change';

/** What is no change to AWS, made to every template of an environment. */
interface Harmless {
  readonly name: string;
  readonly edit: (template: EditableTemplate) => unknown;
}

const HARMLESS: readonly Harmless[] = [
  {
    name: 'the CDK is another version',
    edit: template => {
      const bumped = withOtherCdk(template);
      for (const [id, resource] of Object.entries(bumped.Resources)) {
        if (id in template.Resources)
          resource.Metadata = { 'aws:cdk:path': `elsewhere/${id}`, 'aws:asset:path': 'asset.zip' };
      }
      return bumped;
    },
  },
  { name: 'code has another hash', edit: withHashes },
  { name: 'keys stand in another order', edit: reversed },
  { name: 'tags stand in another order', edit: template => eachList(template, 'Tags', list => [...list].reverse()) },
  {
    name: 'statements, actions and resources of policies stand in another order',
    edit: template =>
      ['Statement', 'Action', 'Resource', 'Dimensions', 'DependsOn', 'AlarmActions', 'Service'].reduce<unknown>(
        (changed, key) => eachList(changed, key, list => [...list].reverse()),
        template,
      ),
  },
  {
    name: 'one action is a list of one',
    edit: template =>
      mapped(
        template,
        (key, value) => (['Action', 'Resource'].includes(key) && typeof value === 'string' ? [value] : value),
        'Statement',
      ),
  },
  {
    name: 'descriptions and comments say something else',
    edit: template => {
      const reworded = mapped(template, (key, value) =>
        /^(Description|AlarmDescription|Comment)$/.test(key) && typeof value === 'string'
          ? `${value}, in other words`
          : value,
      ) as EditableTemplate;
      for (const [id, resource] of Object.entries(template.Resources)) {
        // whose words are changed by making a new one, which is a change
        if (/^AWS::(Lambda::LayerVersion|Athena::NamedQuery)$/.test(resource.Type)) reworded.Resources[id] = resource;
      }
      return { ...reworded, Description: 'A stack' };
    },
  },
  {
    name: 'JSON inside of texts has its keys in another order',
    edit: template => mapped(template, (_, value) => (typeof value === 'string' ? reorderedJson(value) : value)),
  },
];

describe.each(['prod', 'localeks'])('nothing to look at in %s when', environment => {
  test.each(HARMLESS)('$name', ({ edit }) => {
    // GIVEN
    const after = stacksOf(environment).map((stack): SynthesisedStack => ({ ...stack, template: edited(stack, edit) }));
    const before = stacksOf(environment);

    // WHEN
    const { markdown, mustLook, findings } = reviewOfStacks(environment, after);

    // THEN
    expect(after.map(({ template }) => JSON.stringify(template))).not.toEqual(
      before.map(({ template }) => JSON.stringify(template)),
    );
    expect(findings).toEqual([]);
    expect(mustLook).toBe(false);
    expect(markdown.split('\n')[2]).toContain('Nothing to look at');
  });
});

test('nothing to look at however keys and lists without order are shuffled', () => {
  const before = stacksOf('prod');

  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), numbers => {
      const after = before.map(stack => ({ ...stack, template: shuffled(stack.template, numbers) as never }));

      expect(reviewOfStacks('prod', after).mustLook).toBe(false);
    }),
    { numRuns: 5 },
  );
});

test('code of a function is told of, though nothing has to be looked at', () => {
  const after = stacksOf('prod').map(stack => ({ ...stack, template: edited(stack, withHashes) }));

  expect(reviewOfStacks('prod', after).markdown).toMatch(/Code alone changes in \d+ functions or layers/);
});

describe('no right is widened when a statement', () => {
  test('moves from a policy into its role', () => {
    const { findings } = reviewOf('prod', 'Platform', ({ Resources }, find) => {
      const { id, resource } = find('AWS::IAM::Policy', 'PipelineRole');
      const role = Resources[resource.Properties.Roles[0].Ref as string];
      role.Properties.Policies = [{ PolicyName: 'moved', PolicyDocument: resource.Properties.PolicyDocument }];
      Reflect.deleteProperty(Resources, id);
    });

    expect(findings).toEqual([]);
  });

  test('moves into a managed policy that its role names', () => {
    const { findings } = reviewOf('prod', 'Platform', ({ Resources }, find) => {
      const { id, resource } = find('AWS::IAM::Policy', 'PipelineRole');
      Resources.Moved = {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: resource.Properties.PolicyDocument },
      };
      Resources[resource.Properties.Roles[0].Ref as string].Properties.ManagedPolicyArns = [{ Ref: 'Moved' }];
      Reflect.deleteProperty(Resources, id);
    });

    expect(findings).toEqual([]);
  });

  test('moves to another stack, from where it names the same things', () => {
    // GIVEN
    const after = stacksOf('prod');
    const [platform, model] = ['Platform', 'Model-rain'].map(
      id => after.find(stack => stack.id === id)?.template as unknown as EditableTemplate,
    );
    const [id, policy] = Object.entries(platform.Resources).find(
      ([name, { Type }]) => Type === 'AWS::IAM::Policy' && name.includes('PipelineRole'),
    ) as [string, EditableTemplate['Resources'][string]];

    // WHEN
    let exported = 0;
    const stackOf = (name: string) => ({
      'Fn::GetStackOutput': { StackName: 'mlops-prod-platform', OutputName: name },
    });
    model.Resources.Moved = mapped(policy, (_, value) => {
      const [kind] = Object.keys(Object(value) as object);
      if (kind !== 'Ref' && kind !== 'Fn::GetAtt') return value;
      if (JSON.stringify(value).includes('AWS::')) return value;
      exported += 1;
      platform.Outputs[`Moved${exported}`] = { Value: value };
      return stackOf(`Moved${exported}`);
    }) as EditableTemplate['Resources'][string];
    Reflect.deleteProperty(platform.Resources, id);
    const { findings } = reviewOfStacks('prod', after);

    // THEN
    expect(exported).toBeGreaterThan(0);
    expect(findings).toEqual([]);
  });

  test('is split in two', () => {
    const { findings } = reviewOf('prod', 'Platform', (_, find) => {
      const { PolicyDocument } = find('AWS::IAM::Policy', 'PipelineRole').resource.Properties;
      PolicyDocument.Statement = PolicyDocument.Statement.flatMap((statement: { Action: string | string[] }) =>
        [statement.Action].flat().map(Action => ({ ...statement, Action })),
      );
    });

    expect(findings).toEqual([]);
  });

  test('asks for more than it did', () => {
    const { findings } = reviewOf('prod', 'Platform', (_, find) => {
      const { Statement } = find('AWS::IAM::Policy', 'PipelineRole').resource.Properties.PolicyDocument;
      Statement[0].Condition = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } };
    });

    expect(findings).toEqual([]);
  });
});

test('a role by another name with the same rights and the same trust has none that are new', () => {
  const { findings } = reviewOf('prod', 'Platform', ({ Resources }, find) => {
    const { id, resource } = find('AWS::IAM::Role', 'PipelineRole');
    Resources.Renamed = resource;
    Reflect.deleteProperty(Resources, id);
    for (const policy of Object.values(Resources)) {
      const [role] = (policy.Properties.Roles ?? []) as { Ref?: string }[];
      if (role?.Ref === id) role.Ref = 'Renamed';
    }
  });

  expect(findings.filter(({ topic }) => topic === 'rights widened')).toEqual([]);
});

function edited(stack: SynthesisedStack, edit: Harmless['edit']): SynthesisedStack['template'] {
  return edit(structuredClone(stack.template) as unknown as EditableTemplate) as SynthesisedStack['template'];
}

/** Every value of a tree, replaced by what a function makes of it and its key, from the top; below a key alone if one is given. */
function mapped(
  value: unknown,
  change: (key: string, value: unknown) => unknown,
  below?: string,
  key = '',
  inside = below === undefined,
): unknown {
  const now = inside ? change(key, value) : value;
  if (Array.isArray(now)) {
    return now.map(item => mapped(item, change, below, '', inside));
  }
  return typeof now === 'object' && now !== null
    ? Object.fromEntries(
        Object.entries(now).map(([name, inner]) => [
          name,
          mapped(inner, change, below, name, inside || name === below),
        ]),
      )
    : now;
}

function eachList(value: unknown, key: string, change: (list: unknown[]) => unknown[]): unknown {
  return mapped(value, (name, inner) => (name === key && Array.isArray(inner) ? change(inner as unknown[]) : inner));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(reversed);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, reversed(inner)]),
      )
    : value;
}

function reorderedJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? JSON.stringify(reversed(value), undefined, 2) : text;
  } catch {
    return text;
  }
}

const WITHOUT_ORDER = ['Statement', 'Action', 'Resource', 'Tags', 'Dimensions', 'DependsOn', 'AlarmActions', 'Roles'];

function shuffled(value: unknown, numbers: Iterator<number>, key = ''): unknown {
  const mixed = <T>(items: T[]): T[] =>
    items
      .map(item => ({ item, at: numbers.next().value as number }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  if (Array.isArray(value)) {
    const items = value.map(item => shuffled(item, numbers));
    return WITHOUT_ORDER.includes(key) ? mixed(items) : items;
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(mixed(Object.entries(value)).map(([name, inner]) => [name, shuffled(inner, numbers, name)]))
    : value;
}
