import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { LiveEndpoint, UNKNOWN_VERSION } from '../lambda/release-step/sagemaker-live';
import type { EksServingSettings, ServingSettings } from '../lambda/shared/contracts';
import type { ServingNow } from './ports';

/** What a SageMaker endpoint serves, found as the release machine finds it: its config alone names what was meant. */
export async function endpointNow(sagemaker: SageMakerClient, { endpointName }: ServingSettings): Promise<ServingNow> {
  const live = new LiveEndpoint(sagemaker, endpointName);
  const endpoint = await live.describe();
  if (endpoint === undefined) return { status: 'not there' };
  const version = (await live.deployment(endpoint))?.version;
  return {
    status: endpoint.EndpointStatus ?? 'unknown',
    version: version === UNKNOWN_VERSION ? undefined : version,
    reason: endpoint.FailureReason,
  };
}

/** A cluster is asked by `kubectl`, from its network and with rights of its own, which this command line does not have. */
export function onCluster({ namespace, traffic, cluster }: EksServingSettings): ServingNow {
  const object = traffic.type === 'gateway' ? `httproute/${traffic.routeName}` : `service/${traffic.serviceName}`;
  return {
    status: 'not asked',
    unknown: true,
    reason: `only cluster '${cluster.name}' knows: kubectl -n ${namespace} get ${object} -o yaml`,
  };
}
