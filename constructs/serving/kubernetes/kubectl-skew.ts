import { CfnLayerVersion, type ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Problems } from '../../private/validation';
import { parseMinor } from './kubernetes-minor';

/**
 * How far kubectl may be from its API server.
 *
 * @see https://kubernetes.io/releases/version-skew-policy/#kubectl
 */
const MAX_SKEW = 1;

/**
 * Notes a kubectl that does not speak to a cluster of that version. A layer of the CDK tells its kubectl in its description;
 * of one that tells nothing, or is somewhere else, nothing is known.
 */
export function requireKubectl(problems: Problems, layer: ILayerVersion, kubernetesVersion: string): void {
  const resource = layer.node.defaultChild;
  const description = resource instanceof CfnLayerVersion ? (resource.description ?? '') : '';
  const [, version = ''] = /\bkubectl (\d+\.\d+)\b/.exec(description) ?? [];
  const kubectl = parseMinor(version);
  const cluster = parseMinor(kubernetesVersion);
  if (kubectl === undefined || cluster === undefined) return;
  problems.require(
    kubectl.major === cluster.major && Math.abs(kubectl.minor - cluster.minor) <= MAX_SKEW,
    `'kubectlLayer' has kubectl ${version} for Kubernetes '${kubernetesVersion}', must be at most ${MAX_SKEW} minor version away; give 'KubectlV${cluster.minor}Layer' of '@aws-cdk/lambda-layer-kubectl-v${cluster.minor}'`,
  );
}
