import { readOptions } from '../../../local-cloud/sagemaker/options';

const NEEDED = {
  AWS_ENDPOINT_URL: 'http://localhost:1',
  MLOPS_LOCAL_SAGEMAKER_MODEL: '/m',
  MLOPS_LOCAL_SAGEMAKER_RUNTIME_MODEL: '/r',
  MLOPS_LOCAL_WORK_DIR: '/w',
};

test('takes defaults for what need not be said', () => {
  expect(readOptions(NEEDED, [])).toMatchObject({
    port: 0,
    account: '000000000000',
    region: 'us-east-1',
    python: 'python3',
    stopGraceSeconds: 120,
    images: expect.stringMatching(/local-cloud\/images.json$/) as string,
  });
});

test('the flag goes before the variable', () => {
  expect(readOptions({ ...NEEDED, MLOPS_LOCAL_SAGEMAKER_PORT: '1' }, ['--port', '2']).port).toBe(2);
  expect(readOptions({ ...NEEDED, MLOPS_LOCAL_SAGEMAKER_PORT: '1' }, ['--port=3']).port).toBe(3);
  expect(readOptions({ ...NEEDED, MLOPS_LOCAL_SAGEMAKER_PORT: '1' }, []).port).toBe(1);
});

test('a grace of nothing is nothing', () => {
  expect(readOptions({ ...NEEDED, MLOPS_LOCAL_STOP_GRACE_SECONDS: '0' }, []).stopGraceSeconds).toBe(0);
});

test.each([
  ['an unknown flag', NEEDED, ['--prot', '1'], "arguments '--prot 1' are not known, allowed: '--port NUMBER'"],
  ['a port that is no number', NEEDED, ['--port', 'x'], "'--port' must be a whole number of at least 0, got 'x'"],
  [
    'a missing variable',
    { ...NEEDED, MLOPS_LOCAL_WORK_DIR: '' },
    [],
    "environment variable 'MLOPS_LOCAL_WORK_DIR' is missing",
  ],
])('fails for %s', (_what, environment, args, message) => {
  expect(() => readOptions(environment, args)).toThrow(`the local SageMaker cannot start: ${message}`);
});
