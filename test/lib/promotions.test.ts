import { synthesise, type SynthesisedStack } from '../support/platform';

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
