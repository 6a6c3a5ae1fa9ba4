import { cachedDefinitions } from '../kubernetes/cached-definitions';
import { ENVOY_GATEWAY_DEFINITIONS } from '../kubernetes/custom-resources';
import { autoModeDefinitions } from './auto-mode-definitions';

/**
 * Custom resources that EKS or a chart brings into a cluster, and that nothing here acts on. Each is a text of YAML. Those of
 * the Gateway API and of KEDA, which something acts on, come with the control plane.
 */
export async function clusterDefinitions(signal?: AbortSignal): Promise<string[]> {
  return [...(await autoModeDefinitions(signal)), ...(await cachedDefinitions(ENVOY_GATEWAY_DEFINITIONS, signal))];
}
