import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import {
  BuiltImage,
  type IDataLake,
  InferenceLog,
  type IServingCluster,
  KubernetesModelService,
  type KubernetesModelServiceProps,
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
import {
  batchSettings,
  capacitySettings,
  guardrailSettings,
  podSettings,
  shadowPolicy,
  shiftPolicy,
} from './serving-settings';

/** Settings of a model's stack. */
export interface ModelStackProps extends StackProps {
  readonly environment: Environment;
  readonly model: ModelConfig;
  readonly lake: IDataLake;
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
    const { environment, model, lake, platform } = props;
    const named = { environmentName: environment.name, modelName: model.definition.name };
    const schema = modelSchema(model);
    const trainer = this.image('Trainer', model.trainingImage ?? environment.images.trainer, props);
    const modelServer = this.image('ModelServer', environment.images.modelServer, props);

    const registry = new ModelRegistry(this, 'Registry', named);
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
      registry,
      controller: platform.pipeline,
      codePath: model.codePath,
      image: trainer.image,
      inferenceImage: modelServer.image,
    });
    const names = this.serve(props, {
      ...named,
      ...guardrailSettings(model.serving),
      registry,
      inferenceLog,
      releaseController: platform.release,
      artifactBucket: lake.artifactBucket,
      shift: shiftPolicy(model.serving),
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

  /** Serves the model where its file says; returns the names by which callers find it. */
  private serve(
    { model: { serving, monitoring, definition }, lake, cluster }: ModelStackProps,
    { imageRepositories, ...shared }: ServedAnywhere,
  ): Record<string, string> {
    if (serving.target !== 'eks') {
      const { endpointName } = new ModelService(this, 'Service', {
        ...shared,
        ...capacitySettings(serving),
        imageRepositories,
        shadow: shadowPolicy(serving, monitoring, lake),
      });
      return { EndpointName: endpointName };
    }
    if (cluster === undefined) {
      throw new Error(`${this.node.path}: model '${definition.name}' serves on EKS, must be given a 'cluster'`);
    }
    // the nodes pull the image, so no repository is named
    const { namespaceName, serviceName } = new KubernetesModelService(this, 'Service', {
      ...shared,
      ...podSettings(serving),
      batch: batchSettings(this, serving),
      cluster,
    });
    return { NamespaceName: namespaceName, ...(serviceName === undefined ? {} : { ServiceName: serviceName }) };
  }
}
