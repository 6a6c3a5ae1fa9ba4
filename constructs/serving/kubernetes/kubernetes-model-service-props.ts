import type { Duration, Size } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IInferenceLog } from '../../data/inference-log';
import type { IModelRegistry } from '../../registry/model-registry';
import type { IReleaseController } from '../../release/release-controller-props';
import type { IdlePolicy } from '../idle-policy';
import type { ShiftPolicy } from '../shift-policy';
import type { BatchInference } from './batch-inference';
import type { KubernetesScaling } from './kubernetes-scaling';
import type { IServingCluster } from './serving-cluster-props';

/** How a version's model comes into its pods. */
export enum ModelDelivery {
  /** A container of the version's own image fetches the archive from S3, checks its digest and unpacks it. */
  FETCH = 'fetch',

  /**
   * A volume that is an OCI image, named by digest in the variable `MODEL_IMAGE` of the version's environment. Nodes keep
   * images, so a pod that comes back starts sooner. Needs Kubernetes 1.35.
   */
  IMAGE_VOLUME = 'image-volume',
}

/** Settings of a model's service on Kubernetes. */
export interface KubernetesModelServiceProps {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model that serves. */
  readonly modelName: string;

  /** Registry in which its versions are approved. */
  readonly registry: IModelRegistry;

  /** Bucket in which its artifacts lie, under its name. */
  readonly artifactBucket: IBucket;

  /** Cluster on which it serves. */
  readonly cluster: IServingCluster;

  /**
   * Number of a version's pods; with `autoScaling`, the fewest.
   *
   * @default - 2 in an environment named `prod` or `production`, else 1
   */
  readonly replicas?: number;

  /**
   * How the number of pods follows the load.
   *
   * @default - it stays at `replicas`
   */
  readonly autoScaling?: KubernetesScaling;

  /**
   * Processors that a pod is promised.
   *
   * @default 1
   */
  readonly cpu?: number;

  /**
   * Processors that a pod may use at most, at least `cpu`.
   *
   * @default - what the node has to spare: a limit slows answers down while processors are idle
   */
  readonly cpuLimit?: number;

  /**
   * Memory that a pod is promised and may use at most.
   *
   * @default Size.gibibytes(2)
   */
  readonly memory?: Size;

  /**
   * NVIDIA GPUs of a pod; needs a pool of them in the cluster.
   *
   * @default 0
   */
  readonly gpus?: number;

  /**
   * Whether pods may run on spot capacity, which is taken away at two minutes' notice. They prefer it then.
   *
   * @default false
   */
  readonly spot?: boolean;

  /**
   * Size of the unpacked model at most.
   *
   * @default Size.gibibytes(1)
   */
  readonly modelSize?: Size;

  /**
   * Time that the server may take to load the model, at most an hour; a pod that takes longer is started again.
   *
   * @default Duration.minutes(5)
   */
  readonly modelLoadTime?: Duration;

  /**
   * How the model comes into the pods.
   *
   * @default ModelDelivery.FETCH
   */
  readonly modelDelivery?: ModelDelivery;

  /**
   * Predictions of whole files; the release function's group may start their Jobs then.
   *
   * @default - none
   */
  readonly batch?: BatchInference;

  /**
   * Namespaces of the cluster whose pods may call the model by its Service.
   *
   * @default - none: callers come through the gateway or from the VPC
   */
  readonly clientNamespaces?: string[];

  /**
   * What releases its versions.
   *
   * @default - a controller of its own; an environment with several models wants one for all of them
   */
  readonly releaseController?: IReleaseController;

  /**
   * Log to which the model server writes its predictions.
   *
   * @default - predictions are not logged, so nothing can be monitored
   */
  readonly inferenceLog?: IInferenceLog;

  /**
   * How traffic moves to a new version. Anything but all at once needs a gateway in the cluster.
   *
   * @default ShiftPolicy.allAtOnce()
   */
  readonly shift?: ShiftPolicy;

  /**
   * Whether nothing of it may run at times, so that it costs nothing then. Whoever calls it meanwhile is answered with an
   * error. Leave it out in production.
   *
   * @default - it never sleeps
   */
  readonly idle?: IdlePolicy;

  /**
   * Share of requests answered with 5XX, over which a release that bakes goes back.
   *
   * @default 0.05
   */
  readonly maxServerErrorRate?: number;

  /**
   * Share of requests that the model does not answer with 2XX, over which a release that bakes goes back.
   *
   * @default 0.25
   */
  readonly maxModelErrorRate?: number;

  /**
   * Time in which the model must answer 99 of 100 requests, over which a release that bakes goes back.
   *
   * @default Duration.seconds(1)
   */
  readonly maxLatency?: Duration;
}
