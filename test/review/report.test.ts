import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAssembly } from '../../review/assembly';
import type { SynthesisedStack } from '../../review/canonical';
import { readCommandLine } from '../../review/command-line';
import { compareEnvironments } from '../../review/compare';
import { toMarkdown } from '../../review/markdown';
import { readPrices } from '../../review/prices';
import { type Report, reportOf } from '../../review/report';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'review-report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stack(resources: object, more: Partial<SynthesisedStack> = {}): SynthesisedStack {
  return {
    id: 'Data',
    stackName: 'mlops-prod-data',
    terminationProtection: true,
    target: 'unknown-account/eu-west-1',
    template: { Resources: resources },
    ...more,
  };
}

function review(before: SynthesisedStack[], after: SynthesisedStack[]): Report {
  const side = (stacks: SynthesisedStack[]) => new Map(stacks.length === 0 ? [] : [['prod', stacks]]);
  return reportOf({
    base: 'main',
    head: 'working tree',
    changes: compareEnvironments(side(before), side(after)),
    prices: readPrices(),
  });
}

const KEY = { Type: 'AWS::KMS::Key', Properties: {} };

describe('cost', () => {
  test('is counted before and after, with what has a price in the region', () => {
    // GIVEN
    const nat = { Type: 'AWS::EC2::NatGateway', Properties: {} };
    const settings = {
      Type: 'AWS::SSM::Parameter',
      Properties: {
        Value: JSON.stringify({ serving: { endpointName: 'rain', instanceType: 'ml.m5.xlarge', instanceCount: 2 } }),
      },
    };

    // WHEN
    const report = review([stack({ Key: KEY })], [stack({ Key: KEY, Nat: nat, Settings: settings })]);

    // THEN
    const [{ cost }] = report.environments;
    expect(cost.usdBefore).toBeCloseTo(1);
    expect(cost.usdAfter).toBeCloseTo(1 + 730 * 0.048 + 730 * 2 * 0.257);
    expect(toMarkdown(report)).toContain('offers/v1.0/aws/AmazonEC2/20260925174521/eu-west-1/index.json');
  });

  test('has no price of another region, and says so by type', () => {
    const nat = { Nat: { Type: 'AWS::EC2::NatGateway', Properties: {} } };

    const report = review([stack({})], [stack(nat, { target: '1/us-east-1' })]);

    expect(report.environments[0].cost.lines).toEqual([]);
    expect(toMarkdown(report)).toMatch(/no price in the table .*\*\*AWS::EC2::NatGateway \(0 → 1\)\*\*/);
  });

  test('is of an endpoint that the table has no price of: it is named', () => {
    const value = JSON.stringify({ endpointName: 'rain', instanceType: 'ml.x9.huge', instanceCount: 3 });
    const settings = { Settings: { Type: 'AWS::SSM::Parameter', Properties: { Value: value } } };

    expect(toMarkdown(review([], [stack(settings)]))).toContain('**SageMaker hosting ml.x9.huge (0 → 3)**');
  });

  test('tells outside of the fold how much comes or goes without a price, and which endpoints', () => {
    // GIVEN
    const parameter = (instanceCount: number) => ({
      Type: 'AWS::SSM::Parameter',
      Properties: { Value: JSON.stringify({ endpointName: 'rain', instanceType: 'ml.x9.huge', instanceCount }) },
    });
    const queue = { Type: 'AWS::SQS::Queue', Properties: {} };

    // WHEN
    const grown = review(
      [stack({ Settings: parameter(1) })],
      [stack({ Settings: parameter(3), Queue: queue, Key: KEY })],
    );
    const same = review([stack({ Settings: parameter(1) })], [stack({ Settings: parameter(1) })]);

    // THEN
    const unfolded = (report: Report) => toMarkdown(report).replaceAll(/<details>[^]*?<\/details>/g, '');
    expect(unfolded(grown)).toContain('| +$1.00 | 3, among them **SageMaker hosting ml.x9.huge (1 → 3)** |');
    expect(unfolded(same)).toContain('| +$0.00 | 0 |');
  });

  test('fails for a price without a source', () => {
    const file = join(folder, 'prices.yaml');
    writeFileSync(file, '- { resource: A, usd: 1, per: month, region: any, published: 2026-01-01 }\n');

    expect(() => readPrices(file)).toThrow(/is no table of prices:(.|\n)*source/);
  });
});

describe('an export that another stack imports', () => {
  const TABLE = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'runs' }, UpdateReplacePolicy: 'Retain' };
  const NAME = 'mlops-prod-platform:TableArn';
  const platform = (
    table: object,
    outputs: object = { Arn: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] }, Export: { Name: NAME } } },
  ) =>
    stack({}, { id: 'Platform', stackName: 'platform', template: { Resources: { Table: table }, Outputs: outputs } });
  const reader = stack(
    { Policy: { Type: 'AWS::SSM::Parameter', Properties: { Value: { 'Fn::ImportValue': NAME } } } },
    { id: 'Model-rain', stackName: 'rain' },
  );
  const said = (before: SynthesisedStack[], after: SynthesisedStack[]) =>
    review(before, after)
      .findings.filter(({ topic, level }) => topic === 'deployment' && level === 'danger')
      .map(({ says }) => says);

  test.each([
    ['is withdrawn', platform(TABLE, {}), 'goes'],
    ['changes', platform(TABLE, { Arn: { Value: 'arn:other', Export: { Name: NAME } } }), 'changes'],
    [
      'says the same of what is replaced',
      platform({ ...TABLE, Properties: { TableName: 'other' } }),
      'names `Table`, which is replaced,',
    ],
  ])('and that %s is a danger, since CloudFormation refuses the deploy', (_, after, happens) => {
    expect(said([platform(TABLE), reader], [after, reader])).toEqual([
      `export \`${NAME}\` ${happens} while \`Model-rain\` still imports it: CloudFormation refuses (\`cannot be updated as it is in use\`); do it in two deploys, as docs/review.md tells`,
    ]);
  });

  test('is still in use while the stack that no longer imports it waits for its turn', () => {
    expect(said([platform(TABLE), reader], [platform(TABLE, {}), stack({}, reader)])).toHaveLength(1);
  });

  test('and that nobody imports may go, and one that stays is no danger', () => {
    expect(said([platform(TABLE)], [platform(TABLE, {})])).toEqual([]);
    expect(said([platform(TABLE), reader], [platform(TABLE), reader])).toEqual([]);
  });
});

describe('quotas', () => {
  test('are told of from four fifths on, and are a danger beyond their end', () => {
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`Key${index}`, KEY]));

    expect(review([stack(keys(1))], [stack(keys(400))]).findings).toEqual([]);
    expect(review([stack(keys(1))], [stack(keys(401))]).findings).toMatchObject([
      { topic: 'quota', level: 'look', says: 'resources: 401 of 500' },
    ]);
    expect(review([stack(keys(1))], [stack(keys(501))]).findings).toMatchObject([
      { topic: 'quota', level: 'danger', says: 'resources: 501 of 500, which AWS refuses' },
    ]);
  });

  test('count the policies of a role together, wherever they stand', () => {
    const document = { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'x'.repeat(6_000) }] };
    const role = { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyName: 'a', PolicyDocument: document }] } };
    const policy = { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: document, Roles: [{ Ref: 'Role' }] } };

    const { findings } = review([stack({ Role: role })], [stack({ Role: role, Policy: policy })]);

    expect(findings.map(({ says }) => says)).toContainEqual(
      expect.stringMatching(/^inline policies of a role `Data\/Role`: 121\d\d of 10240, which AWS refuses$/),
    );
  });
});

test('a stack that is gone, and one that goes to another region, are the first that is told', () => {
  const gone = review([stack({ Key: KEY })], []);
  const moved = review([stack({ Key: KEY })], [stack({ Key: KEY }, { target: 'unknown-account/eu-central-1' })]);

  expect(gone.findings[0].says).toMatch(/stack `mlops-prod-data` is no longer there/);
  expect(toMarkdown(gone)).toContain('### prod (gone)');
  expect(moved.findings[0].says).toMatch(/goes to another place/);
});

test('an export that another stack imports cannot go', () => {
  // GIVEN
  const exporting = (outputs: object) =>
    stack({ Key: KEY }, { template: { Resources: { Key: KEY }, Outputs: outputs } });
  const importing = (value: unknown) =>
    stack(
      { Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Value: value } } },
      { id: 'Platform', stackName: 'mlops-prod-platform' },
    );
  const output = { ExportsOutputRefKey: { Value: { Ref: 'Key' }, Export: { Name: 'mlops-prod-data:Key' } } };

  // WHEN
  const { findings } = review(
    [exporting(output), importing({ 'Fn::ImportValue': 'mlops-prod-data:Key' })],
    [exporting({}), importing('none')],
  );

  // THEN
  expect(findings).toContainEqual(
    expect.objectContaining({
      topic: 'deployment',
      says: expect.stringContaining('while `Platform` still imports it'),
    }),
  );
});

test('what no rule has a word for is to be looked at all the same', () => {
  const queue = (seconds: number) => ({
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: seconds } },
  });

  const report = review([stack(queue(30))], [stack(queue(31))]);

  expect(report.findings).toEqual([]);
  expect(report.mustLook).toBe(true);
  expect(toMarkdown(report)).toContain('no rule has a word for what changes');
  expect(toMarkdown(report)).toContain('`Properties.VisibilityTimeout`: `30` → `31`');
});

test('a report fits into a comment of a pull request, and says when it is cut', () => {
  const parameters = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, index) => [
      `Parameter${index}`,
      { Type: 'AWS::SSM::Parameter', Properties: { Value: 'x'.repeat(50) } },
    ]),
  );

  const markdown = toMarkdown(review([stack({})], [stack(parameters)]));

  expect(markdown.length).toBeLessThanOrEqual(65_536);
  expect(markdown).toContain('**Cut here');
  // what it costs is told before
  expect(markdown).toContain('| environment | before | after |');
  expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length);
});

describe('a cloud assembly', () => {
  test('is read with its stages and nested stacks', () => {
    // GIVEN
    mkdirSync(join(folder, 'assembly-prod'));
    const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content));
    const nested = { Type: 'AWS::CloudFormation::Stack', Metadata: { 'aws:asset:path': 'nested.json' } };
    write('manifest.json', {
      artifacts: {
        'assembly-prod': {
          type: 'cdk:cloud-assembly',
          properties: { directoryName: 'assembly-prod', displayName: 'prod' },
        },
      },
    });
    write('assembly-prod/manifest.json', {
      artifacts: {
        prodData: {
          type: 'aws:cloudformation:stack',
          environment: 'aws://1/eu-west-1',
          displayName: 'prod/Data',
          properties: { templateFile: 'data.json', stackName: 'mlops-prod-data', terminationProtection: true },
        },
      },
    });
    write('assembly-prod/data.json', { Resources: { Nested: nested } });
    write('assembly-prod/nested.json', { Resources: { Key: KEY } });

    // THEN
    expect(readAssembly(folder).get('prod')).toMatchObject([
      { id: 'Data', stackName: 'mlops-prod-data', terminationProtection: true, target: '1/eu-west-1' },
      { id: 'Data.Nested', template: { Resources: { Key: KEY } } },
    ]);
  });

  test('fails for a folder that is none', () => {
    expect(() => readAssembly(folder)).toThrow(/manifest\.json' is missing: the folder is no cloud assembly/);
  });
});

describe('the command line', () => {
  test('takes a base, and the working tree for a head', () => {
    expect(readCommandLine(['--base', 'main'])).toEqual({ base: 'main' });
    expect(readCommandLine(['--base', 'a', '--head', 'working tree', '--environment', 'prod'])).toEqual({
      base: 'a',
      environmentName: 'prod',
    });
    expect(readCommandLine(['--help'])).toBeUndefined();
  });

  test('takes nothing for a base where nothing is deployed yet', () => {
    expect(readCommandLine(['--base', 'none', '--environment', 'prod'])).toEqual({ environmentName: 'prod' });
    expect(readCommandLine(['--base', 'refs/heads/none'])).toEqual({ base: 'refs/heads/none' });
  });

  test.each([
    [[], /'--base' is missing: name the commit/],
    [['--base', 'main', '--head', ''], /'--head' must not be empty/],
    [['--bsae', 'main'], /--bsae/],
  ])('fails for %j', (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
  });
});
