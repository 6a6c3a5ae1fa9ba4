import type { Duration } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import type { IInferenceLog } from '../data/inference-log';
import type { ContainerPlacement } from '../network/container-placement';
import type { IModelRegistry } from '../registry/model-registry';
import type { IReleaseController } from '../release/release-controller-props';
import type { ServiceScaling } from './auto-scaling';
import type { IdlePolicy } from './idle-policy';
import type { ShadowPolicy } from './shadow-policy';
import type { ShiftPolicy } from './shift-policy';

/** Where a model answers. */
export interface IModelService extends IConstruct {
  /** Name of the endpoint; it exists once a version was released. */
  readonly endpointName: string;

  /** ARN of the endpoint. */
  readonly endpointArn: string;

  /** Lets the grantee ask for predictions. */
  grantInvoke(grantee: IGrantable): Grant;
}

/** Settings of a model's service. */
export interface ModelServiceProps extends ContainerPlacement {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model that serves. */
  readonly modelName: string;

  /** Registry in which its versions are approved. */
  readonly registry: IModelRegistry;

  /** Bucket in which its artifacts lie, under its name. */
  readonly artifactBucket: IBucket;

  /** SageMaker instance type, such as `ml.m5.large`. */
  readonly instanceType: string;

  /**
   * Number of instances; two or more lie in different availability zones.
   *
   * @default 1
   */
  readonly instanceCount?: number;

  /**
   * Key of the disks of its instances, whose type must have no disks of its own; the release controller must have it as
   * one of its `endpointKeys`.
   *
   * @default - a key of SageMaker's
   */
  readonly encryptionKey?: IKey;

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
   * How traffic moves to a new version.
   *
   * @default ShiftPolicy.allAtOnce()
   */
  readonly shift?: ShiftPolicy;

  /**
   * How the number of instances follows the load. The release controller registers it once a version serves, and an
   * update of the version keeps the instances that the load made it have.
   *
   * @default - it stays at `instanceCount`
   */
  readonly autoScaling?: ServiceScaling;

  /**
   * How long the previous version stays able to serve after a release, so that a rollback starts no instance and takes
   * seconds. Costs as many instances as serve for that time, and one instance afterwards, which SageMaker demands of a
   * variant. A rollback after that time, or with other settings, starts instances.
   *
   * @default - not at all
   */
  readonly warmStandby?: Duration;

  /**
   * What a new version must do before any of its answers reaches anybody. Costs its instances for that time, and holds
   * other releases of the model back; a rollback ends it. The first version of a model has nothing to shadow.
   *
   * @default - traffic moves as soon as a version is ready
   */
  readonly shadow?: ShadowPolicy;

  /**
   * Whether nothing of it may run at times, so that it costs nothing then. Whoever calls it meanwhile is answered with an
   * error. Leave it out in production.
   *
   * @default - it never sleeps
   */
  readonly idle?: IdlePolicy;

  /**
   * Repositories from which inference images may be pulled.
   *
   * @default - every repository of this account and region
   */
  readonly imageRepositories?: IRepository[];

  /**
   * Share of requests answered with 5XX, over which an update that bakes goes back.
   *
   * @default 0.05
   */
  readonly maxServerErrorRate?: number;

  /**
   * Share of requests that the model does not answer with 2XX, over which an update that bakes goes back.
   *
   * @default 0.25
   */
  readonly maxModelErrorRate?: number;

  /**
   * Time in which the model must answer 99 of 100 requests, over which an update that bakes goes back.
   *
   * @default Duration.seconds(1)
   */
  readonly maxLatency?: Duration;
}

/** A model's service that another stack or app made. */
export interface ModelServiceAttributes {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model that serves. */
  readonly modelName: string;
}
