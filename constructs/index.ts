export { ColumnType, FeatureColumn, ModelSchema } from './data/model-schema';
export { DataLake, DataLakeAttributes, DataLakeProps, IDataLake } from './data/data-lake';
export { IInferenceLog, InferenceLog, InferenceLogAttributes, InferenceLogProps } from './data/inference-log';
export { IModelRegistry, ModelRegistry, ModelRegistryProps } from './registry/model-registry';
export { SlackChannel, TeamsChannel } from './release/chat-targets';
export {
  IReleaseController,
  ReleaseController,
  ReleaseControllerAttributes,
  ReleaseControllerProps,
} from './release/release-controller';
export { ServiceScaling } from './serving/auto-scaling';
export { IModelService, ModelService, ModelServiceAttributes, ModelServiceProps } from './serving/model-service';
export { ShadowPolicy } from './serving/shadow-policy';
export { AllAtOnceOptions, CanaryOptions, LinearOptions, ShiftOptions, ShiftPolicy } from './serving/shift-policy';
export { ModelImage } from './training/model-image';
export {
  IPipelineController,
  PipelineController,
  PipelineControllerAttributes,
  PipelineControllerProps,
} from './training/pipeline-controller';
export { TrainingGate, TrainingGuard } from './training/training-limits';
export { TrainingPipeline } from './training/training-pipeline';
export { TrainingPipelineProps } from './training/training-pipeline-props';
export { IModelMonitor, ModelMonitor } from './monitoring/model-monitor';
export { ModelMonitorProps } from './monitoring/model-monitor-props';
export {
  IMonitorController,
  MonitorController,
  MonitorControllerAttributes,
  MonitorControllerProps,
} from './monitoring/monitor-controller';
export {
  IReactionController,
  ReactionController,
  ReactionControllerAttributes,
  ReactionControllerProps,
} from './monitoring/reaction-controller';
export { RollbackReaction, RollbackReactionProps } from './monitoring/rollback-reaction';
