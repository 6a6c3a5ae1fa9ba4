import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import {
  type IDataLake,
  InferenceLog,
  ModelImage,
  ModelMonitor,
  ModelRegistry,
  ModelService,
  RollbackReaction,
  TrainingPipeline,
} from '../constructs';
import type { Environment, ModelConfig } from './config/environment';
import {
  capacitySettings,
  guardrailSettings,
  modelSchema,
  monitoringSettings,
  reactionSettings,
  shadowPolicy,
  shiftPolicy,
  trainingSettings,
} from './model-settings';
import { optional } from './optional';
import { addOutputs } from './outputs';
import type { PlatformStack } from './platform-stack';

/** Settings of a model's stack. */
export interface ModelStackProps extends StackProps {
  readonly environment: Environment;
  readonly model: ModelConfig;
  readonly lake: IDataLake;
  readonly platform: PlatformStack;
}

/** One model in one environment: thin, since it points at the machinery that all models share. */
export class ModelStack extends Stack {
  constructor(scope: Construct, id: string, props: ModelStackProps) {
    super(scope, id, props);
    const { environment, model, lake, platform } = props;
    const named = { environmentName: environment.name, modelName: model.definition.name };
    const schema = modelSchema(model);
    const { trainer, modelServer } = environment.images;
    const trainerRepository = Repository.fromRepositoryName(this, 'TrainerRepository', trainer.repository);
    const serverRepository = Repository.fromRepositoryName(this, 'ModelServerRepository', modelServer.repository);

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
      image: ModelImage.fromEcrRepository(trainerRepository, trainer.tagOrDigest),
      inferenceImage: ModelImage.fromEcrRepository(serverRepository, modelServer.tagOrDigest),
    });
    const service = new ModelService(this, 'Service', {
      ...named,
      registry,
      inferenceLog,
      releaseController: platform.release,
      artifactBucket: lake.artifactBucket,
      instanceType: model.serving.instanceType,
      instanceCount: model.serving.instanceCount,
      imageRepositories: [serverRepository],
      ...capacitySettings(model),
      ...guardrailSettings(model),
      shadow: shadowPolicy(model, lake),
      shift: shiftPolicy(model),
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
      EndpointName: service.endpointName,
      ModelPackageGroupName: registry.modelPackageGroupName,
      ModelPackageGroupArn: registry.modelPackageGroupArn,
    });
  }
}
