import { DescribeEndpointCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { parseDeploymentName } from '../lambda/release-step/sagemaker-names';
import type { EksServingSettings, ServingSettings } from '../lambda/shared/contracts';
import type { ServingNow } from './ports';

/** What a SageMaker endpoint serves, by the name of the config that it says it has. */
export async function endpointNow(sagemaker: SageMakerClient, { endpointName }: ServingSettings): Promise<ServingNow> {
  try {
    const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
    return {
      status: endpoint.EndpointStatus ?? 'unknown',
      version: parseDeploymentName(endpointName, endpoint.EndpointConfigName ?? '')?.version,
      reason: endpoint.FailureReason,
    };
  } catch (error) {
    // SageMaker's way to say that there is none
    if (error instanceof Error && /could not find/i.test(error.message)) return { status: 'not there' };
    throw error;
  }
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
