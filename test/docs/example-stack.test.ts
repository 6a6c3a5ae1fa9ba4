import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChurnStack } from './example-stack';

/** The example as a reader has it: in an app of its own, without the flags of this repository. */
function example(): ChurnStack {
  const folder = mkdtempSync(join(tmpdir(), 'example-test-'));
  mkdirSync(join(folder, 'churn'));
  writeFileSync(join(folder, 'churn', 'train.py'), '');
  const before = process.cwd();
  try {
    process.chdir(folder);
    return new ChurnStack(new App(), 'Churn');
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}

const stack = example();
/** Synthesised once: the tests only look. It also explains what cdk-nag finds. */
const resources = Object.entries(
  Template.fromStack(stack).toJSON().Resources as Record<
    string,
    { readonly Type: string; readonly Properties?: Record<string, unknown> }
  >,
).map(([id, resource]) => ({ id, ...resource }));

test('whoever runs cdk-nag over it finds nothing that the library does not explain', () => {
  const findings = new AwsSolutionsChecks(stack)
    .validateScope(stack)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath ?? ''}`),
    );

  expect(findings).toEqual([]);
});

describe('what is used by another resource is named by reference, so that it is there first', () => {
  /** Where each type has the name that somebody gave it. */
  const NAME_OF: Record<string, (properties: Record<string, unknown>) => unknown> = {
    'AWS::Athena::WorkGroup': ({ Name }) => Name,
    'AWS::Glue::Database': ({ DatabaseInput }) => (DatabaseInput as { Name: unknown }).Name,
    'AWS::Glue::Table': ({ TableInput }) => (TableInput as { Name: unknown }).Name,
    'AWS::Logs::LogGroup': ({ LogGroupName }) => LogGroupName,
    'AWS::S3::Bucket': ({ BucketName }) => BucketName,
  };
  /** For people, not for AWS. */
  const PROSE = ['AlarmDescription', 'Description', 'DisplayName', 'ModelPackageGroupDescription'];
  const named = resources.flatMap(({ id, Type, Properties = {} }) => {
    const name = NAME_OF[Type]?.(Properties);
    return typeof name === 'string' ? [{ id, name }] : [];
  });

  test('of the types that are looked at, some are named', () => {
    expect(named.map(({ name }) => name)).toEqual(expect.arrayContaining(['mlops_prod', 'mlops-prod']));
  });

  test.each(named)('$name', ({ id, name }) => {
    const word = new RegExp(`(?<![\\w-])${name}(?![\\w-])`);
    const byName = resources.filter(
      resource =>
        resource.id !== id &&
        word.test(
          JSON.stringify(resource.Properties, (key, value: unknown) => (PROSE.includes(key) ? undefined : value)),
        ),
    );

    expect(byName.map(user => user.id)).toEqual([]);
  });
});
