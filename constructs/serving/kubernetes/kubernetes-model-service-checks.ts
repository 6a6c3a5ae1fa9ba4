import { Annotations, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { requireEnvironmentName, requireGroupName, requireModelName } from '../../private/name-rules';
import { Problems } from '../../private/validation';
import { GUARDRAIL_NEEDS } from '../guardrail-alarms';
import { checkIdle, isWithin } from '../idle-policy';
import { ShiftPolicy } from '../shift-policy';
import { checkBatch } from './batch-inference';
import { IMAGE_VOLUME_MINOR, isAtLeast } from './kubernetes-minor';
import { type KubernetesModelServiceProps, ModelDelivery } from './kubernetes-model-service-props';
import { checkScaling, productionFloor } from './kubernetes-scaling';

const MAX_LOAD_SECONDS = 3600;
const MIN_MEMORY_MEBIBYTES = 256;
/** A label of DNS, which names of namespaces are. */
const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Throws all that the cluster would refuse or quietly not do; what is only unwise is a warning. */
export function checkKubernetesModelService(scope: Construct, props: KubernetesModelServiceProps): void {
  const problems = new Problems(scope);
  requireEnvironmentName(problems, props.environmentName);
  requireModelName(problems, props.modelName);
  requireGroupName(problems, props.registry.modelPackageGroupName, props.environmentName, props.modelName);
  checkReplicas(problems, props);
  checkResources(problems, props);
  checkDelivery(problems, props);
  checkTraffic(problems, props);
  problems.require(
    props.releaseController === undefined || props.releaseController.templateReaders.length > 0,
    "'releaseController' is one without access to a cluster, must be made with the 'servingCluster' on which the model serves, or imported with its 'templateReaders'",
  );
  if (props.idle !== undefined) checkIdle(problems, props.idle);
  if (props.batch !== undefined) checkBatch(problems, props.batch);
  checkNodeHours(problems, props);
  problems.requireRange('maxServerErrorRate', props.maxServerErrorRate, 0, 1);
  problems.requireRange('maxModelErrorRate', props.maxModelErrorRate, 0, 1);
  if (props.maxLatency !== undefined) {
    problems.require(
      props.maxLatency.toMilliseconds() > 0,
      `'maxLatency' is ${props.maxLatency.toMilliseconds()} ms, must be more than 0, or every release goes back`,
    );
  }
  problems.throwIfAny();
  warnOfBlindGuardrail(scope, props);
}

function checkReplicas(problems: Problems, props: KubernetesModelServiceProps): void {
  const { environmentName, autoScaling, cluster } = props;
  const floor = productionFloor(environmentName);
  const replicas = props.replicas ?? floor;
  if (Token.isUnresolved(replicas)) {
    problems.add("'replicas' is known at deployment only, must be known at synth: the template holds it");
    return;
  }
  if (autoScaling === undefined) {
    problems.require(
      Number.isInteger(replicas) && replicas >= floor,
      `'replicas' is ${replicas}${floor > 1 ? ` in '${environmentName}'` : ''}, must be a whole number of at least ${floor}${
        floor > 1 ? ', so that the loss of an availability zone leaves a pod' : ''
      }`,
    );
    return;
  }
  problems.require(
    props.replicas === undefined || autoScaling.minReplicas === undefined,
    `'replicas' is ${replicas} beside 'autoScaling.minReplicas' ${autoScaling.minReplicas}, must not both be given: the number of pods has one owner, leave 'replicas' out`,
  );
  checkScaling(problems, autoScaling, { environmentName, replicas, cluster });
}

function checkResources(problems: Problems, props: KubernetesModelServiceProps): void {
  const { cpu, cpuLimit, memory, gpus = 0, spot = false, cluster } = props;
  for (const [property, value] of Object.entries({ cpu, cpuLimit })) {
    problems.require(
      value === undefined || (value > 0 && Number.isInteger(Math.round(value * 1e6) / 1e3)),
      `'${property}' is ${value}, must be more than 0 and a multiple of 0.001`,
    );
  }
  problems.require(
    cpuLimit === undefined || cpuLimit >= (cpu ?? 1),
    `'cpuLimit' is ${cpuLimit}, must be at least 'cpu' (${cpu ?? 1}): Kubernetes refuses a request over its limit`,
  );
  problems.require(
    memory === undefined || memory.toMebibytes() >= MIN_MEMORY_MEBIBYTES,
    `'memory' is ${memory?.toMebibytes()} MiB, must be at least ${MIN_MEMORY_MEBIBYTES} MiB, which the model server takes without a model`,
  );
  problems.require(Number.isInteger(gpus) && gpus >= 0, `'gpus' is ${gpus}, must be a whole number of at least 0`);
  problems.require(
    gpus === 0 || cluster.gpuPool,
    `'gpus' is ${gpus}, but the cluster has no pool of them: give it 'gpuPool', or leave 'gpus' out`,
  );
  problems.require(
    !spot || cluster.spotPool,
    "'spot' is true, but the cluster has no spot capacity: give it 'spotPool', or leave 'spot' out",
  );
  const loadSeconds = props.modelLoadTime?.toSeconds();
  problems.requireRange('modelLoadTime', loadSeconds, 1, MAX_LOAD_SECONDS);
}

/** What would be up, or be started, while the cluster has no node. */
function checkNodeHours(problems: Problems, { cluster, idle, batch }: KubernetesModelServiceProps): void {
  if (cluster.awake === undefined) return;
  const { from, to } = cluster.awake;
  problems.require(
    idle?.awake !== undefined && isWithin(idle.awake, cluster.awake),
    `'idle.awake' is ${idle?.awake === undefined ? 'left out' : `from '${idle.awake.from}' to '${idle.awake.to}'`} on a cluster without nodes outside of its own 'awake', must lie within it (from '${from}' to '${to}', by its days and time zone); or leave 'awake' out of the cluster's capacity`,
  );
  problems.require(
    batch === undefined,
    "'batch' is given on a cluster without nodes outside of its 'awake', must be left out: a Job would lose its nodes; or leave 'awake' out of the cluster's capacity",
  );
}

function checkDelivery(problems: Problems, { modelDelivery, cluster }: KubernetesModelServiceProps): void {
  if (modelDelivery !== ModelDelivery.IMAGE_VOLUME) return;
  problems.require(
    isAtLeast(cluster.kubernetesVersion, IMAGE_VOLUME_MINOR),
    `'modelDelivery' is 'IMAGE_VOLUME' on Kubernetes ${cluster.kubernetesVersion}, which does not mount images without a switch, must be on ${IMAGE_VOLUME_MINOR} or newer; use 'ModelDelivery.FETCH'`,
  );
}

function checkTraffic(problems: Problems, props: KubernetesModelServiceProps): void {
  const { type } = props.shift ?? ShiftPolicy.allAtOnce();
  problems.require(
    type === 'ALL_AT_ONCE' || props.cluster.gateway !== undefined,
    `'shift' is ${type}, but the cluster has no gateway, and a Service sends all requests to one version or none: give the cluster a 'gateway', or use 'ShiftPolicy.allAtOnce()'`,
  );
  for (const namespace of props.clientNamespaces ?? []) {
    problems.requirePattern(
      'clientNamespaces',
      namespace,
      NAMESPACE_NAME,
      'the name of a namespace: at most 63 lower-case letters, digits and hyphens',
    );
  }
}

function warnOfBlindGuardrail(scope: Construct, props: KubernetesModelServiceProps): void {
  const bake = (props.shift ?? ShiftPolicy.allAtOnce()).waitTime;
  // none at all is somebody's word; less than they need is most likely a slip
  if (bake.toSeconds() > 0 && bake.toSeconds() < GUARDRAIL_NEEDS.toSeconds()) {
    Annotations.of(scope).addWarningV2(
      'mlops-blueprint:guardrail-blind',
      `the wait of 'shift' is ${bake.toHumanString()}, too short for the guardrail alarms to go off, make it ${GUARDRAIL_NEEDS.toHumanString()} or longer`,
    );
  }
}
