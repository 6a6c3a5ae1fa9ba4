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

  test('on a limit of nothing, and on a recorder for no rules', () => {
    expect(failure(withTier('dev', 'budgets: { monthlyUsd: 0 }\n'))).toThrow(/'budgets\.monthlyUsd' is 0, must be/);
    expect(failure(withTier('dev', 'governance: { configRules: false, configRecorder: true }\n'))).toThrow(
      /'governance\.configRecorder' is true, must be used with 'configRules: true' or left out/,
    );
  });
});
