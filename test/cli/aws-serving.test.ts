import { endpointNow, onCluster } from '../../cli/aws-serving';
import { deploymentName } from '../../lambda/release-step/sagemaker-names';
import { fakeClient, serviceError, type Responder } from '../lambda/support/fake-client';
import { EKS_SETTINGS } from '../lambda/release-step/support/kubernetes-world';
import { SETTINGS } from '../lambda/release-step/support/world';

const ENDPOINT = SETTINGS.endpointName;
const V1 = deploymentName(ENDPOINT, '1', 'one');
const V2 = deploymentName(ENDPOINT, '2', 'two');
/** The config of version 2 with version 1 kept warm: it bears the name of what it was made for. */
const WARM_CONFIG = deploymentName(ENDPOINT, '2', 'both');

function endpoint(weights: { AllTraffic: number; Standby: number }): Partial<Record<string, Responder>> {
  return {
    DescribeEndpoint: () => ({
      EndpointStatus: 'InService',
      EndpointConfigName: WARM_CONFIG,
      ProductionVariants: Object.entries(weights).map(([VariantName, CurrentWeight]) => ({
        VariantName,
        CurrentWeight,
        CurrentInstanceCount: 2,
      })),
    }),
    DescribeEndpointConfig: () => ({
      ProductionVariants: [
        { VariantName: 'AllTraffic', ModelName: V2 },
        { VariantName: 'Standby', ModelName: V1 },
      ],
    }),
  };
}

test.each([
  ['a release with a warm standby', { AllTraffic: 1, Standby: 0 }, '2'],
  ['a rollback to the warm standby', { AllTraffic: 0, Standby: 1 }, '1'],
])('after %s the version is the one that all requests reach', async (_, weights, version) => {
  const { client } = fakeClient(endpoint(weights));
  expect(await endpointNow(client, SETTINGS)).toEqual({ status: 'InService', version });
});

test('requests that are split reach no one version', async () => {
  const { client } = fakeClient(endpoint({ AllTraffic: 1, Standby: 1 }));
  expect(await endpointNow(client, SETTINGS)).toEqual({ status: 'InService' });
});

test('one variant alone is named by its config, and an endpoint that no release made has no version', async () => {
  const alone = (EndpointConfigName: string): never =>
    fakeClient({ DescribeEndpoint: () => ({ EndpointStatus: 'Failed', FailureReason: 'quota', EndpointConfigName }) })
      .client;
  expect(await endpointNow(alone(V2), SETTINGS)).toEqual({ status: 'Failed', version: '2', reason: 'quota' });
  expect(await endpointNow(alone('by-hand'), SETTINGS)).toEqual({ status: 'Failed', reason: 'quota' });
});

test('an endpoint that is not there says so, and what AWS does not let is an error', async () => {
  const failing = (message: string): never =>
    fakeClient({
      DescribeEndpoint: () => {
        throw serviceError('ValidationException', message);
      },
    }).client;
  expect(await endpointNow(failing('Could not find endpoint "arn".'), SETTINGS)).toEqual({ status: 'not there' });
  await expect(endpointNow(failing('no'), SETTINGS)).rejects.toThrow('no');
});

test.each([
  [EKS_SETTINGS.traffic, 'httproute/rain'],
  [{ type: 'selector', serviceName: 'rain-all' } as const, 'service/rain-all'],
])('of a model on a cluster it says whom to ask, and how', (traffic, object) => {
  expect(onCluster({ ...EKS_SETTINGS, traffic })).toEqual({
    status: 'not asked',
    unknown: true,
    reason: `only cluster 'models' knows: kubectl -n mlops-local-rain get ${object} -o yaml`,
  });
});
