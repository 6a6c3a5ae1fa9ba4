import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { k8s } from './k8s';
import { addImageVolume } from './model-chart';
import { container, modelPod, type ModelPodProps, versionLabels } from './model-pod';
import { PLACEHOLDERS } from './placeholders';

/** Exit code of the model server's `batch` when to try again is in vain. */
const IN_VAIN = 42;
const RETRIES = 3;
/** How long a job that has ended can be looked at. */
const KEPT_SECONDS = 3 * 24 * 3600;
/** Predictions of one file lie there until all are made. */
const TEMPORARY_MEBIBYTES = 4096;
/** No autoscaler takes the node of a batch to save one: a file begins anew, and the batch has an end of its own. */
const LEFT_ALONE = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
};

/** What the job of a batch depends on beside its version and its files. */
export interface BatchChartProps extends ModelPodProps {
  readonly namespace: string;
  /** Pods that share the files. */
  readonly parallelism: number;
  readonly timeoutSeconds: number;
}

/** One Job that predicts files with one version, by the image and the model that answer requests with it. */
class BatchChart extends Chart {
  constructor(scope: Construct, id: string, props: BatchChartProps) {
    const labels = batchLabels(props.modelName);
    super(scope, id, { namespace: props.namespace, labels });
    const pod = withRoom(props);
    const { env = [], ...predicting } = container('batch', pod);
    const job = new ApiObject(this, 'Job', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: PLACEHOLDERS.name },
      spec: k8s.toJson_JobSpec({
        completionMode: 'Indexed',
        completions: props.parallelism,
        parallelism: props.parallelism,
        backoffLimitPerIndex: RETRIES,
        activeDeadlineSeconds: props.timeoutSeconds,
        ttlSecondsAfterFinished: KEPT_SECONDS,
        template: {
          metadata: { labels, annotations: LEFT_ALONE },
          spec: {
            ...modelPod(pod),
            // the quota of batches counts pods with a deadline
            activeDeadlineSeconds: props.timeoutSeconds,
            restartPolicy: 'Never',
            containers: [
              {
                ...predicting,
                command: ['python', '-m', 'model_server', 'batch'],
                env: [
                  { name: 'BATCH_INPUT_URI', value: PLACEHOLDERS.batchInput },
                  { name: 'BATCH_OUTPUT_URI', value: PLACEHOLDERS.batchOutput },
                  { name: 'BATCH_PARTS', value: String(props.parallelism) },
                  ...env,
                ],
              },
            ],
          },
        },
      }),
    });
    // the types ask for conditions in every rule, which Kubernetes allows beside exit codes in none
    job.addJsonPatch(
      JsonPatch.add('/spec/podFailurePolicy', {
        rules: [
          // a node that was taken away is nobody's failure
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailIndex', onExitCodes: { containerName: 'batch', operator: 'In', values: [IN_VAIN] } },
        ],
      }),
    );
    if (props.imageVolume) job.addJsonPatch(addImageVolume('/spec/template/spec/volumes/-'));
  }
}

function withRoom(props: BatchChartProps): BatchChartProps {
  return { ...props, temporaryMebibytes: TEMPORARY_MEBIBYTES };
}

/** The template of a model's batches. */
export function renderBatchChart(props: BatchChartProps): unknown[] {
  return new BatchChart(new App(), 'Batch', props).toJson() as unknown[];
}

/** A batch is no deployment: without that label, no Service and no budget takes its pods for servers. */
function batchLabels(modelName: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(versionLabels(modelName))
      .filter(([, value]) => value !== PLACEHOLDERS.name)
      .map(([label, value]) => (label === 'app.kubernetes.io/name' ? [label, 'batch-inference'] : [label, value])),
  );
}
