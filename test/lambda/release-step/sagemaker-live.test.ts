import type { DescribeEndpointOutput } from '@aws-sdk/client-sagemaker';
import { instancesOf } from '../../../lambda/release-step/sagemaker-live';

const endpoint = (more: Partial<DescribeEndpointOutput>): DescribeEndpointOutput => ({
  EndpointName: 'rain',
  EndpointArn: 'arn:aws:sagemaker:eu-west-1:111111111111:endpoint/rain',
  EndpointConfigName: 'rain-1',
  EndpointStatus: 'InService',
  CreationTime: new Date(0),
  LastModifiedTime: new Date(0),
  ...more,
});
const variant = (VariantName: string, CurrentInstanceCount?: number) => ({ VariantName, CurrentInstanceCount });

describe('the instances that run', () => {
  test('are those of what serves, of the standby, of the shadow, and of the fleet that is to come', () => {
    const counted = instancesOf(
      endpoint({
        ProductionVariants: [variant('AllTraffic', 4), variant('Standby', 1)],
        ShadowProductionVariants: [variant('Shadow', 2)],
        PendingDeploymentSummary: {
          EndpointConfigName: 'rain-2',
          ProductionVariants: [variant('AllTraffic', 3)],
        },
      }),
    );
    expect(counted).toBe(10);
  });

  test('can be none, which is a number', () => {
    expect(instancesOf(endpoint({ ProductionVariants: [variant('AllTraffic', 0)] }))).toBe(0);
  });

  test('are not known while SageMaker says of none', () => {
    expect(instancesOf(endpoint({}))).toBeUndefined();
    expect(instancesOf(endpoint({ ProductionVariants: [variant('AllTraffic')] }))).toBeUndefined();
  });
});
