/**
 * The requests of the fuzz (`test/local-cloud/sagemaker/service-model`) by the way that every caller takes: through the
 * process in front, which looks into them to find out what the caller's role may do. As many as MLOPS_FUZZ_CASES says,
 * from MLOPS_FUZZ_SEED on.
 */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import fc, { type Arbitrary } from 'fast-check';
import { ServiceModel } from '../../../../local-cloud/sagemaker/service-model/model';
import { SUPPORTED } from '../../../../local-cloud/sagemaker/service-model/supported-fields';
import { type LocalCloud, startLocalCloud } from '../../../../local-cloud/start';
import { SERVICE_MODEL } from '../../../local-cloud/sagemaker/local-test-cloud';
import { answerViolations } from '../../../local-cloud/sagemaker/service-model/answer-check';
import { malformed, RAW_BODY } from '../../../local-cloud/sagemaker/service-model/malformed-request';
import { operationRequest, send } from '../../../local-cloud/sagemaker/service-model/raw-request';
import { RequestArbitrary } from '../../../local-cloud/sagemaker/service-model/request-arbitrary';
import { clientOf, deploy } from '../stack';
import { Signer } from './signed';

const CASES = Number(process.env.MLOPS_FUZZ_CASES ?? 200);
const SEED = Number(process.env.MLOPS_FUZZ_SEED ?? 20_261_124);
const OPERATIONS = Object.keys(SUPPORTED);
jest.setTimeout(90_000 + CASES * 100);

const model = ServiceModel.load(SERVICE_MODEL);
const requests = new RequestArbitrary(model, ['rain', 'arn:aws:iam::000000000000:role/rain', 's3://rain/data']);
let cloud: LocalCloud;
let signer: Signer;

beforeAll(async () => {
  cloud = await startLocalCloud();
  const statement = (Statement: object): object => ({ Version: '2012-10-17', Statement: [Statement] });
  const { Arn } = await deploy(
    cloud,
    'front-door',
    {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: statement({
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${cloud.accountId}:root` },
            Action: 'sts:AssumeRole',
          }),
          Policies: [
            {
              PolicyName: 'rights',
              PolicyDocument: statement({ Effect: 'Allow', Action: ['sagemaker:*', 'iam:PassRole'], Resource: '*' }),
            },
          ],
        },
      },
    },
    { Arn: { 'Fn::GetAtt': ['Role', 'Arn'] } },
  );
  const sts = new STSClient(clientOf(cloud));
  const session = await sts.send(new AssumeRoleCommand({ RoleArn: Arn, RoleSessionName: 'fuzz' }));
  sts.destroy();
  const {
    AccessKeyId: accessKeyId = '',
    SecretAccessKey: secretAccessKey = '',
    SessionToken,
  } = session.Credentials ?? {};
  signer = new Signer({
    ...clientOf(cloud),
    credentials: { accessKeyId, secretAccessKey, sessionToken: SessionToken },
  });
});

afterAll(() => cloud.stop());

const bodies: Record<string, (operation: string) => Arbitrary<Uint8Array>> = {
  'bodies that break the service model': operation => malformed(requests.of(operation)).map(text => Buffer.from(text)),
  'bodies that are no request': () => RAW_BODY,
};

test.each(Object.entries(bodies))('%s are refused in AWS’s form', async (_what, bodyOf) => {
  const cases = fc.constantFrom(...OPERATIONS).chain(operation => fc.tuple(fc.constant(operation), bodyOf(operation)));
  await fc.assert(
    fc.asyncProperty(cases, async ([operation, body]) => {
      const answer = await send(cloud.endpoint, await signer.sign(operationRequest(operation, body)));
      expect(answerViolations(model, operation, answer)).toEqual([]);
    }),
    { numRuns: CASES, seed: SEED, endOnFailure: true },
  );
});
