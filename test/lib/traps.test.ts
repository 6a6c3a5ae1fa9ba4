import { synthesise } from '../support/platform';

/** Resources of both serving targets, by type. */
const resources = [...synthesise({ environmentNames: ['dev', 'localeks'] })].flatMap(([environment, stacks]) =>
  stacks.flatMap(stack =>
    Object.entries(stack.resources).map(([id, resource]) => ({
      path: `${environment}/${stack.id}/${id}`,
      ...resource,
    })),
  ),
);

function pathsOf(...types: string[]): string[] {
  return resources.filter(({ Type }) => types.includes(Type)).map(({ path }) => path);
}

test('log groups are made, so that no function must be allowed to change their retention', () => {
  expect(pathsOf('Custom::LogRetention')).toEqual([]);
  expect(pathsOf('AWS::Logs::LogGroup')).not.toEqual([]);
});

test('nothing of the closed monitors is attached to an endpoint, whose replacement it would block', () => {
  expect(resources.filter(({ Type }) => /MonitoringSchedule|JobDefinition$/.test(Type))).toEqual([]);
});

test('every function names its runtime, and ours are pinned to one', () => {
  const runtimes = resources
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ path, Properties }) => [path, Properties.Runtime]);

  expect(runtimes).not.toEqual([]);
  expect(runtimes.filter(([, runtime]) => typeof runtime !== 'string')).toEqual([]);
  expect(
    new Set(runtimes.map(([, runtime]) => String(runtime)).filter(runtime => runtime.startsWith('nodejs'))),
  ).toEqual(new Set(['nodejs24.x']));
});

test('no resource that a change may replace has a name that would stand in its way', () => {
  const named = {
    'AWS::IAM::Role': 'RoleName',
    'AWS::S3::Bucket': 'BucketName',
    'AWS::Lambda::Function': 'FunctionName',
  };

  for (const [type, property] of Object.entries(named)) {
    const found = resources.filter(({ Type, Properties }) => Type === type && Properties[property] !== undefined);
    expect(found.map(({ path }) => path)).toEqual([]);
  }
});

test('no SageMaker Domain is made, nor anything in one', () => {
  expect(
    pathsOf('AWS::SageMaker::Domain', 'AWS::SageMaker::UserProfile', 'AWS::SageMaker::Space', 'AWS::SageMaker::App'),
  ).toEqual([]);
});
