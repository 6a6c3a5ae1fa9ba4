import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRegistry } from '../../../lambda/pipeline-control/model-registry';
import { fakeClient, serviceError } from '../support/fake-client';

const PLACE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:model-package/mlops-test-rain/3';

describe('SageMakerRegistry', () => {
  test('reads a version by its ARN', async () => {
    const { client, sent } = fakeClient({
      DescribeModelPackage: () => ({
        ModelPackageArn: ARN,
        InferenceSpecification: { Containers: [{ ModelDataUrl: 's3://a/model.tar.gz' }] },
        CustomerMetadataProperties: { runId: 'r' },
      }),
    });

    expect(await new SageMakerRegistry(client, PLACE).version('mlops-test-rain', '3')).toEqual({
      modelPackageArn: ARN,
      modelDataUri: 's3://a/model.tar.gz',
      properties: { runId: 'r' },
    });
    expect(sent[0]?.input).toEqual({ ModelPackageName: ARN });
  });

  test('has nothing for a version that was deleted', async () => {
    const { client } = fakeClient({
      DescribeModelPackage: () => {
        throw serviceError('ValidationException', `ModelPackage ${ARN} does not exist.`);
      },
    });

    expect(await new SageMakerRegistry(client, PLACE).version('mlops-test-rain', '3')).toBeUndefined();
  });

  test('describes what was made since', async () => {
    const { client, sent } = fakeClient({
      ListModelPackages: () => ({ ModelPackageSummaryList: [{ ModelPackageArn: ARN }] }),
      DescribeModelPackage: () => ({ ModelPackageArn: ARN }),
    });
    Object.setPrototypeOf(client, SageMakerClient.prototype);
    const since = new Date('2026-11-24T00:00:00Z');

    expect(await new SageMakerRegistry(client, PLACE).madeSince('mlops-test-rain', since)).toEqual([
      { modelPackageArn: ARN, properties: {} },
    ]);
    expect(sent[0]?.input).toMatchObject({ ModelPackageGroupName: 'mlops-test-rain', CreationTimeAfter: since });
  });
});
