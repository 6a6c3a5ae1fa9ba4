import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import {
  BuiltImage,
  CostBudget,
  type IDataLake,
  InferenceLog,
  type IServingCluster,
  KubernetesModelService,
  type KubernetesModelServiceProps,
  type IServedModel,
  ModelDashboard,
  ModelImage,
  ModelMonitor,
  ModelRegistry,
  ModelService,
  type ModelServiceProps,
  RollbackReaction,
  TrainingPipeline,
} from '../constructs';
import type { Environment, ModelConfig } from './config/environment';
import { type ImageConfig, isBuilt } from './config/image-schema';
import type { ImagesStack } from './images-stack';
import { modelSchema, monitoringSettings, reactionSettings, trainingSettings } from './model-settings';
import { optional } from './optional';
import { addOutputs } from './outputs';
import type { PlatformStack } from './platform-stack';
import { refusedAt } from './refused-at';
import {
  batchSettings,
  capacitySettings,
  guardrailSettings,
  idlePolicy,
  podSettings,
  shadowPolicy,
  shiftPolicy,
} from './serving-settings';

/** Settings of a model's stack. */
export interface ModelStackProps extends StackProps {
  readonly environment: Environment;
  readonly model: ModelConfig;
  readonly lake: IDataLake;
  /**
   * Network of jobs and of models on SageMaker.
   *
   * @default - SageMaker's own
   */
  readonly vpc?: IVpc;
  readonly platform: PlatformStack;
  /**
   * Images that the environment builds.
   *
   * @default - none
   */
  readonly images?: ImagesStack;
  /**
   * Cluster of the environment; a model on EKS needs one.
   *
   * @default - none
   */
  readonly cluster?: IServingCluster;
}

/** What a model's service takes wherever it is. */
type ServedAnywhere = Pick<
  ModelServiceProps,
  Exclude<Extract<keyof ModelServiceProps, keyof KubernetesModelServiceProps>, 'autoScaling'> | 'imageRepositories'
>;

/** One model in one environment: thin, since it points at the machinery that all models share. */
export class ModelStack extends Stack {
  constructor(scope: Construct, id: string, props: ModelStackProps) {
    super(scope, id, props);
    const { environment, model, lake, vpc, platform } = props;
    const named = { environmentName: environment.name, modelName: model.definition.name };
    const schema = modelSchema(model);
    const trainer = this.image('Trainer', model.trainingImage ?? environment.images.trainer, props);
    const modelServer = this.image('ModelServer', environment.images.modelServer, props);

    const registry = new ModelRegistry(this, 'Registry', named);
    platform.promotion?.addModel({
      modelName: named.modelName,
      registry,
      // the policy of a repository that is only named is its maker's
      imageRepository: props.images?.repositoryOf(environment.images.modelServer),
    });
    const inferenceLog = new InferenceLog(this, 'InferenceLog', {
      ...named,
      schema,
      dataLake: lake,
      bufferingInterval: optional(environment.data.bufferingSeconds, seconds => Duration.seconds(seconds)),
    });
    new TrainingPipeline(this, 'Training', {
      ...named,
      ...trainingSettings(model),
      schema,
      dataLake: lake,
      vpc,
      registry,
      controller: platform.pipeline,
      codePath: model.codePath,
      image: trainer.image,
      inferenceImage: modelServer.image,
    });
    const { service, names } = this.serve(props, {
      ...named,
      ...guardrailSettings(model.serving),
      registry,
      inferenceLog,
      releaseController: platform.release,
      artifactBucket: lake.artifactBucket,
      shift: refusedAt(this, 'Service', () => shiftPolicy(model.serving)),
      idle: idlePolicy(model),
      imageRepositories: [modelServer.repository],
    });
    const monitor = new ModelMonitor(this, 'Monitor', {
      ...named,
      ...monitoringSettings(model),
      schema,
      dataLake: lake,
      inferenceLog,
      controller: platform.monitor,
    });
    new RollbackReaction(this, 'Reaction', {
      ...named,
      ...reactionSettings(model),
      monitor,
      controller: platform.reaction,
    });
    if (environment.dashboards) {
      new ModelDashboard(this, 'Dashboard', { ...named, service, monitor, inferenceLog });
    }
    const monthlyLimitUsd = environment.budgets?.models?.[named.modelName];
    if (monthlyLimitUsd !== undefined) {
      const { notificationTopic } = platform.release;
      new CostBudget(this, 'Budget', { ...named, monthlyLimitUsd, notificationTopic });
    }
    addOutputs(this, {
      ...names,
      ModelPackageGroupName: registry.modelPackageGroupName,
      ModelPackageGroupArn: registry.modelPackageGroupArn,
    });
  }

  /** An image by name, or the one that this environment built by its digest. */
  private image(
    id: string,
    config: ImageConfig,
    { images }: ModelStackProps,
  ): { readonly image: ModelImage; readonly repository: IRepository } {
    const repository = Repository.fromRepositoryName(this, `${id}Repository`, config.repository);
    if (!isBuilt(config)) return { repository, image: ModelImage.fromEcrRepository(repository, config.tagOrDigest) };
    if (images === undefined) {
      throw new Error(`${this.node.path}: image '${config.repository}' is built, 'images' must be given`);
    }
    const { image } = new BuiltImage(this, `${id}Image`, {
      builderFunction: images.builder.builderFunction,
      repository,
      imageTag: images.tagOf(config),
    });
    return { repository, image };
  }

  /** Serves the model where its file says; returns that and the names by which callers find it. */
  private serve(
    { model: { serving, monitoring, definition }, lake, vpc, cluster }: ModelStackProps,
    { imageRepositories, ...shared }: ServedAnywhere,
  ): { service: IServedModel; names: Record<string, string> } {
    if (serving.target !== 'eks') {
      const service = new ModelService(this, 'Service', {
        ...shared,
        ...capacitySettings(serving),
        vpc,
        imageRepositories,
        shadow: shadowPolicy(serving, monitoring, lake),
      });
      return { service, names: { EndpointName: service.endpointName } };
    }
    if (cluster === undefined) {
      throw new Error(`${this.node.path}: model '${definition.name}' serves on EKS, must be given a 'cluster'`);
    }
    // the nodes pull the image, so no repository is named
    const service = new KubernetesModelService(this, 'Service', {
      ...shared,
      ...podSettings(serving),
      batch: batchSettings(this, serving),
      cluster,
    });
    const { namespaceName, serviceName } = service;
    return {
      service,
      names: { NamespaceName: namespaceName, ...(serviceName === undefined ? {} : { ServiceName: serviceName }) },
    };
  }
}
