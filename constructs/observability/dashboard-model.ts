/** Where a model is served. */
export enum ServingTarget {
  /** On an endpoint of SageMaker. */
  SAGEMAKER = 'sagemaker',

  /** In pods of a cluster of EKS. */
  EKS = 'eks',
}

/** A model as an environment's dashboard shows it: by its names, so that the dashboard needs nothing of its stack. */
export interface DashboardModel {
  /** Name of the model. */
  readonly modelName: string;

  /**
   * Where it is served.
   *
   * @default ServingTarget.SAGEMAKER
   */
  readonly target?: ServingTarget;
}
