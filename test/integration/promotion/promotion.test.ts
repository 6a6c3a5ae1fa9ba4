import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import { clientIn, eventually } from '../local-cloud/stack';
import { GIVER, TAKER, TwoAccounts } from './two-accounts';

let accounts: TwoAccounts;

beforeAll(async () => {
  accounts = await TwoAccounts.start();
}, 240_000);

afterAll(async () => {
  await accounts.stop();
});

const there = (number: number): string =>
  `arn:aws:sagemaker:us-east-1:${TAKER}:model-package/mlops-taker-rain/${number}`;

async function promoted(version: string) {
  return eventually(() => accounts.ledger.promotion('rain', 'giver', version), 60);
}

async function serving(): Promise<string> {
  const { EndpointStatus = '', EndpointConfigName = '' } = await accounts
    .sagemaker(TAKER)
    .send(new DescribeEndpointCommand({ EndpointName: 'mlops-taker-rain' }));
  return `${EndpointStatus} ${/-v(\d+)-[0-9a-f]{8}$/.exec(EndpointConfigName)?.[1] ?? 'unknown'}`;
}

test('a version that is approved in one account arrives in the other as it is, and serves there by its own approval', async () => {
  // GIVEN
  const source = await accounts.register('good');
  // WHEN
  await accounts.say('Approved', source, 'looked at by ann');
  // THEN it is there, pending, each part with the digest that it had
  const record = await promoted('1');
  expect(record).toMatchObject({ version: '1', modelPackageArn: there(1), reason: 'looked at by ann' });
  const [from, to] = await Promise.all([accounts.describe(source), accounts.describe(there(1))]);
  expect(to).toMatchObject({
    ModelApprovalStatus: 'PendingManualApproval',
    ModelMetrics: {
      ModelQuality: { Statistics: { ContentDigest: from.ModelMetrics?.ModelQuality?.Statistics?.ContentDigest } },
    },
    CustomerMetadataProperties: { promotedFrom: source, runId: from.CustomerMetadataProperties?.runId },
  });
  const [given, taken] = [from, to].map(({ InferenceSpecification }) => InferenceSpecification?.Containers?.[0]);
  expect(taken?.ImageDigest).toBe(given?.ImageDigest);
  expect(taken?.ModelDataUrl).toMatch(/^s3:\/\/taker-artifacts\/rain\/promoted\/giver\/1\//);
  expect(await accounts.bytes(TAKER, taken?.ModelDataUrl ?? '')).toEqual(
    await accounts.bytes(GIVER, given?.ModelDataUrl ?? ''),
  );
  const { imageDetails } = await new ECRClient(clientIn(accounts.cloud, TAKER)).send(
    new DescribeImagesCommand({ repositoryName: 'taker-images' }),
  );
  expect(imageDetails?.map(({ imageDigest }) => imageDigest)).toEqual([given?.ImageDigest]);
  await expect(serving()).rejects.toThrow(/Could not find endpoint/);

  // WHEN it is approved there
  await accounts.say('Approved', there(1), 'good enough here');
  // THEN
  await eventually(async () => ((await accounts.ledger.state('rain')).current === '1' ? true : undefined), 60);
  expect(await serving()).toBe('InService 1');
}, 180_000);

test('the same version again makes no second one, also when it is asked for by hand', async () => {
  await accounts.say('Approved', `arn:aws:sagemaker:us-east-1:${GIVER}:model-package/mlops-giver-rain/1`, 'once more');
  const { Payload, FunctionError } = await new LambdaClient(clientIn(accounts.cloud, TAKER)).send(
    new InvokeCommand({
      FunctionName: accounts.output('FunctionName'),
      Payload: JSON.stringify({ model: 'rain', version: '1' }),
    }),
  );
  expect(FunctionError).toBeUndefined();
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({ outcome: 'exists', version: '1' });
  expect(await accounts.arrived()).toEqual([there(1)]);
});

test('a version whose model was overwritten is not registered, and a person is told', async () => {
  // GIVEN
  const source = await accounts.register('overwritten');
  const uri = (await accounts.describe(source)).InferenceSpecification?.Containers?.[0]?.ModelDataUrl ?? '';
  await accounts.put(uri.replace('s3://giver-artifacts/', ''), 'something else');
  // WHEN
  await accounts.say('Approved', source, 'did not look');
  // THEN
  const letter = await eventually(
    async () => (await accounts.letters()).find(({ subject }) => subject.includes('NOT promoted')),
    60,
  );
  expect(letter.subject).toBe('[taker] rain: version 2 of giver was NOT promoted');
  expect(letter.text).toMatch(/is not what was registered: its SHA-256 is [0-9a-f]{64}, registered was [0-9a-f]{64}/);
  expect(await accounts.arrived()).toEqual([there(1)]);
}, 90_000);

test('a version that is rejected where it came from goes on serving, and a person is told', async () => {
  const source = `arn:aws:sagemaker:us-east-1:${GIVER}:model-package/mlops-giver-rain/1`;
  await accounts.say('Rejected', source, 'predictions drifted');
  const letter = await eventually(
    async () => (await accounts.letters()).find(({ subject }) => subject.includes('REJECTED')),
    60,
  );
  expect(letter.text).toContain('Here it is version 1, which SERVES.');
  expect(await serving()).toBe('InService 1');
  expect((await accounts.describe(there(1))).ModelApprovalStatus).toBe('Approved');
}, 90_000);
