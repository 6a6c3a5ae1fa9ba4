import { hasLocalDisks } from '../private/instance-disks';
import { UNGUARDED_INSTANCE } from '../private/instance-types';
import { type Finding, isObject, type Limit, listed, referred, resourcesOf, type Template } from './template';

const MAX_CANARY_PERCENT = 50;
const MAX_ROLLBACK_ALARMS = 10;
const CAPACITY_PERCENT = 'CAPACITY_PERCENT';

type Properties = Readonly<Record<string, unknown>>;

/** Endpoints that somebody made beside ours, which name no version: combinations that SageMaker would refuse. */
export const endpointLimits: readonly Limit[] = [
  { name: 'endpoint-key', findings: template => ofConfigs(template, 'KmsKeyId', keyProblem) },
  { name: 'serverless-endpoint', findings: template => ofConfigs(template, 'ProductionVariants', serverlessProblem) },
  { name: 'serverless-image', findings: serverlessImageFindings },
  { name: 'endpoint-scaling', findings: template => ofConfigs(template, 'ProductionVariants', scalingProblem) },
  { name: 'endpoint-guardrails', findings: guardrailFindings },
];

function ofConfigs(
  template: Template,
  property: string,
  problem: (properties: Properties, template: Template) => string | undefined,
): Finding[] {
  return resourcesOf(template, 'AWS::SageMaker::EndpointConfig').flatMap(([logicalId, properties]) => {
    const message = problem(properties, template);
    return message === undefined ? [] : [{ logicalId, location: `Properties/${property}`, message }];
  });
}

function variantsOf(config: Properties): Properties[] {
  return listed(config.ProductionVariants).filter(isObject);
}

function isServerless(variant: Properties): boolean {
  return variant.ServerlessConfig !== undefined;
}

function typesOf(config: Properties): string[] {
  return variantsOf(config)
    .map(({ InstanceType }) => InstanceType)
    .filter(type => typeof type === 'string');
}

function keyProblem(config: Properties): string | undefined {
  if (config.KmsKeyId === undefined) return undefined;
  const local = typesOf(config).find(hasLocalDisks);
  if (local !== undefined) {
    return `'KmsKeyId' is given with '${local}', whose local disks are encrypted by themselves and take no key, must be left out; or use a type without local disks, such as 'ml.m5.large'`;
  }
  return variantsOf(config).some(isServerless)
    ? "'KmsKeyId' is given with 'ServerlessConfig', which has no disk of its own, must be left out"
    : undefined;
}

function serverlessProblem(config: Properties, template: Template): string | undefined {
  const variants = variantsOf(config);
  if (!variants.some(isServerless)) return undefined;
  const capture = config.DataCaptureConfig;
  if (isObject(capture) && capture.EnableCapture !== false) {
    return "'DataCaptureConfig' is given with 'ServerlessConfig', which captures nothing, must be left out: let the model server log, as that of 'InferenceLog' does; or serve on instances";
  }
  const models = variants.map(({ ModelName }) => template.Resources?.[referred(ModelName) ?? '']?.Properties ?? {});
  if ([config, ...models].some(({ VpcConfig }) => VpcConfig !== undefined)) {
    return "'VpcConfig' is given with 'ServerlessConfig', which is in no network of yours, must be left out; or serve on instances";
  }
  return variants.length > 1 || listed(config.ShadowProductionVariants).length > 0
    ? "'ProductionVariants' has a 'ServerlessConfig' beside another variant, must have one variant and no shadow; or serve on instances"
    : undefined;
}

/** An image of ECR: the account of its registry, and its repository. */
const ECR_IMAGE = /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([^:@]+)/;
/**
 * Repositories of the images that AWS makes for SageMaker, in accounts of its own, which serverless endpoints take.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
 */
const IMAGES_OF_AWS =
  /^(sagemaker-.+|.+-inference(-.+)?|blazingtext|factorization-machines|forecasting-deepar|image-classification|ipinsights|kmeans|knn|lda|linear-learner|ntm|object-detection|object2vec|pca|randomcutforest|semantic-segmentation|seq2seq|xgboost)$/;

/**
 * A serverless endpoint takes images of its own account alone, beside those that AWS makes, whatever the repository allows.
 *
 * @see https://github.com/aws/amazon-sagemaker-feedback/issues/181
 */
function serverlessImageFindings(template: Template, _text: string, account?: string): Finding[] {
  return resourcesOf(template, 'AWS::SageMaker::EndpointConfig').flatMap(([logicalId, config]) =>
    variantsOf(config)
      .filter(isServerless)
      .flatMap(({ ModelName }) => imagesOf(template.Resources?.[referred(ModelName) ?? '']?.Properties ?? {}))
      .filter(image => {
        const parts = ECR_IMAGE.exec(image);
        if (parts === null || account === undefined) return false;
        const [, registry, repository] = parts;
        return registry !== account && !IMAGES_OF_AWS.test(repository);
      })
      .map(image => ({
        logicalId,
        location: 'Properties/ProductionVariants',
        message: `'Image' is '${image}' with 'ServerlessConfig', must be in a repository of account ${account ?? ''}, in which the endpoint is: copy it there; or serve on instances`,
      })),
  );
}

function imagesOf({ PrimaryContainer, Containers }: Properties): string[] {
  return [PrimaryContainer, ...listed(Containers)]
    .filter(isObject)
    .map(({ Image }) => Image)
    .filter(image => typeof image === 'string');
}

function scalingProblem(config: Properties): string | undefined {
  return variantsOf(config).some(
    variant => variant.ManagedInstanceScaling !== undefined && variant.ModelName !== undefined,
  )
    ? "'ManagedInstanceScaling' is given with 'ModelName', must be on a variant of inference components alone; register the variant with Application Auto Scaling instead"
    : undefined;
}

function guardrailFindings(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::SageMaker::Endpoint').flatMap(([logicalId, properties]) => {
    const { DeploymentConfig: deployment, EndpointConfigName } = properties;
    if (!isObject(deployment)) return [];
    const config = template.Resources?.[referred(EndpointConfigName) ?? '']?.Properties ?? {};
    return [
      inf1Problem(config),
      rollingProblem(deployment, config),
      canaryProblem(deployment),
      alarmsProblem(deployment),
      timeoutProblem(deployment),
    ]
      .filter(message => message !== undefined)
      .map(message => ({ logicalId, location: 'Properties/DeploymentConfig', message }));
  });
}

function inf1Problem(config: Properties): string | undefined {
  const type = typesOf(config).find(candidate => UNGUARDED_INSTANCE.test(candidate));
  return type === undefined
    ? undefined
    : `'DeploymentConfig' is given with '${type}', whose endpoints SageMaker updates all at once while no alarm watches, must be left out; or use another type, such as 'ml.inf2.xlarge'`;
}

function rollingProblem(deployment: Properties, config: Properties): string | undefined {
  if (deployment.RollingUpdatePolicy === undefined) return undefined;
  const variants = variantsOf(config);
  return variants.length > 1 || variants.some(isServerless)
    ? "'RollingUpdatePolicy' is given with several variants or a serverless one, must be with one variant on instances; use 'BlueGreenUpdatePolicy'"
    : undefined;
}

function routingOf(deployment: Properties): Properties {
  const policy = deployment.BlueGreenUpdatePolicy;
  return isObject(policy) && isObject(policy.TrafficRoutingConfiguration) ? policy.TrafficRoutingConfiguration : {};
}

function canaryProblem(deployment: Properties): string | undefined {
  const { CanarySize: size } = routingOf(deployment);
  if (!isObject(size) || size.Type !== CAPACITY_PERCENT || typeof size.Value !== 'number') return undefined;
  return size.Value <= MAX_CANARY_PERCENT
    ? undefined
    : `'CanarySize' is ${size.Value} % of the capacity, must be at most ${MAX_CANARY_PERCENT}; use 'ALL_AT_ONCE' to move more`;
}

function alarmsProblem({ AutoRollbackConfiguration: rollback }: Properties): string | undefined {
  const alarms = isObject(rollback) ? listed(rollback.Alarms).length : 1;
  return alarms >= 1 && alarms <= MAX_ROLLBACK_ALARMS
    ? undefined
    : `'AutoRollbackConfiguration' has ${alarms} alarms, must have from 1 to ${MAX_ROLLBACK_ALARMS}: put more into one composite alarm`;
}

/** The waits after each step and that for the old instances; of linear steps only a share in percent tells their number. */
function timeoutProblem(deployment: Properties): string | undefined {
  const policy = isObject(deployment.BlueGreenUpdatePolicy) ? deployment.BlueGreenUpdatePolicy : {};
  const { Type, WaitIntervalInSeconds: wait, LinearStepSize: step } = routingOf(deployment);
  const percent = isObject(step) && step.Type === CAPACITY_PERCENT ? Number(step.Value) : 100;
  const steps = Type === 'CANARY' ? 2 : Math.ceil(100 / percent);
  const waits = steps * Number(wait ?? 0) + Number(policy.TerminationWaitInSeconds ?? 0);
  const limit = Number(policy.MaximumExecutionTimeoutInSeconds);
  return limit <= waits
    ? `'MaximumExecutionTimeoutInSeconds' is ${limit}, must be more than all waits of the policy, which are ${waits} seconds`
    : undefined;
}
