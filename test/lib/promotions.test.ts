import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { synthesise, type SynthesisedStack } from '../support/platform';
import { ENVIRONMENT, repository } from './config/repository';

/** The two ends of the promotion that this repository has: `local` gives, `localb` receives. */
const platform = synthesise({ environmentNames: ['local', 'localb'] });

function stack(environment: string, id: string): SynthesisedStack {
  const found = platform.get(environment)?.find(one => one.id === id);
  if (found === undefined) throw new Error(`no stack '${id}' in '${environment}'`);
  return found;
}

function only(environment: string, id: string, type: string, part: string): Record<string, unknown> {
  const [resource, ...more] = Object.entries(stack(environment, id).resources).filter(
    ([logicalId, { Type }]) => Type === type && logicalId.includes(part),
  );
  expect(more).toEqual([]);
  return resource?.[1].Properties ?? {};
}

const ROLE = 'arn:aws:iam::111111111111:role/mlops-localb-promotion';

test('the role that every policy of the one end names is the one that the other end makes', () => {
  const { RoleName } = only('localb', 'Platform', 'AWS::IAM::Role', 'PromotionTargetFunctionRole');
  expect(ROLE.endsWith(`:role/${String(RoleName)}`)).toBe(true);

  const policies = [
    [stack('local', 'Foundation').resources, stack('local', 'Data').resources],
    stack('local', 'Model-rain').resources,
    stack('local', 'Platform').template.Outputs as object,
  ].map(part => JSON.stringify(part));
  const named = policies.map(text => [...text.matchAll(/arn:aws:iam::111111111111:role\/[\w-]+/g)].map(([arn]) => arn));
  expect(named.map(arns => [...new Set(arns)])).toEqual([[ROLE], [ROLE], [ROLE]]);
  // key and bucket
  expect(named[0]).toHaveLength(2);
});

test('the bus that the one end tells is the one that the other end makes', () => {
  const { Targets } = only('local', 'Platform', 'AWS::Events::Rule', 'PromotionSourceRule');
  const { Name } = only('localb', 'Platform', 'AWS::Events::EventBus', 'PromotionTargetBus');
  expect((Targets as { Arn: string }[])[0]?.Arn).toBe(
    `arn:aws:events:us-east-1:111111111111:event-bus/${String(Name)}`,
  );
});

test('the other account is let in nowhere but there, and never without the one role', () => {
  const foreign = [...(platform.get('local') ?? [])].flatMap(({ id, resources }) =>
    Object.entries(resources)
      .filter(([, { Properties }]) => JSON.stringify(Properties).includes('"arn:aws:iam::111111111111:root"'))
      .map(([logicalId, { Type, Properties }]) => {
        const text = JSON.stringify(Properties);
        const principals = text.split('"arn:aws:iam::111111111111:root"').length - 1;
        expect(text.split(`{"ArnEquals":{"aws:PrincipalArn":"${ROLE}"}`).length - 1).toBe(principals);
        return `${id}/${logicalId.replace(/[0-9A-F]{8}$/, '')} ${Type}`;
      }),
  );
  expect(foreign.sort()).toEqual([
    'Data/LakeArtifactsPolicy AWS::S3::BucketPolicy',
    'Foundation/Key AWS::KMS::Key',
    'Model-rain/Registry AWS::SageMaker::ModelPackageGroup',
  ]);
});

test('the end that receives trains nothing by itself: its settings and its reaction say so', () => {
  const settingsOf = (environment: string, part: string): string => {
    const parameters = Object.values(stack(environment, 'Model-rain').resources).map(({ Properties }) => Properties);
    const written = parameters.find(({ Name }) => Name === `/mlops/${environment}/rain/${part}`);
    return JSON.stringify(written?.Value).replaceAll('\\', '');
  };

  expect(settingsOf('localb', 'training')).toContain('"newData":false');
  expect(settingsOf('localb', 'reaction')).toContain('"retrain":false');
  expect(settingsOf('local', 'training')).not.toContain('"newData":false');
  expect(settingsOf('local', 'reaction')).toContain('"retrain":true');
});

test('outputs tell what a person needs at each end', () => {
  const outputs = (environment: string): string[] =>
    Object.keys((stack(environment, 'Platform').template.Outputs ?? {}) as object);
  expect(outputs('local')).toContain('PromotionImagePolicy');
  expect(outputs('localb')).toContain('PromotionFunctionName');
});

describe('an environment that builds its images and gives to two of one account', () => {
  const OTHERS = ['staging', 'prod'];
  const peers = OTHERS.map(name => `    - { environment: ${name}, account: '222222222222', region: eu-west-1 }\n`);
  const file = (modelServer: string) =>
    `account: '111111111111'\n${ENVIRONMENT.replace('mlops/trainer:1', '{ build: images/trainer }').replace(
      'mlops/model-server:1',
      modelServer,
    )}promotion:\n  to:\n${peers.join('')}`;
  const make = (modelServer: string): SynthesisedStack[] => {
    const root = repository({
      'environments/dev.yaml': file(modelServer),
      'environments/prod.yaml': '',
      'images/trainer/Dockerfile': 'FROM scratch',
      'images/server/Dockerfile': 'FROM scratch',
    });
    rmSync(join(root, 'environments', 'prod.yaml'));
    return synthesise({ root, environmentNames: ['dev'] }).get('dev') ?? [];
  };
  const built = make('{ build: images/server }');
  const named = make('mlops/model-server:1');

  const ofType = (stacks: SynthesisedStack[], type: string) =>
    stacks.flatMap(({ resources }) => Object.values(resources).filter(({ Type }) => Type === type));
  const imagePolicies = (stacks: SynthesisedStack[]) =>
    Object.fromEntries(
      ofType(stacks, 'AWS::ECR::Repository').map(({ Properties }) => [
        String(Properties.RepositoryName),
        Properties.RepositoryPolicyText,
      ]),
    );
  const letIn = (name: string) => ({
    Sid: `Promotion${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::222222222222:root' },
    Condition: { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::222222222222:role/mlops-${name}-promotion` } },
  });
  const outputs = (stacks: SynthesisedStack[], id: string) =>
    Object.keys((stacks.find(one => one.id === id)?.template.Outputs ?? {}) as object);

  test("lets each one's role pull the image in which models serve, and nobody the one in which they train", () => {
    expect(imagePolicies(built)).toEqual({
      'mlops-dev/trainer': undefined,
      'mlops-dev/model-server': {
        Version: '2012-10-17',
        Statement: OTHERS.map(name => ({
          ...letIn(name),
          Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        })),
      },
    });
  });

  test('leaves no policy for a person to set, but one of a repository that is only named', () => {
    expect(outputs(built, 'Platform')).not.toContain('PromotionImagePolicy');
    expect(outputs(named, 'Platform')).toContain('PromotionImagePolicy');
    expect(imagePolicies(named)).toEqual({ 'mlops-dev/trainer': undefined });
  });

  test('exports no more for it', () => {
    expect(outputs(built, 'Images')).toEqual(outputs(named, 'Images'));
  });

  test.each([
    ['AWS::SageMaker::ModelPackageGroup', 'ModelPackageGroupPolicy', 'sagemaker:DescribeModelPackage'],
    ['AWS::S3::BucketPolicy', 'PolicyDocument', 's3:GetObject'],
    ['AWS::KMS::Key', 'KeyPolicy', 'kms:Decrypt'],
  ])('says both side by side in the policy of %s', (type, property, action) => {
    const statements = ofType(built, type)
      .flatMap(
        ({ Properties }) => (Properties[property] as { Statement: { Sid?: string; Action: unknown }[] }).Statement,
      )
      .filter(({ Sid }) => Sid?.startsWith('Promotion'));

    expect(statements).toMatchObject(OTHERS.map(name => ({ ...letIn(name), Action: action })));
    expect(statements).toHaveLength(OTHERS.length);
  });

  test("tells each one's bus once", () => {
    const [rule, ...more] = ofType(built, 'AWS::Events::Rule').filter(({ Properties }) =>
      JSON.stringify(Properties.Targets).includes('event-bus/'),
    );
    const targets = rule?.Properties.Targets as { Id: string; Arn: string }[];

    expect(more).toEqual([]);
    expect(targets.map(({ Arn }) => Arn)).toEqual(
      OTHERS.map(name => `arn:aws:events:eu-west-1:222222222222:event-bus/mlops-${name}-promotion`),
    );
    expect(new Set(targets.map(({ Id }) => Id)).size).toBe(OTHERS.length);
  });
});
