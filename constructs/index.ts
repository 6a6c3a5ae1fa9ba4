export { ColumnType, FeatureColumn, ModelSchema } from './data/model-schema';
export { PersonalData } from './data/personal-data';
export { DataLake, DataLakeAttributes, DataLakeProps, IDataLake } from './data/data-lake';
export { IInferenceLog, InferenceLog, InferenceLogAttributes, InferenceLogProps } from './data/inference-log';
export { AuditQueries, AuditQueriesProps } from './governance/audit-queries';
export { AuditRecords, AuditRecordsProps } from './governance/audit-records';
export { AuditTrail, AuditTrailAttributes, AuditTrailProps, IAuditTrail } from './governance/audit-trail';
export { ComplianceRules, ComplianceRulesProps } from './governance/compliance-rules';
export { CostBudget, CostBudgetProps } from './governance/cost-budget';
export { PersonalDataErasure, PersonalDataErasureProps } from './governance/personal-data-erasure';
export { BootstrapRole, DeliveryRole, DeliveryRoleProps } from './governance/delivery-role';
export { MergeRole, MergeRoleProps } from './governance/merge-role';
export { PlatformBoundary, PlatformBoundaryProps } from './governance/platform-boundary';
export { ServiceLimits } from './limits/service-limits';
export { ContainerPlacement } from './network/container-placement';
export { PromotionEnvironment } from './promotion/promotion-environment';
export { PromotedModel, PromotionSource, PromotionSourceProps } from './promotion/promotion-source';
export { PromotionTarget, PromotionTargetProps } from './promotion/promotion-target';
export { BuiltImage, BuiltImageProps } from './images/built-image';
export { ImageBuild } from './images/image-build';
export { ImageBuildProps } from './images/image-build-props';
export { ImageBuilder } from './images/image-builder';
export { IModelRegistry, ModelRegistry, ModelRegistryProps } from './registry/model-registry';
export { SlackChannel, TeamsChannel } from './release/chat-targets';
export { ReleaseController } from './release/release-controller';
export {
  IReleaseController,
  ReleaseControllerAttributes,
  ReleaseControllerProps,
} from './release/release-controller-props';
export { GuardrailLimits, IServedModel } from './serving/served-model';
export { ServiceScaling } from './serving/auto-scaling';
export { ModelService } from './serving/model-service';
export { IModelService, ModelServiceAttributes, ModelServiceProps } from './serving/model-service-props';
export { BatchInference } from './serving/kubernetes/batch-inference';
export { ClusterAccess, ClusterAccessProps, ClusterAccessPurpose } from './serving/kubernetes/cluster-access';
export { AutoModeOptions, ClusterCapacity, ManagedNodeGroupOptions } from './serving/kubernetes/cluster-capacity';
export { KubernetesModelService } from './serving/kubernetes/kubernetes-model-service';
export { KubernetesModelServiceProps, ModelDelivery } from './serving/kubernetes/kubernetes-model-service-props';
export { KubernetesScaling } from './serving/kubernetes/kubernetes-scaling';
export { ServingCluster } from './serving/kubernetes/serving-cluster';
export {
  IServingCluster,
  ServingClusterAttributes,
  ServingClusterProps,
  ServingGateway,
} from './serving/kubernetes/serving-cluster-props';
export { AwakeHours, IdlePolicy, Weekday } from './serving/idle-policy';
export { ShadowPolicy } from './serving/shadow-policy';
export { AllAtOnceOptions, CanaryOptions, LinearOptions, ShiftOptions, ShiftPolicy } from './serving/shift-policy';
export { ModelCard, RiskRating } from './training/model-card';
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
export { IModelMonitor, ModelMonitor, MonitorLimits } from './monitoring/model-monitor';
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
export { DashboardModel, ServingTarget } from './observability/dashboard-model';
export { EnvironmentDashboard } from './observability/environment-dashboard';
export { EnvironmentDashboardProps } from './observability/environment-dashboard-props';
export { ModelDashboard } from './observability/model-dashboard';
export { ModelDashboardProps } from './observability/model-dashboard-props';
