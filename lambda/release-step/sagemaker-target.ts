import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  paginateListEndpointConfigs,
  paginateListModels,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type DesiredWeightAndCapacity,
  type SageMakerClient,
  type DescribeEndpointOutput,
  type Tag,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ApplicationAutoScaling } from '../shared/application-auto-scaling';
import type { ServingSettings } from '../shared/contracts';
import { ifExists, isExisting, isInProgress, isRefusal } from '../shared/sagemaker-errors';
import { SERVING_VARIANT, STANDBY_VARIANT } from '../shared/variants';
import { vpcConfig } from '../shared/vpc-config';
import { TargetBusyError, TargetRefusedError } from './errors';
import type { PackagedVersion } from './ports';
import { judgeAnswer } from './prediction';
import { deploymentConfig } from './sagemaker-deployment-config';
import {
  answering,
  deploymentOf,
  layoutOf,
  sameVariants,
  servingVariant,
  shadowLayout,
  standbyInstances,
  wantsStandby,
  warmStandby,
  type Layout,
  type LiveVariant,
} from './sagemaker-layout';
import { instancesOf, isOnStandby, LiveEndpoint } from './sagemaker-live';
import { deploymentName, deploymentPrefix, parseDeploymentName } from './sagemaker-names';
import type {
  Deployment,
  Probe,
  Serving,
  ServingSince,
  ServingTarget,
  ShiftPolicy,
  Verification,
} from './serving-target';

/** What of AWS the target speaks to. */
export interface SageMakerClients {
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly scaling: Pick<ApplicationAutoScaling, 'register' | 'deregister'>;
}

/** Serves a model's versions on one SageMaker endpoint. */
export class SageMakerTarget implements ServingTarget {
  private readonly sagemaker: SageMakerClient;
  private readonly live: LiveEndpoint;

  constructor(
    private readonly clients: SageMakerClients,
    private readonly settings: ServingSettings,
    /** Of all that it makes: by them its cost is told from others'. */
    private readonly tags: Tag[],
  ) {
    this.sagemaker = clients.sagemaker;
    this.live = new LiveEndpoint(clients.sagemaker, settings.endpointName);
  }

  async prepare(version: PackagedVersion, previous?: Deployment): Promise<Deployment> {
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
    const { vpc, kmsKeyArn } = settings;
    const id = deploymentName(settings.endpointName, version.version, {
      container,
      variant: servingVariant(settings),
      roleArn: settings.roleArn,
      // a model cannot be moved to another network: it is another one
      ...(vpc === undefined ? {} : { vpc }),
      ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
    });
    await this.createOnce(
      () => this.sagemaker.send(new DescribeModelCommand({ ModelName: id })),
      `create model '${id}'`,
      () =>
        this.sagemaker.send(
          new CreateModelCommand({
            ModelName: id,
            ExecutionRoleArn: settings.roleArn,
            PrimaryContainer: container,
            ...vpcConfig(vpc),
            Tags: this.tags,
          }),
        ),
    );
    // the same version once more is no other one to go back to
    const kept = wantsStandby(settings) && previous?.version !== version.version ? previous : undefined;
    const deployment = { id, version: version.version, ...(kept === undefined ? {} : { standby: kept.id }) };
    await this.createConfig(layoutOf(deployment, settings));
    return deployment;
  }

  async shadow(deployment: Deployment): Promise<void> {
    const { endpointName } = this.settings;
    const endpoint = await this.live.describe();
    const serving = endpoint === undefined ? undefined : answering(await this.live.variants(endpoint));
    const shadowed = deploymentOf(endpointName, serving);
    if (serving === undefined || shadowed === undefined) {
      throw new TargetRefusedError(
        `endpoint '${endpointName}' serves nothing that a release made, so nothing can be shadowed`,
      );
    }
    const layout = shadowLayout({ ...serving, deployment: shadowed }, deployment, this.settings);
    await this.createConfig(layout);
    await this.update(layout, undefined);
  }

  async shift(deployment: Deployment, policy: ShiftPolicy): Promise<void> {
    const { endpointName } = this.settings;
    const layout = layoutOf(deployment, this.settings);
    const endpoint = await this.live.describe();
    if (endpoint !== undefined && policy.back === true) {
      const variants = await this.live.variants(endpoint);
      const warm = warmStandby(variants, deployment);
      if (warm !== undefined) {
        await this.changeCapacity(
          variants.map(({ name }) => ({ VariantName: name, DesiredWeight: name === warm.name ? 1 : 0 })),
        );
        return;
      }
    }
    await this.createConfig(layout);
    if (endpoint === undefined) {
      const names = { EndpointName: endpointName, EndpointConfigName: layout.configName, Tags: this.tags };
      await this.refusable(`create endpoint '${endpointName}'`, () =>
        this.sagemaker.send(new CreateEndpointCommand(names)),
      );
      return;
    }
    const variants = await this.live.variants(endpoint);
    const serving = variants.find(({ name }) => name === SERVING_VARIANT);
    const otherType = serving?.instanceType !== undefined && serving.instanceType !== this.settings.instanceType;
    const update = (asked: ShiftPolicy | undefined): Promise<void> =>
      otherType ? this.updateType(layout, asked) : this.update(layout, asked);
    if (sameVariants(variants, layout)) {
      await update(policy);
      return;
    }
    const current = deploymentOf(endpointName, answering(variants));
    if (policy.back === true || current === undefined) {
      await update(policy.back === true ? undefined : policy);
      return;
    }
    // a guarded update wants the same variants on both sides, so what serves gets them first
    if (otherType) await this.clients.scaling.deregister(endpointName, SERVING_VARIANT);
    await this.reshape(current);
    throw new TargetBusyError('busy with a change of its variants');
  }

  async verify(deployment: Deployment, probe: Probe): Promise<Verification> {
    try {
      const answer = await this.clients.runtime.send(
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
    const endpoint = await this.live.describe();
    if (endpoint === undefined) return { state: 'absent' };
    const instances = instancesOf(endpoint);
    return { ...(await this.serving(endpoint)), ...(instances === undefined ? {} : { instances }) };
  }

  private async serving(endpoint: DescribeEndpointOutput): Promise<Serving> {
    const deployment = await this.live.deployment(endpoint);
    const reason = endpoint.FailureReason;
    const shadow = await this.live.shadow(endpoint);
    const shadowing = shadow === undefined ? {} : { shadow };
    switch (endpoint.EndpointStatus) {
      case 'InService':
        return {
          state: 'serving',
          deployment,
          reason,
          ...shadowing,
          ...(isOnStandby(endpoint) ? { outOfPlace: true } : {}),
        };
      case 'Creating':
        return { state: 'moving', towards: deployment };
      case 'Updating': {
        const towards = await this.live.pending(endpoint);
        // weights or capacity change: the same config serves all the time
        if (towards === undefined) return { state: 'serving', deployment, busy: true, ...shadowing };
        return { state: 'moving', deployment, towards, ...shadowing };
      }
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

  async tidy(): Promise<void> {
    const live = await this.atRest();
    if (live === undefined) return;
    const { deployment, serving, standby, shadow } = live;
    const unwanted = shadow !== undefined || (standby !== undefined && !wantsStandby(this.settings));
    // alarms and scaling look at the variant that serves: bring the version there, while its standby answers
    if (serving === standby || unwanted) await unlessBusy(() => this.reshape(deployment));
  }

  async tend(since: ServingSince): Promise<void> {
    const { settings, clients } = this;
    const live = await this.atRest();
    if (live === undefined || live.serving === live.standby) return;
    const { serving, standby } = live;
    if (settings.autoScaling === undefined) {
      await clients.scaling.deregister(settings.endpointName, SERVING_VARIANT);
    } else {
      await clients.scaling.register(settings.endpointName, SERVING_VARIANT, settings.autoScaling);
    }
    if (standby === undefined) return;
    const wanted = standbyInstances(serving, standby, { settings, ...since });
    if (wanted === standby.instances) return;
    await unlessBusy(() => this.changeCapacity([{ VariantName: STANDBY_VARIANT, DesiredInstanceCount: wanted }]));
  }

  async retire(deployment: Deployment): Promise<void> {
    if ((await this.live.inUse()).has(deployment.id)) return;
    await ifExists(() => this.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: deployment.id })));
    await ifExists(() => this.sagemaker.send(new DeleteModelCommand({ ModelName: deployment.id })));
  }

  /** What is billed is the endpoint; its config and its model, which say what served, cost nothing and stay. */
  async rest(): Promise<void> {
    await this.refusable(`delete endpoint '${this.settings.endpointName}'`, () => this.withdraw());
  }

  async withdraw(): Promise<void> {
    const { endpointName } = this.settings;
    // a variant that is gone could not be taken off any more
    await this.clients.scaling.deregister(endpointName, SERVING_VARIANT);
    await ifExists(() => this.sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpointName })));
  }

  /** What serves, if nothing moves and a release made it. */
  private async atRest(): Promise<
    | {
        deployment: Deployment;
        serving: LiveVariant;
        standby: LiveVariant | undefined;
        shadow: LiveVariant | undefined;
      }
    | undefined
  > {
    const endpoint = await this.live.describe();
    if (endpoint?.EndpointStatus !== 'InService') return undefined;
    const variants = await this.live.variants(endpoint);
    const serving = answering(variants);
    const deployment = deploymentOf(this.settings.endpointName, serving);
    if (serving === undefined || deployment === undefined) return undefined;
    return {
      deployment,
      serving,
      standby: variants.find(({ name }) => name === STANDBY_VARIANT),
      shadow: variants.find(({ isShadow }) => isShadow),
    };
  }

  /** Gives what serves the variants that the settings ask for, without a change of the version. */
  private async reshape(current: Deployment): Promise<void> {
    const layout = layoutOf(current, this.settings);
    await this.createConfig(layout);
    await this.update(layout, undefined);
  }

  /**
   * Updates to another instance type. AWS refuses that for what scales by itself, so it is taken off first, and registered
   * again once it serves; the reconciler, which takes no lock for that, may have registered it between the two.
   */
  private async updateType(layout: Layout, policy: ShiftPolicy | undefined): Promise<void> {
    const { scaling } = this.clients;
    await scaling.deregister(this.settings.endpointName, SERVING_VARIANT);
    try {
      await this.update(layout, policy);
    } catch (error) {
      if (!(error instanceof TargetRefusedError)) throw error;
      await scaling.deregister(this.settings.endpointName, SERVING_VARIANT);
      await this.update(layout, policy);
    }
  }

  private async update({ configName }: Layout, policy: ShiftPolicy | undefined): Promise<void> {
    const { endpointName, autoScaling } = this.settings;
    // what scales by itself keeps the instances that the load made it have; else the settings say how many
    const retained =
      autoScaling === undefined
        ? { RetainAllVariantProperties: false }
        : {
            RetainAllVariantProperties: true,
            ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' as const }],
          };
    await this.refusable(`update endpoint '${endpointName}'`, () =>
      this.sagemaker.send(
        new UpdateEndpointCommand({
          EndpointName: endpointName,
          EndpointConfigName: configName,
          ...retained,
          // explicit each time: the last update's policy is not this one's
          RetainDeploymentConfig: false,
          DeploymentConfig: policy === undefined ? undefined : deploymentConfig(policy),
        }),
      ),
    );
  }

  private async changeCapacity(changes: DesiredWeightAndCapacity[]): Promise<void> {
    const { endpointName } = this.settings;
    await this.refusable(`change the variants of endpoint '${endpointName}'`, () =>
      this.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: endpointName,
          DesiredWeightsAndCapacities: changes,
        }),
      ),
    );
  }

  private createConfig({ configName, variants, shadows }: Layout): Promise<void> {
    return this.createOnce(
      () => this.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: configName })),
      `create endpoint config '${configName}'`,
      () =>
        this.sagemaker.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName: configName,
            ProductionVariants: [...variants],
            Tags: this.tags,
            ...(shadows === undefined ? {} : { ShadowProductionVariants: [...shadows] }),
            KmsKeyId: this.settings.kmsKeyArn,
          }),
        ),
    );
  }

  private async createOnce(
    describe: () => Promise<unknown>,
    what: string,
    create: () => Promise<unknown>,
  ): Promise<void> {
    if ((await ifExists(describe)) !== undefined) return;
    try {
      await this.refusable(what, create);
    } catch (error) {
      // created between the look and the act
      if (!isExisting(error)) throw error;
    }
  }

  /** Runs a call, and tells a refusal that no retry changes from a fault, and both from what has to wait. */
  private async refusable<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      // the endpoint scaled between the look and the act
      if (isInProgress(error)) throw new TargetBusyError('busy', { cause: error });
      if (!isRefusal(error)) throw error;
      throw new TargetRefusedError(`SageMaker refused to ${what}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Does what can as well be done the next time. */
async function unlessBusy(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof TargetBusyError)) throw error;
  }
}
