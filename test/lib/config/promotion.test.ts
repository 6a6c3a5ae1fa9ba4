import { loadEnvironment } from '../../../lib/config/environment';
import { ENVIRONMENT, repository } from './repository';

const DEV = `account: '111111111111'\n${ENVIRONMENT}`;
const PROD = `account: '222222222222'\n${ENVIRONMENT}`;
const to = (peer = "{ environment: prod, account: '222222222222', region: eu-west-1 }"): string =>
  `promotion:\n  to: [${peer}]\n`;
const from = (peer = "{ environment: dev, account: '111111111111', region: eu-west-1 }"): string =>
  `promotion:\n  from: ${peer}\n`;

/** Loads an environment of a repository with these two. */
function load(name: string, dev: string, prod: string) {
  return loadEnvironment(repository({ 'environments/dev.yaml': dev, 'environments/prod.yaml': prod }), name);
}

test('two files that say the same of each other load', () => {
  expect(load('dev', DEV + to(), PROD + from()).promotion?.to).toEqual([
    { environment: 'prod', account: '222222222222', region: 'eu-west-1' },
  ]);
  expect(load('prod', DEV + to(), PROD + from()).promotion?.from?.environment).toBe('dev');
});

test('an environment whose file is in another repository is taken at its word', () => {
  const elsewhere = "{ environment: market, account: '333333333333', region: us-east-1 }";
  expect(load('dev', DEV + to(elsewhere), PROD).promotion?.to?.[0]?.environment).toBe('market');
});

test('an account that no file names cannot be held against another', () => {
  expect(load('dev', ENVIRONMENT + to(), ENVIRONMENT + from()).promotion?.to).toHaveLength(1);
});

describe('where versions come from another environment', () => {
  const triggersOf = (name: string, dev: string, prod: string) => load(name, dev, prod).models[0]?.training.triggers;
  const withTriggers = (triggers: string): string =>
    PROD.replace('instanceType: ml.m5.large\n    serving', `triggers: ${triggers}\n    serving`);

  test('nothing is trained by itself', () => {
    expect(triggersOf('prod', DEV + to(), PROD + from())).toEqual({ newData: false, retrain: false });
  });

  test('a trigger that the file names is kept, and turns on no other', () => {
    expect(
      triggersOf('prod', DEV + to(), withTriggers("{ retrain: true, schedule: 'rate(7 days)' }") + from()),
    ).toEqual({
      newData: false,
      retrain: true,
      schedule: 'rate(7 days)',
    });
  });

  test('the one that gives trains as ever, and so does one of no promotion', () => {
    expect(triggersOf('dev', DEV + to(), PROD + from())).toBeUndefined();
    expect(triggersOf('prod', DEV, PROD)).toBeUndefined();
  });
});

describe('fails', () => {
  test('where the other file does not say the same, with both places', () => {
    const wrong = "{ environment: prod, account: '999999999999', region: us-east-1 }";
    expect(() => load('dev', DEV + to(wrong), PROD + from())).toThrow(
      [
        "environments/dev.yaml: 'promotion.to[0].account' is '999999999999', must be '222222222222' as 'account' of environments/prod.yaml says",
        "environments/dev.yaml: 'promotion.to[0].region' is 'us-east-1', must be 'eu-west-1' as 'region' of environments/prod.yaml says",
      ].join('\n'),
    );
  });

  test('where the other file says nothing of it', () => {
    expect(() => load('dev', DEV + to(), PROD)).toThrow(
      "environments/dev.yaml: 'promotion.to[0]' names 'prod', whose file must name 'dev' in 'promotion.from' as well, add it to environments/prod.yaml",
    );
    expect(() => load('prod', DEV, PROD + from())).toThrow(
      "environments/prod.yaml: 'promotion.from' names 'dev', whose file must name 'prod' in 'promotion.to' as well, add it to environments/dev.yaml",
    );
  });

  test('where the other file has this account wrong', () => {
    const wrong = from("{ environment: dev, account: '333333333333', region: eu-west-1 }");
    expect(() => load('dev', DEV + to(), PROD + wrong)).toThrow(
      "environments/dev.yaml: 'account' is '111111111111', must be '333333333333' as 'promotion.from' of environments/prod.yaml says",
    );
  });

  test('on an environment that names itself, or another twice', () => {
    expect(() =>
      load('dev', DEV + to("{ environment: dev, account: '111111111111', region: eu-west-1 }"), PROD),
    ).toThrow("'promotion.to[0].environment' is 'dev', must be another environment than this one");
    const prod = "{ environment: prod, account: '222222222222', region: eu-west-1 }";
    expect(() => load('dev', DEV + to(`${prod}, ${prod}`), PROD + from())).toThrow(
      "environments/dev.yaml: 'promotion.to' names 'prod' more than once, must name each environment once",
    );
  });

  test('on an account without quotes, or a promotion of nothing', () => {
    expect(() =>
      load('dev', DEV + to('{ environment: prod, account: 222222222222, region: eu-west-1 }'), PROD),
    ).toThrow(
      /environments\/dev.yaml:\d+: 'promotion.to\[0\].account' is 222222222222, must be text of 12 digits in quotes/,
    );
    expect(() => load('dev', `${DEV}promotion: {}\n`, PROD)).toThrow(/'promotion' .*must be 'from', 'to' or both/);
  });
});
