import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PipelineStack } from '../../examples/cdk-pipelines/lib/pipeline-stack';
import { createPlatform } from '../../lib/platform';
import { readCommandLine } from '../../review/command-line';

const ROOT = join(__dirname, '..', '..');
const account = '111122223333';
const connectionArn = `arn:aws:codeconnections:eu-west-1:${account}:connection/01234567-89ab-cdef-0123-456789abcdef`;

interface Action {
  readonly Name: string;
  readonly RunOrder: number;
  readonly Namespace?: string;
  readonly ActionTypeId: { readonly Category: string; readonly Provider: string };
  readonly Configuration: Readonly<Record<string, string>>;
}

interface PipelineStage {
  readonly Name: string;
  readonly Actions: Action[];
}

interface Project {
  readonly Source: { readonly BuildSpec: unknown };
  readonly Environment: { readonly EnvironmentVariables: unknown };
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

let stages: PipelineStage[];
let template: Template;

beforeAll(() => {
  const app = new App();
  const stack = new PipelineStack(app, 'Pipeline', {
    env: { account, region: 'eu-west-1' },
    repository: 'acme/models',
    branch: 'main',
    connectionArn,
    stages: createPlatform(app, { root: ROOT, environmentNames: ['dev', 'staging', 'prod'], defaultAccount: account }),
    approved: ['prod'],
  });
  template = Template.fromStack(stack);
  const [pipeline] = Object.values(template.findResources('AWS::CodePipeline::Pipeline'));
  stages = pipeline?.['Properties'].Stages as PipelineStage[];
});

const stageOf = (name: string): PipelineStage => {
  const found = stages.find(({ Name }) => Name === name);
  if (found === undefined)
    throw new Error(`there is no stage '${name}', there are ${stages.map(({ Name }) => Name).join(', ')}`);
  return found;
};

/** A text with the logical id of what it refers to in place of each reference. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { Ref, ...other } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  const [delimiter, parts] = other['Fn::Join'] ?? [];
  return parts === undefined ? `<${Ref}>` : parts.map(textOf).join(delimiter);
};

/** The statements of each policy of the pipeline's parts, by its logical id. */
const policies = (): [string, Statement[]][] =>
  Object.entries(template.findResources('AWS::IAM::Policy')).map(([id, policy]) => [
    id,
    policy['Properties'].PolicyDocument.Statement as Statement[],
  ]);

const allows = (statements: readonly Statement[], action: string, resource: unknown): boolean =>
  statements.some(({ Action, Resource }) => [Action].flat().includes(action) && Resource === resource);

test('a commit goes from dev by staging to prod, after the pipeline has deployed itself', () => {
  expect(stages.map(({ Name }) => Name)).toEqual([
    'Source',
    'Build',
    'UpdatePipeline',
    'Assets',
    'dev',
    'staging',
    'prod',
  ]);
});

test('commits come by a connection, with their history', () => {
  const [source] = stageOf('Source').Actions;
  expect(source?.ActionTypeId.Provider).toBe('CodeStarSourceConnection');
  expect(source?.Configuration).toMatchObject({
    ConnectionArn: connectionArn,
    FullRepositoryId: 'acme/models',
    BranchName: 'main',
    OutputArtifactFormat: 'CODEBUILD_CLONE_REF',
  });
});

test('the source and each build that clones may use the connection, by its old name and by its new one', () => {
  const users = (action: string): string[] =>
    policies()
      .filter(([, statements]) => allows(statements, action, connectionArn))
      .map(([id]) => id)
      .sort();
  const byNewName = users('codeconnections:UseConnection');
  for (const part of [/Source/, /Synth/, /Reviewprod/]) expect(byNewName).toContainEqual(expect.stringMatching(part));
  expect(byNewName).toEqual(users('codestar-connections:UseConnection'));
});

test('before prod, and there alone, a person reads what changes and says yes', () => {
  const waits = stages.filter(({ Actions }) =>
    Actions.some(({ ActionTypeId }) => ActionTypeId.Category === 'Approval'),
  );
  expect(waits.map(({ Name }) => Name)).toEqual(['prod']);

  const inOrder = [...stageOf('prod').Actions].sort((one, other) => one.RunOrder - other.RunOrder);
  const deploys = inOrder.filter(({ ActionTypeId }) => ActionTypeId.Provider === 'CloudFormation');
  const [review, approve] = inOrder;
  expect([review?.Name, approve?.Name]).toEqual(['Review-prod', 'Approve-prod']);
  expect(review?.RunOrder).toBeLessThan(approve?.RunOrder ?? 0);
  expect(Math.min(...deploys.map(({ RunOrder }) => RunOrder))).toBeGreaterThan(approve?.RunOrder ?? Infinity);
});

describe('what the approver before prod reads', () => {
  const project = (name: RegExp): Project => {
    const found = Object.entries(template.findResources('AWS::CodeBuild::Project')).filter(([id]) => name.test(id));
    expect(found).toHaveLength(1);
    return found[0]?.[1]['Properties'] as Project;
  };
  const commands = (name: RegExp): string[] =>
    (JSON.parse(textOf(project(name).Source.BuildSpec)) as { phases: { build: { commands: string[] } } }).phases.build
      .commands;
  const deployed = (): [string, { Properties: { Value: string } }] => {
    const found = Object.entries(template.findResources('AWS::SSM::Parameter'));
    expect(found).toHaveLength(1);
    return found[0] as unknown as ReturnType<typeof deployed>;
  };

  test('is compared with the commit that was deployed there last, however many merges came in between', () => {
    const [parameter] = deployed();
    expect(project(/Reviewprod/).Environment.EnvironmentVariables).toEqual([
      { Name: 'DEPLOYED', Type: 'PARAMETER_STORE', Value: { Ref: parameter } },
    ]);
    expect(commands(/Reviewprod/).join('\n')).toContain('--base "$DEPLOYED" --environment prod ');
  });

  test('is all new before the first deploy', () => {
    expect(deployed()[1].Properties.Value).toBe('none');
    expect(readCommandLine(['--base', 'none'])).toEqual({});
  });

  test('knows a commit as deployed when all stacks are, and not sooner', () => {
    const inOrder = [...stageOf('prod').Actions].sort((one, other) => one.RunOrder - other.RunOrder);
    const record = inOrder.at(-1);
    expect(record?.Name).toBe('Record-prod');
    expect(inOrder.at(-2)?.RunOrder).toBeLessThan(record?.RunOrder ?? 0);
    expect(stages.flatMap(({ Actions }) => Actions).filter(({ Name }) => Name.startsWith('Record'))).toHaveLength(1);

    const [source] = stageOf('Source').Actions;
    expect(JSON.parse(record?.Configuration['EnvironmentVariables'] ?? '')).toEqual([
      { name: 'COMMIT', type: 'PLAINTEXT', value: `#{${source?.Namespace}.CommitId}` },
    ]);
    expect(commands(/Recordprod/)).toEqual([
      `aws ssm put-parameter --name "<${deployed()[0]}>" --value "$COMMIT" --overwrite`,
    ]);
  });

  test('is kept by one build that may write it, and one that may read it', () => {
    const rights = policies().flatMap(([id, statements]) =>
      statements.flatMap(({ Action, Resource }) =>
        [Action]
          .flat()
          .filter(action => action.startsWith('ssm:'))
          .map(action => [id.replace(/.*(Review|Record)prod.*/, '$1'), action, textOf(Resource)] as const),
      ),
    );
    const resource = expect.stringMatching(new RegExp(`:parameter/<${deployed()[0]}>$`)) as unknown;
    expect(rights.sort()).toEqual([
      ['Record', 'ssm:PutParameter', resource],
      ['Review', 'ssm:GetParameters', resource],
    ]);
  });
});

test('stacks are deployed in their order: the key before the data, the models last', () => {
  const deployed = (name: string): number =>
    stageOf('prod').Actions.find(action => action.Name === `mlops-prod-${name}.Deploy`)?.RunOrder ?? NaN;
  expect(deployed('foundation')).toBeLessThan(deployed('data'));
  expect(deployed('data')).toBeLessThan(deployed('platform'));
  expect(deployed('platform')).toBeLessThan(deployed('model-rain'));
});

test('one project publishes all bundles', () => {
  expect(stageOf('Assets').Actions).toHaveLength(1);
});

test('the pipeline synthesises itself with what it was given', () => {
  const projects = JSON.stringify(template.findResources('AWS::CodeBuild::Project'));
  expect(projects).toContain('-c repository=acme/models');
  expect(projects).toContain(`-c connection=${connectionArn}`);
  expect(projects).toContain('-c region=eu-west-1');
});
