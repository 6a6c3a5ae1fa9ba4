import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentNames } from '../../lib/config/environment';
import { CLUSTERS, synthesise, synthesiseEverything } from '../support/platform';
import { readableTemplate } from '../support/readable-template';

/**
 * One file for each stack and environment, for whoever reviews a change of infrastructure. After a change that is
 * meant, `npm test -- -u` writes them anew; review the difference, for a snapshot approves whatever it
 * is given.
 */
const platform = synthesiseEverything();
/** What else is in their environments is as elsewhere. */
const clusters = synthesise({ root: CLUSTERS });
const snapshots = [
  ...[...platform].flatMap(([environment, stacks]) =>
    stacks.map(stack => ({ name: `${environment}/${stack.id}`, text: readableTemplate(stack.template) })),
  ),
  ...[...clusters].flatMap(([name, stacks]) =>
    stacks
      .filter(({ id }) => id === 'Cluster')
      .map(({ template }) => ({ name: `clusters/${name}`, text: readableTemplate(template) })),
  ),
];

const ROOT = join(__dirname, '..', '..');

function fileOf(name: string): string {
  return join(__dirname, `${name}.yaml`);
}

/** Whether jest was told `-u`. */
function updating(): boolean {
  const { snapshotState } = expect.getState() as unknown as { snapshotState: { _updateSnapshot: string } };
  return snapshotState._updateSnapshot === 'all';
}

test.each(snapshots)('$name is as reviewed', ({ name, text }) => {
  const file = fileOf(name);
  if (updating()) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
});

test('no snapshot is left of a stack that is gone', () => {
  const found = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.yaml'));

  expect(found.sort()).toEqual(snapshots.map(({ name }) => `${name}.yaml`).sort());
});

const STATEFUL = [
  'AWS::DynamoDB::Table',
  'AWS::DynamoDB::GlobalTable',
  'AWS::ECR::Repository',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SageMaker::ModelPackageGroup',
];
/** Versions of a model are not data that a stack may delete, whatever it is told. */
const NEVER_DELETED = ['AWS::SageMaker::ModelPackageGroup'];

const everyResource = [...platform].flatMap(([environment, stacks]) =>
  stacks.flatMap(({ id, resources }) =>
    Object.entries(resources).map(([logicalId, resource]) => ({ environment, stack: id, logicalId, ...resource })),
  ),
);
type EveryResource = (typeof everyResource)[number];

function ofType(...types: string[]): EveryResource[] {
  return everyResource.filter(({ Type }) => types.includes(Type));
}

function pathsOf(resources: readonly EveryResource[]): string[] {
  return resources.map(({ environment, stack, logicalId }) => `${environment}/${stack}/${logicalId}`);
}

describe('in every environment', () => {
  test('no template names a version: what serves is the release controller’s to make', () => {
    expect(
      pathsOf(ofType('AWS::SageMaker::Model', 'AWS::SageMaker::EndpointConfig', 'AWS::SageMaker::Endpoint')),
    ).toEqual([]);
  });

  test('a model adds no function and no state machine', () => {
    const machinery = ofType('AWS::Lambda::Function', 'AWS::StepFunctions::StateMachine');

    expect(pathsOf(machinery.filter(({ stack }) => stack.startsWith('Model-')))).toEqual([]);
  });

  test('no stack comes near the limit of 500 resources', () => {
    for (const stacks of platform.values()) {
      for (const { resources } of stacks) {
        expect(Object.keys(resources).length).toBeLessThan(400);
      }
    }
  });

  test('data is kept unless the environment says twice that it may go', () => {
    const going = ofType(...STATEFUL).filter(({ DeletionPolicy }) => !/^Retain/.test(String(DeletionPolicy)));

    expect([...new Set(going.map(({ environment }) => environment))].sort()).toEqual([
      'dev',
      'local',
      'localb',
      'localeks',
    ]);
    expect(going.filter(({ Type }) => NEVER_DELETED.includes(Type))).toEqual([]);
  });

  test('resources carry the name of their environment', () => {
    for (const { environment, Properties } of ofType('AWS::S3::Bucket', 'AWS::Lambda::Function', 'AWS::SNS::Topic')) {
      expect(Properties.Tags).toContainEqual({ Key: 'mlops:environment', Value: environment });
    }
  });
});

test('environments on one serving target differ in settings alone: the same resources, but for governance, the cleanup of data that may go, and what promotes', () => {
  const ids = (environment: string): string[] =>
    everyResource
      .filter(resource => resource.environment === environment)
      .filter(({ logicalId }) => !/^(LakeCleanup|Promotion(Source|Target))/.test(logicalId))
      // what is logged and judged follows the tier
      .filter(({ stack }) => stack !== 'Governance')
      // schedules and addresses are settings too; the CDK puts the stage's name into the id of a permission
      .filter(
        ({ Type }) => !['AWS::Scheduler::Schedule', 'AWS::SNS::Subscription', 'AWS::Lambda::Permission'].includes(Type),
      )
      .map(({ stack, logicalId }) => `${stack}/${logicalId}`);

  const onSageMaker = environmentNames(ROOT).filter(
    name => !platform.get(name)?.some(({ id }) => id === 'Cluster'),
  );
  expect(onSageMaker.length).toBeGreaterThan(1);
  for (const environment of onSageMaker) {
    expect(ids(environment)).toEqual(ids('prod'));
  }
});

test('stacks are named after their environment, and protected in prod alone', () => {
  const stacks = [...platform].flatMap(([environment, its]) =>
    its.map(({ id, stackName, terminationProtection }) => [environment, id, stackName, terminationProtection]),
  );

  expect(stacks).toContainEqual(['prod', 'Data', 'mlops-prod-data', true]);
  expect(stacks).toContainEqual(['dev', 'Model-rain', 'mlops-dev-model-rain', false]);
});
