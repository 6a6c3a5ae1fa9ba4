import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  paginateListEndpointConfigs,
  paginateListModels,
  UpdateEndpointCommand,
  type DeploymentConfig,
  type DescribeEndpointOutput,
  type ProductionVariantInstanceType,
  type SageMakerClient,
  type TrafficRoutingConfig,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ServingSettings } from '../shared/contracts';
import type { PackagedVersion } from './ports';
import { ifExists, isExisting, isRefusal } from '../shared/sagemaker-errors';
import { TargetRefusedError } from './errors';
import { deploymentName, deploymentPrefix, parseDeploymentName } from './sagemaker-names';
import type { Deployment, Probe, Serving, ServingTarget, ShiftPolicy, Verification } from './serving-target';
import { judgeAnswer } from './prediction';

/** One name for ever: a blue/green update wants the same variants on both sides. */
const VARIANT = 'AllTraffic';

/** Serves a model's versions on one SageMaker endpoint. */
export class SageMakerTarget implements ServingTarget {
  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly runtime: SageMakerRuntimeClient,
    private readonly settings: ServingSettings,
  ) {}

  async prepare(version: PackagedVersion): Promise<Deployment> {
    const { settings } = this;
    const container = {
      Image: version.image,
      ModelDataUrl: version.artifactUri,
      Environment: {
        ...version.environment,
        MODEL_NAME: version.model,
        MODEL_VERSION: version.version,
        INFERENCE_LOG_STREAM: settings.inferenceLogStreamName,
      },
    };
    const variant = {
      VariantName: VARIANT,
      InstanceType: settings.instanceType as ProductionVariantInstanceType,
      InitialInstanceCount: settings.instanceCount,
      InitialVariantWeight: 1,
    };
    const name = deploymentName(settings.endpointName, version.version, {
      container,
      variant,
      roleArn: settings.roleArn,
    });
    await this.createOnce(
      () => this.sagemaker.send(new DescribeModelCommand({ ModelName: name })),
      `create model '${name}'`,
      () =>
        this.sagemaker.send(
          new CreateModelCommand({ ModelName: name, ExecutionRoleArn: settings.roleArn, PrimaryContainer: container }),
        ),
    );
    await this.createOnce(
      () => this.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })),
      `create endpoint config '${name}'`,
      () =>
        this.sagemaker.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName: name,
            ProductionVariants: [{ ...variant, ModelName: name }],
          }),
        ),
    );
    return { id: name, version: version.version };
  }

  async shift(deployment: Deployment, policy: ShiftPolicy): Promise<void> {
    const { endpointName } = this.settings;
    const names = { EndpointName: endpointName, EndpointConfigName: deployment.id };
    if ((await this.describe()) === undefined) {
      await refusable(`create endpoint '${endpointName}'`, () => this.sagemaker.send(new CreateEndpointCommand(names)));
      return;
    }
    await refusable(`update endpoint '${endpointName}'`, () =>
      this.sagemaker.send(
        new UpdateEndpointCommand({
          ...names,
          RetainAllVariantProperties: false,
          // explicit each time: the last update's policy is not this one's
          RetainDeploymentConfig: false,
          DeploymentConfig: deploymentConfig(policy),
        }),
      ),
    );
  }

  async verify(deployment: Deployment, probe: Probe): Promise<Verification> {
    try {
      const answer = await this.runtime.send(
        new InvokeEndpointCommand({
          EndpointName: this.settings.endpointName,
          ContentType: 'application/json',
          Accept: 'application/json',
          InferenceId: probe.id,
          Body: JSON.stringify({ instances: [probe.instance] }),
        }),
      );
      return judgeAnswer(new TextDecoder().decode(answer.Body), deployment.version);
    } catch (error) {
      // the container answered, and not as a sound one would; everything else may pass
      if (error instanceof Error && ['ModelError', 'ValidationError', 'ValidationException'].includes(error.name)) {
        return { verified: false, detail: `a prediction failed: ${error.message}` };
      }
      throw error;
    }
  }

  async current(): Promise<Serving> {
    const endpoint = await this.describe();
    if (endpoint === undefined) return { state: 'absent' };
    const deployment = this.deployment(endpoint.EndpointConfigName);
    const reason = endpoint.FailureReason;
    switch (endpoint.EndpointStatus) {
      case 'InService':
        return { state: 'serving', deployment, reason };
      case 'Creating':
        return { state: 'moving', towards: deployment };
      case 'Updating':
        return {
          state: 'moving',
          deployment,
          towards: this.deployment(endpoint.PendingDeploymentSummary?.EndpointConfigName),
        };
      case 'SystemUpdating':
      case 'RollingBack':
        return { state: 'moving', deployment };
      case 'Deleting':
        return { state: 'moving' };
      case 'UpdateRollbackFailed':
        // a mixture of two fleets serves: no deployment, but nothing to be taken down either
        return { state: 'serving', reason };
      default:
        return { state: 'broken', deployment, reason };
    }
  }

  async prepared(): Promise<Deployment[]> {
    const found = new Set<string>();
    const query = { NameContains: deploymentPrefix(this.settings.endpointName) };
    for await (const page of paginateListEndpointConfigs({ client: this.sagemaker }, query)) {
      for (const config of page.EndpointConfigs ?? []) found.add(config.EndpointConfigName ?? '');
    }
    // a model without a config is what a crash between the two leaves
    for await (const page of paginateListModels({ client: this.sagemaker }, query)) {
      for (const model of page.Models ?? []) found.add(model.ModelName ?? '');
    }
    return [...found]
      .map(name => parseDeploymentName(this.settings.endpointName, name))
      .filter(deployment => deployment !== undefined);
  }

  async retire(deployment: Deployment): Promise<void> {
    await ifExists(() => this.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: deployment.id })));
    await ifExists(() => this.sagemaker.send(new DeleteModelCommand({ ModelName: deployment.id })));
  }

  async withdraw(): Promise<void> {
    await ifExists(() => this.sagemaker.send(new DeleteEndpointCommand({ EndpointName: this.settings.endpointName })));
  }

  private describe(): Promise<DescribeEndpointOutput | undefined> {
    return ifExists(() =>
      this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: this.settings.endpointName })),
    );
  }

  /** An endpoint that somebody moved by hand serves something that no release made. */
  private deployment(configName: string | undefined): Deployment | undefined {
    if (configName === undefined) return undefined;
    return parseDeploymentName(this.settings.endpointName, configName) ?? { id: configName, version: 'unknown' };
  }

  private async createOnce(
    describe: () => Promise<unknown>,
    what: string,
    create: () => Promise<unknown>,
  ): Promise<void> {
    if ((await ifExists(describe)) !== undefined) return;
    try {
      await refusable(what, create);
    } catch (error) {
      // created between the look and the act
      if (!isExisting(error)) throw error;
    }
  }
}

/** Runs a call, and tells a refusal that no retry changes from a fault. */
async function refusable<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new TargetRefusedError(`SageMaker refused to ${what}: ${(error as Error).message}`, { cause: error });
  }
}

/** SageMaker's own words for a policy. */
export function deploymentConfig(policy: ShiftPolicy): DeploymentConfig {
  const step = { Type: 'CAPACITY_PERCENT' as const, Value: policy.stepPercent };
  const routing: TrafficRoutingConfig = {
    Type: policy.type,
    WaitIntervalInSeconds: policy.waitSeconds,
    ...(policy.type === 'CANARY' ? { CanarySize: step } : {}),
    ...(policy.type === 'LINEAR' ? { LinearStepSize: step } : {}),
  };
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: routing,
      TerminationWaitInSeconds: policy.terminationWaitSeconds,
      MaximumExecutionTimeoutInSeconds: policy.maxExecutionSeconds,
    },
    ...(policy.alarmNames.length === 0
      ? {}
      : { AutoRollbackConfiguration: { Alarms: policy.alarmNames.map(AlarmName => ({ AlarmName })) } }),
  };
}
