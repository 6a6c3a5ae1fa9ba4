import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ApplicationAutoScaling } from '../shared/application-auto-scaling';
import type { ServingSettings } from '../shared/contracts';
import { SageMakerTarget } from './sagemaker-target';
import type { ServingTarget } from './serving-target';

/** Where a version may serve, by the model's settings; a third target is one more line. */
export function servingTargets(
  sagemaker: SageMakerClient,
  runtime: SageMakerRuntimeClient,
): (settings: ServingSettings) => ServingTarget {
  const scaling = new ApplicationAutoScaling(new ApplicationAutoScalingClient({}));
  const targets: Record<ServingSettings['target'], (settings: ServingSettings) => ServingTarget> = {
    sagemaker: settings => new SageMakerTarget({ sagemaker, runtime, scaling }, settings),
  };
  return settings => targets[settings.target](settings);
}
