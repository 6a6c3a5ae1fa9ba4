import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { k8s } from './k8s';
import { PORT, PORT_NAME } from './kubernetes-names';
import { type Autoscaler, autoscalerObject } from './model-autoscaler';
import {
  DRAIN_SECONDS,
  MODEL_VOLUME,
  type ModelPodProps,
  scrapeAnnotations,
  servingPod,
  versionLabels,
  versionSelector,
} from './model-pod';
import { PLACEHOLDERS } from './placeholders';

/** A node may have to start and the image to be pulled before a model can load. */
export const START_MARGIN_SECONDS = 600;

/** What the objects of a version depend on beside the version. */
export interface ModelChartProps extends ModelPodProps {
  readonly namespace: string;
  /** Number of pods; an autoscaler's own when there is one. */
  readonly replicas: number;
  /**
   * What owns the number of pods.
   *
   * @default - nothing: it is `replicas`
   */
  readonly autoscaler?: Autoscaler;
}

/**
 * The objects of one version of a model, with placeholders for what the version alone knows. The release controller
 * fills and applies them; the template of the CDK contains none of them, so that a rollback survives the next deploy.
 */
class ModelChart extends Chart {
  constructor(scope: Construct, id: string, props: ModelChartProps) {
    const labels = versionLabels(props.modelName);
    super(scope, id, { namespace: props.namespace, labels });
    // no `KubeDeployment`: it would drop again what is patched in and unknown to its types
    const deployment = new ApiObject(this, 'Deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: PLACEHOLDERS.name },
      spec: k8s.toJson_DeploymentSpec({
        // the number of pods has one owner
        replicas: props.autoscaler === undefined ? props.replicas : undefined,
        selector: { matchLabels: versionSelector() },
        // a new version is a new deployment: there is nothing in this one to go back to
        revisionHistoryLimit: 1,
        progressDeadlineSeconds: props.loadSeconds + START_MARGIN_SECONDS,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxUnavailable: k8s.IntOrString.fromNumber(0),
            maxSurge: k8s.IntOrString.fromString('25%'),
          },
        },
        template: { metadata: { labels, annotations: scrapeAnnotations() }, spec: servingPod(props) },
      }),
    });
    // newer than the types: since 1.30, and needs no shell in the image
    deployment.addJsonPatch(
      JsonPatch.add('/spec/template/spec/containers/0/lifecycle', { preStop: { sleep: { seconds: DRAIN_SECONDS } } }),
    );
    if (props.imageVolume) deployment.addJsonPatch(addImageVolume('/spec/template/spec/volumes/-'));
    new k8s.KubeService(this, 'Service', {
      metadata: { name: PLACEHOLDERS.name },
      spec: {
        type: 'ClusterIP',
        selector: versionSelector(),
        ports: [{ name: PORT_NAME, port: PORT, targetPort: k8s.IntOrString.fromString(PORT_NAME) }],
      },
    });
    new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {
      metadata: { name: PLACEHOLDERS.name },
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        selector: { matchLabels: versionSelector() },
        // pods that never came up must not hold up the drain of a node
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    });
    if (props.autoscaler !== undefined) new ApiObject(this, 'Autoscaler', autoscalerObject(props.autoscaler));
  }
}

/** The template of a model's versions: nothing in it changes from one synth to the next. */
export function renderModelChart(props: ModelChartProps): unknown[] {
  return new ModelChart(new App(), 'Model', props).toJson() as unknown[];
}

/** The model as a volume of its own, in the place where it is fetched to otherwise. */
export function addImageVolume(path: string): JsonPatch {
  return JsonPatch.add(path, {
    name: MODEL_VOLUME,
    image: { reference: PLACEHOLDERS.modelImage, pullPolicy: 'IfNotPresent' },
  });
}
