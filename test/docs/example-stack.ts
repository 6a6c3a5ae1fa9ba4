import { Duration, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import {
  ColumnType,
  DataLake,
  InferenceLog,
  ModelImage,
  ModelMonitor,
  ModelRegistry,
  type ModelSchema,
  ModelService,
  PipelineController,
  ReleaseController,
  RollbackReaction,
  ShiftPolicy,
  TrainingPipeline,
} from '../../constructs';

export class ChurnStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const environmentName = 'prod';
    const modelName = 'churn';
    const schema: ModelSchema = {
      features: [
        { name: 'age', type: ColumnType.BIGINT, min: 0, max: 120 },
        { name: 'monthly_bill', type: ColumnType.DOUBLE, min: 0 },
      ],
      label: 'left',
    };
    const trainer = Repository.fromRepositoryName(this, 'Trainer', 'mlops/trainer');
    const server = Repository.fromRepositoryName(this, 'Server', 'mlops/model-server');

    // once per environment, for all of its models
    const dataLake = new DataLake(this, 'Lake', { environmentName });
    const artifactBucket = dataLake.artifactBucket;
    const releaseController = new ReleaseController(this, 'Releases', { environmentName, artifactBucket });
    const ledgerTable = releaseController.ledgerTable;
    const notificationTopic = releaseController.notificationTopic;
    const pipelines = new PipelineController(this, 'Pipelines', {
      environmentName,
      dataLake,
      ledgerTable,
      notificationTopic,
    });

    // files that land start a training; a version that passes waits for a person's approval
    const registry = new ModelRegistry(this, 'Registry', { environmentName, modelName });
    new TrainingPipeline(this, 'Training', {
      environmentName,
      modelName,
      schema,
      dataLake,
      registry,
      controller: pipelines,
      codePath: 'churn',
      image: ModelImage.fromEcrRepository(trainer, '1.0.0'),
      inferenceImage: ModelImage.fromEcrRepository(server, '1.0.0'),
      instanceType: 'ml.m5.large',
      gate: { minAuc: 0.8 },
    });

    // an approval releases: a quarter of the capacity first, the rest when no alarm speaks
    const inferenceLog = new InferenceLog(this, 'Log', { environmentName, modelName, schema, dataLake });
    new ModelService(this, 'Service', {
      environmentName,
      modelName,
      registry,
      inferenceLog,
      artifactBucket,
      releaseController,
      instanceType: 'ml.m5.large',
      instanceCount: 4,
      imageRepositories: [server],
      shift: ShiftPolicy.canary({ percent: 25 }),
    });

    // a regression in the first three days rolls back by itself; a later one trains again
    const monitor = new ModelMonitor(this, 'Monitor', {
      environmentName,
      modelName,
      schema,
      dataLake,
      inferenceLog,
      ledgerTable,
      notificationTopic,
    });
    new RollbackReaction(this, 'Reaction', {
      environmentName,
      modelName,
      monitor,
      ledgerTable,
      notificationTopic,
      releaseStateMachine: releaseController.stateMachine,
      pipelineStateMachine: pipelines.stateMachine,
      rollbackWindow: Duration.hours(72),
    });
  }
}
