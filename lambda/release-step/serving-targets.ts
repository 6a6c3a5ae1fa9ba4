import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ApplicationAutoScaling } from '../shared/application-auto-scaling';
import type { AnyServingSettings } from '../shared/contracts';
import { costTags } from '../shared/cost-tags';
import { KubernetesTarget } from './kubernetes-target';
import { AwsKubernetes } from './kubernetes-tools';
import { SageMakerTarget } from './sagemaker-target';
import type { ServingTarget } from './serving-target';

/** Where a version may serve, by the model's settings; a third target is one more case. */
export function servingTargets(
  sagemaker: SageMakerClient,
  runtime: SageMakerRuntimeClient,
  environmentName: string,
): (model: string, settings: AnyServingSettings) => ServingTarget {
  const scaling = new ApplicationAutoScaling(new ApplicationAutoScalingClient({}));
  const kubernetes = new AwsKubernetes(sagemaker);
  return (model, settings) => {
    switch (settings.target) {
      case 'sagemaker':
        return new SageMakerTarget({ sagemaker, runtime, scaling }, settings, costTags(environmentName, model));
      case 'eks':
        return new KubernetesTarget(kubernetes.tools(settings), model, settings);
    }
  };
}
