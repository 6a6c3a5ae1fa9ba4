import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ConfigError } from '../../../lib/config/config-error';
import { placeRefusal } from '../../../lib/config/place-refusal';
import { createPlatform } from '../../../lib/platform';
import { ENVIRONMENT, MODEL, repository } from './repository';

const ROOT = join(__dirname, '..', '..', '..');

/** What is said of a platform whose `dev` has these settings of the model behind its serving's instance type. */
function refusal(environment: string, files: Record<string, string> = {}): string {
  const root = repository({ 'environments/dev.yaml': environment, ...files });
  try {
    createPlatform(new App(), { root, environmentNames: ['dev'] });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const serving = (...lines: string[]) => `${ENVIRONMENT}${lines.map(line => `      ${line}\n`).join('')}`;

test('what a construct refuses is told with file, line, section and key', () => {
  expect(refusal(serving('instanceCount: 2', 'shift: { type: CANARY, stepPercent: 10 }'))).toBe(
    "environments/dev.yaml:13: models.rain.serving.instanceCount: 'instanceCount' is 2, but a step of 10 % of it is less than one instance, must be at least 10; or use 'ShiftPolicy.allAtOnce()'",
  );
});

test('each of several problems is told at its own line', () => {
  expect(
    refusal(
      ENVIRONMENT.replace('instanceType: ml.m5.large', 'instanceType: ml.m5d.large\n      maxRuntimeMinutes: 9000'),
    ),
  ).toBe(
    [
      "environments/dev.yaml:10: models.rain.training.instanceType: 'instanceType' is 'ml.m5d.large', which SageMaker has for hosting but not for training and processing, must be one for training and processing, since what was trained is evaluated on the same type, such as 'ml.m5.large'",
      "environments/dev.yaml:11: models.rain.training.maxRuntimeMinutes: 'maxRuntime' is 540000, must be from 1 to 432000",
    ].join('\n'),
  );
});

test('what a value of a construct refuses is told at the section', () => {
  expect(refusal(serving('shift: { type: ALL_AT_ONCE, waitMinutes: 60, maxExecutionMinutes: 60 }'))).toBe(
    "environments/dev.yaml:12: models.rain.serving: 'maxExecution' (3600s) must be longer than all waits of the policy (3600s), make the waits shorter or the steps larger",
  );
});

test('what stands elsewhere in the file than the rest of its part is told there', () => {
  expect(refusal(`${ENVIRONMENT}notifications:\n  emails: [a@example.com, a@example.com]\n`)).toBe(
    "environments/dev.yaml:14: notifications.emails: 'emailAddresses' has 'a@example.com' twice, must name each once",
  );
});

test("what the model's own file says is told there", () => {
  const file = MODEL.replace("rate: '0.08'", `rate: '${'8'.repeat(2501)}'`);

  expect(refusal(ENVIRONMENT, { 'models/rain/model.yaml': file })).toBe(
    "models/rain/model.yaml:9: training.hyperparameters.rate: 'hyperparameters.rate' has 2501 characters, must have at most 2500; put what is longer into a file beside 'train.py'",
  );
});

test('a schedule that EventBridge Scheduler would refuse is told at its line', () => {
  expect(
    refusal(
      ENVIRONMENT.replace(
        'instanceType: ml.m5.large',
        "instanceType: ml.m5.large\n      triggers:\n        schedule: 'cron(0 3 * * * *)'",
      ),
    ),
  ).toMatch(
    /^environments\/dev\.yaml:12: models\.rain\.training\.triggers\.schedule: 'schedule' is 'cron\(0 3 \* \* \* \*\)', must/,
  );
});

test('what a construct of no section refuses is told with the file', () => {
  const root = repository();

  expect(() =>
    placeRefusal(root, 'dev', () => {
      throw new Error("dev/Elsewhere/It: 'size' is 3, must be at most 2");
    }),
  ).toThrow("environments/dev.yaml:1: 'size' is 3, must be at most 2");
});

test('a fault of ours keeps its stack of calls', () => {
  const fault = new TypeError('x is not a function: it is undefined');

  expect(() =>
    placeRefusal(repository(), 'dev', () => {
      throw fault;
    }),
  ).toThrow(fault);
});

test('the sections are those of constructs that there are', () => {
  // GIVEN
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const [stage] = createPlatform(new App({ context }), { root: ROOT, environmentNames: ['localeks'] });

  // THEN
  for (const path of [
    ...['Training', 'Service', 'Monitor', 'Reaction'].map(id => `Model-rain/${id}`),
    'Data',
    'Cluster',
    'Platform/Release',
  ]) {
    const found = path
      .split('/')
      .reduce<ReturnType<NonNullable<typeof stage>['node']['tryFindChild']>>(
        (node, id) => node?.node.tryFindChild(id),
        stage,
      );
    expect([path, found?.node.id]).toEqual([path, path.split('/').at(-1)]);
  }
});
