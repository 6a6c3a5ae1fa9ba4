import { synthesise, type SynthesisedStack } from '../support/platform';
import { rootOf } from './environment-of';

const DELIVERY = { issuer: 'token.actions.githubusercontent.com', subjects: ['repo:acme/models:environment:dev'] };

/** The delivery stack's resources of a type. */
function resourcesOf(delivery: object | undefined, type: string): string[] {
  const environment = { tier: 'dev', models: {}, ...(delivery === undefined ? {} : { delivery }) };
  const root = rootOf(environment);
  const stack = (synthesise({ root }).get('dev') ?? []).find(({ stackName }) => stackName === 'mlops-dev-delivery');
  return Object.values((stack?.template['Resources'] ?? {}) as Record<string, { Type: string }>)
    .filter(({ Type }) => Type === type)
    .map(resource => JSON.stringify(resource));
}

test('who may deploy takes the roles that change the account, who may look that of looking alone', () => {
  const reviewSubjects = ['repo:acme/models:pull_request'];
  const policies = resourcesOf({ ...DELIVERY, reviewSubjects }, 'AWS::IAM::Policy');
  expect(policies).toHaveLength(2);
  expect(policies.filter(policy => policy.includes('-deploy-role-'))).toHaveLength(1);
  expect(policies.filter(policy => policy.includes('-lookup-role-'))).toHaveLength(2);
});

test('an account has one provider of an issuer, made once or given', () => {
  const providers = (delivery: object) => resourcesOf(delivery, 'AWS::IAM::OIDCProvider');
  const providerArn = `arn:aws:iam::111111111111:oidc-provider/${DELIVERY.issuer}`;
  expect(providers({ ...DELIVERY, reviewSubjects: DELIVERY.subjects })).toHaveLength(1);
  expect(providers({ ...DELIVERY, providerArn })).toEqual([]);
});

test('there is no role for CI unless the file names who may take it', () => {
  expect(resourcesOf(undefined, 'AWS::IAM::Role')).toEqual([]);
});

describe('merges', () => {
  const mergeSubjects = ['repo:acme/models:ref:refs/heads/main'];
  const TRAINS = { training: { triggers: { merge: true } } };

  /** The stacks of an environment in which merges train one of two models. */
  function stacksOf(models: object, delivery: object = {}): readonly SynthesisedStack[] {
    const environment = {
      tier: 'dev',
      models: { ...models },
      delivery: { ...DELIVERY, mergeSubjects, ...delivery },
    };
    return synthesise({ root: rootOf(environment) }).get('dev') ?? [];
  }

  test('start trainings by a role beside the pipeline, which trusts the provider that deploys', () => {
    const platform = stacksOf({ rain: TRAINS, snow: {} }).find(({ id }) => id === 'Platform');
    const [role] = Object.values(platform?.resources ?? {})
      .filter(({ Type }) => Type === 'AWS::IAM::Role')
      .map(resource => JSON.stringify(resource))
      .filter(text => text.includes('sts:AssumeRoleWithWebIdentity'));
    expect(role).toContain(mergeSubjects[0]);
    expect(role).toContain(':oidc-provider/token.actions.githubusercontent.com');
  });

  test('are told apart from who deploys: that role trusts no merge', () => {
    const delivery = stacksOf({ rain: TRAINS }).find(({ id }) => id === 'Delivery');
    expect(JSON.stringify(delivery?.template)).not.toContain(mergeSubjects[0]);
  });

  test('fail to be named where they train nothing', () => {
    expect(() => stacksOf({ rain: {} })).toThrow(/delivery\.mergeSubjects.*'training\.triggers\.merge' true/);
  });

  test('fail to be what any pull request has', () => {
    const wrong = { mergeSubjects: ['repo:acme/models:pull_request'] };
    expect(() => stacksOf({ rain: TRAINS }, wrong)).toThrow('what any pull request has is not merged');
  });
});

test.each([
  [{ subjects: ['repo:acme/*'] }, "'repo:acme/*'"],
  [{ subjects: ['repo:acme/models:pull_request'] }, "belongs in 'reviewSubjects'"],
  [{ issuer: 'https://gitlab.com' }, "without 'https://'"],
])('fails on %j', (wrong, message) => {
  expect(() => resourcesOf({ ...DELIVERY, ...wrong }, 'AWS::IAM::Role')).toThrow(message);
});
