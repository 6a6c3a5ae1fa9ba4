import { loadEnvironment } from '../../lib/config/environment';
import { governanceSettings } from '../../lib/governance-settings';
import { synthesise } from '../support/platform';
import { ENVIRONMENT, repository } from './config/repository';

const withTier = (tier: string, more = ''): string => ENVIRONMENT.replace(/tier: \w+/, `tier: ${tier}`) + more;
const rootOf = (environment: string): string => repository({ 'environments/dev.yaml': environment });
const settingsOf = (environment: string) => governanceSettings(loadEnvironment(rootOf(environment), 'dev'));
const stacksOf = (environment: string) =>
  synthesise({ root: rootOf(environment), environmentNames: ['dev'] }).get('dev') ?? [];

describe('where a file says nothing', () => {
  test('nobody audits what is tried out, and nothing is made for it', () => {
    expect(settingsOf(withTier('dev'))).toMatchObject({ trail: false, configRules: false, any: false });
    expect(stacksOf(withTier('dev')).map(({ id }) => id)).not.toContain('Governance');
  });

  test('what serves for real leaves evidence for a year, under a lock that a person can still end', () => {
    const settings = settingsOf(withTier('prod'));
    expect(settings).toMatchObject({ trail: true, trailReads: true, configRules: false, objectLockMode: 'GOVERNANCE' });
    expect(settings.retention.toDays()).toBe(365);
  });
});

test('what a file says goes before its tier', () => {
  const off = 'governance: { trail: false, configRules: false }\n';
  expect(settingsOf(withTier('prod', off))).toMatchObject({ trail: false, configRules: false, any: false });
  expect(settingsOf(withTier('dev', 'governance: { configRecorder: true }\n'))).toMatchObject({ configRules: true });
});

test('a budget stops new training unless its file says otherwise', () => {
  const budget = (more: string): string => withTier('dev', `budgets: { monthlyUsd: 50${more} }\n`);
  const actions = (environment: string): number =>
    Object.values(stacksOf(environment).find(({ id }) => id === 'Governance')?.resources ?? {}).filter(
      ({ Type }) => Type === 'AWS::Budgets::BudgetsAction',
    ).length;
  expect(actions(budget(''))).toBe(1);
  expect(actions(budget(', stopTraining: false'))).toBe(0);
});

test('what is watched is held up by nothing: no export is made for the stack that watches', () => {
  // GIVEN
  const exportsOf = (environment: string): unknown[] =>
    stacksOf(environment)
      .filter(({ id }) => id !== 'Governance')
      .flatMap(({ template }) => Object.values((template.Outputs ?? {}) as Record<string, { Export?: object }>))
      .filter(output => output.Export !== undefined);

  // THEN
  const watched = withTier('prod', 'budgets: { monthlyUsd: 50 }\n');
  const alone = withTier('prod', 'governance: { trail: false, configRules: false }\n');
  expect(exportsOf(watched)).toEqual(exportsOf(alone));
});

describe('the dashboard of the environment', () => {
  const dashboardOf = (environment: string): string =>
    JSON.stringify(stacksOf(environment).find(({ id }) => id === 'Observability')?.template);
  const read = (what: string) => new RegExp(`"Fn::GetStackOutput":\\{"StackName":"mlops-dev-governance"[^}]*${what}`);

  test('shows whether records were not copied, and holds their stack up no more than that is held up by it', () => {
    // WHEN
    const dashboard = dashboardOf(withTier('prod'));

    // THEN
    expect(dashboard).toMatch(read('RecordsLostAlarm'));
    expect(dashboard).toMatch(read('RecordsDeadLetterQueue'));
    expect(dashboard).toContain('records that were not copied');
    expect(dashboard).not.toContain('Fn::ImportValue');
  });

  test('asks for nothing of evidence where there is none', () => {
    const budgetOnly = withTier('dev', 'budgets: { monthlyUsd: 50 }\n');
    expect(dashboardOf(budgetOnly)).not.toContain('mlops-dev-governance');
  });
});

test('an auditor is a role that the named people alone may take, and there is none unless somebody is named', () => {
  // GIVEN
  const ada = 'arn:aws:iam::111122223333:user/ada';
  const rolesOf = (environment: string) =>
    Object.entries(stacksOf(environment).find(({ id }) => id === 'Governance')?.resources ?? {}).filter(
      ([id, { Type }]) => Type === 'AWS::IAM::Role' && id.startsWith('Auditor'),
    );

  // WHEN
  const [[, role], ...others] = rolesOf(withTier('prod', `governance: { auditorArns: ['${ada}'] }\n`));

  // THEN
  expect(others).toEqual([]);
  expect(role.Properties).toMatchObject({
    AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { AWS: ada } }] },
  });
  expect(rolesOf(withTier('prod'))).toEqual([]);
});

test('all of a model bears its name and that of its environment', () => {
  // WHEN
  const model = stacksOf(withTier('dev')).find(({ id }) => id === 'Model-rain');

  // THEN
  const tagged = Object.values(model?.resources ?? {}).flatMap(({ Properties }) => {
    const { Tags } = Properties as { Tags?: unknown };
    return Array.isArray(Tags) ? [Tags] : [];
  });
  expect(tagged.length).toBeGreaterThan(5);
  for (const tags of tagged) {
    expect(tags).toEqual(
      expect.arrayContaining([
        { Key: 'mlops:environment', Value: 'dev' },
        { Key: 'mlops:model', Value: 'rain' },
      ]),
    );
  }
});

describe('fails', () => {
  const failure = (environment: string) => () => loadEnvironment(rootOf(environment), 'dev');

  test('on the budget of a model that is not there, with those that are', () => {
    expect(failure(withTier('dev', 'budgets: { monthlyUsd: 50, models: { snow: 5 } }\n'))).toThrow(
      /'budgets\.models\.snow' is 5, must be the budget of one of the models 'rain'/,
    );
  });

  test('on auditors, and on who may hold evidence, where there is none', () => {
    const named = "governance: { auditorArns: ['arn:aws:iam::111122223333:user/ada'] }\n";
    expect(failure(withTier('dev', named))).toThrow(
      /'governance\.auditorArns' is .*, must be used with 'trail: true' or left out/,
    );
    const holder = "governance: { trail: false, legalHoldRoleArns: ['arn:aws:iam::111122223333:role/legal'] }\n";
    expect(failure(withTier('prod', holder))).toThrow(
      /'governance\.legalHoldRoleArns' is .*, must be used with 'trail/,
    );
  });

  test('on auditors who are anybody', () => {
    const anybody = "governance: { auditorArns: ['arn:aws:iam::111122223333:role/*'] }\n";
    expect(failure(withTier('prod', anybody))).toThrow(
      /'governance\.auditorArns\[0\]' is .*, must be a role's or user's ARN/,
    );
  });

  test('on a limit of nothing, and on a recorder for no rules', () => {
    expect(failure(withTier('dev', 'budgets: { monthlyUsd: 0 }\n'))).toThrow(/'budgets\.monthlyUsd' is 0, must be/);
    expect(failure(withTier('dev', 'governance: { configRules: false, configRecorder: true }\n'))).toThrow(
      /'governance\.configRecorder' is true, must be used with 'configRules: true' or left out/,
    );
  });
});
