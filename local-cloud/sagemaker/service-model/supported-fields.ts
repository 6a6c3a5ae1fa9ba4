/** What this server does with the members of an operation's request; any other member is refused by name. */
export interface FieldSupport {
  /** Members that have their effect, as dotted paths; a path stands for all below it. */
  readonly implemented: readonly string[];
  /** Members without meaning on one machine: kept, and given back by Describe. */
  readonly recorded?: readonly string[];
  /** Members of which some values only are implemented. */
  readonly values?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
}

const LIST = [
  'NextToken',
  'MaxResults',
  'SortBy',
  'SortOrder',
  'NameContains',
  'CreationTimeAfter',
  'CreationTimeBefore',
];
const JOB_LIST = [...LIST, 'LastModifiedTimeAfter', 'LastModifiedTimeBefore', 'StatusEquals'];

const VARIANT = ['VariantName', 'ModelName', 'InitialInstanceCount', 'InstanceType', 'InitialVariantWeight'];
const VARIANT_RECORDED = ['VolumeSizeInGB', 'ModelDataDownloadTimeoutInSeconds', 'EnableSSMAccess', 'RoutingConfig'];
const MODEL_DATA_SOURCE = ['S3Uri', 'S3DataType', 'CompressionType'];
const CONTAINER = ['Image', 'ModelDataUrl', 'Environment', 'Mode'];

const DEPLOYMENT = ['DeploymentConfig.BlueGreenUpdatePolicy', 'DeploymentConfig.AutoRollbackConfiguration'];

const PACKAGE_CONTAINER = [
  'Image',
  'ImageDigest',
  'ModelDataUrl',
  'Environment',
  'ContainerHostname',
  'Framework',
  'FrameworkVersion',
  'NearestModelName',
  'ModelDataETag',
];
const INFERENCE_SPECIFICATION = [
  ...under('InferenceSpecification.Containers', PACKAGE_CONTAINER),
  ...under('InferenceSpecification', [
    'SupportedTransformInstanceTypes',
    'SupportedRealtimeInferenceInstanceTypes',
    'SupportedContentTypes',
    'SupportedResponseMIMETypes',
  ]),
];

/** Every operation that this server answers, with the members of its request. */
export const SUPPORTED: Readonly<Partial<Record<string, FieldSupport>>> = {
  CreateTrainingJob: {
    implemented: [
      'TrainingJobName',
      'HyperParameters',
      ...under('AlgorithmSpecification', [
        'TrainingImage',
        'TrainingInputMode',
        'MetricDefinitions',
        'ContainerEntrypoint',
        'ContainerArguments',
      ]),
      'RoleArn',
      ...under('InputDataConfig', ['ChannelName', 'InputMode', 'ContentType', 'CompressionType', 'RecordWrapperType']),
      ...under('InputDataConfig.DataSource.S3DataSource', ['S3DataType', 'S3Uri', 'S3DataDistributionType']),
      ...under('OutputDataConfig', ['S3OutputPath', 'KmsKeyId', 'CompressionType']),
      ...under('ResourceConfig', ['InstanceType', 'InstanceCount', 'VolumeSizeInGB']),
      'StoppingCondition.MaxRuntimeInSeconds',
      'Tags',
      'CheckpointConfig',
      'Environment',
    ],
    recorded: [
      'AlgorithmSpecification.EnableSageMakerMetricsTimeSeries',
      'ResourceConfig.VolumeKmsKeyId',
      'VpcConfig',
      'EnableNetworkIsolation',
      'EnableInterContainerTrafficEncryption',
      'EnableManagedSpotTraining',
      'ExperimentConfig',
      'ProfilerConfig.DisableProfiler',
    ],
    values: {
      'AlgorithmSpecification.TrainingInputMode': ['File'],
      'InputDataConfig.InputMode': ['File'],
      'InputDataConfig.CompressionType': ['None'],
      'InputDataConfig.RecordWrapperType': ['None'],
      'InputDataConfig.DataSource.S3DataSource.S3DataType': ['S3Prefix'],
      'ResourceConfig.InstanceCount': [1],
      EnableManagedSpotTraining: [false],
      'ProfilerConfig.DisableProfiler': [true],
    },
  },
  DescribeTrainingJob: { implemented: ['TrainingJobName'] },
  ListTrainingJobs: { implemented: JOB_LIST },
  StopTrainingJob: { implemented: ['TrainingJobName'] },

  CreateProcessingJob: {
    implemented: [
      'ProcessingJobName',
      ...under('ProcessingInputs', ['InputName', 'AppManaged']),
      ...under('ProcessingInputs.S3Input', [
        'S3Uri',
        'LocalPath',
        'S3DataType',
        'S3InputMode',
        'S3DataDistributionType',
        'S3CompressionType',
      ]),
      ...under('ProcessingOutputConfig', ['KmsKeyId', 'Outputs.OutputName', 'Outputs.AppManaged', 'Outputs.S3Output']),
      ...under('ProcessingResources.ClusterConfig', ['InstanceCount', 'InstanceType', 'VolumeSizeInGB']),
      'StoppingCondition',
      'AppSpecification',
      'Environment',
      'RoleArn',
      'Tags',
    ],
    recorded: ['ProcessingResources.ClusterConfig.VolumeKmsKeyId', 'NetworkConfig', 'ExperimentConfig'],
    values: {
      'ProcessingInputs.AppManaged': [false],
      'ProcessingInputs.S3Input.S3DataType': ['S3Prefix'],
      'ProcessingInputs.S3Input.S3InputMode': ['File'],
      'ProcessingInputs.S3Input.S3CompressionType': ['None'],
      'ProcessingOutputConfig.Outputs.AppManaged': [false],
      'ProcessingOutputConfig.Outputs.S3Output.S3UploadMode': ['EndOfJob'],
      'ProcessingResources.ClusterConfig.InstanceCount': [1],
    },
  },
  DescribeProcessingJob: { implemented: ['ProcessingJobName'] },
  ListProcessingJobs: { implemented: JOB_LIST },
  StopProcessingJob: { implemented: ['ProcessingJobName'] },

  CreateModel: {
    implemented: [
      'ModelName',
      ...containers('PrimaryContainer'),
      ...containers('Containers'),
      'ExecutionRoleArn',
      'Tags',
    ],
    recorded: [
      'PrimaryContainer.ContainerHostname',
      'Containers.ContainerHostname',
      'PrimaryContainer.ImageConfig',
      'Containers.ImageConfig',
      'VpcConfig',
      'EnableNetworkIsolation',
    ],
    values: {
      'PrimaryContainer.Mode': ['SingleModel'],
      'Containers.Mode': ['SingleModel'],
      'PrimaryContainer.ModelDataSource.S3DataSource.S3DataType': ['S3Object'],
      'Containers.ModelDataSource.S3DataSource.S3DataType': ['S3Object'],
      'PrimaryContainer.ModelDataSource.S3DataSource.CompressionType': ['Gzip'],
      'Containers.ModelDataSource.S3DataSource.CompressionType': ['Gzip'],
    },
  },
  DescribeModel: { implemented: ['ModelName'] },
  DeleteModel: { implemented: ['ModelName'] },
  ListModels: { implemented: LIST },

  CreateEndpointConfig: {
    implemented: [
      'EndpointConfigName',
      ...under('ProductionVariants', [...VARIANT, 'ContainerStartupHealthCheckTimeoutInSeconds']),
      ...under('ShadowProductionVariants', [...VARIANT, 'ContainerStartupHealthCheckTimeoutInSeconds']),
      'Tags',
    ],
    recorded: [
      'KmsKeyId',
      'EnableNetworkIsolation',
      'VpcConfig',
      ...under('ProductionVariants', VARIANT_RECORDED),
      ...under('ShadowProductionVariants', VARIANT_RECORDED),
    ],
    values: {
      'ProductionVariants.RoutingConfig.RoutingStrategy': ['LEAST_OUTSTANDING_REQUESTS'],
      'ShadowProductionVariants.RoutingConfig.RoutingStrategy': ['LEAST_OUTSTANDING_REQUESTS'],
    },
  },
  DescribeEndpointConfig: { implemented: ['EndpointConfigName'] },
  DeleteEndpointConfig: { implemented: ['EndpointConfigName'] },
  ListEndpointConfigs: { implemented: LIST },

  CreateEndpoint: { implemented: ['EndpointName', 'EndpointConfigName', ...DEPLOYMENT, 'Tags'] },
  UpdateEndpoint: {
    implemented: [
      'EndpointName',
      'EndpointConfigName',
      'RetainAllVariantProperties',
      'ExcludeRetainedVariantProperties',
      ...DEPLOYMENT,
      'RetainDeploymentConfig',
    ],
  },
  UpdateEndpointWeightsAndCapacities: {
    implemented: [
      'EndpointName',
      ...under('DesiredWeightsAndCapacities', ['VariantName', 'DesiredWeight', 'DesiredInstanceCount']),
    ],
  },
  DescribeEndpoint: { implemented: ['EndpointName'] },
  DeleteEndpoint: { implemented: ['EndpointName'] },
  ListEndpoints: { implemented: JOB_LIST },

  CreateModelPackageGroup: {
    implemented: ['ModelPackageGroupName', 'ModelPackageGroupDescription', 'Tags'],
  },
  DescribeModelPackageGroup: { implemented: ['ModelPackageGroupName'] },
  DeleteModelPackageGroup: { implemented: ['ModelPackageGroupName'] },
  ListModelPackageGroups: { implemented: LIST },
  PutModelPackageGroupPolicy: { implemented: ['ModelPackageGroupName', 'ResourcePolicy'] },
  GetModelPackageGroupPolicy: { implemented: ['ModelPackageGroupName'] },
  DeleteModelPackageGroupPolicy: { implemented: ['ModelPackageGroupName'] },

  CreateModelPackage: {
    implemented: [
      'ModelPackageGroupName',
      'ModelPackageDescription',
      'ModelPackageRegistrationType',
      ...INFERENCE_SPECIFICATION,
      'ModelApprovalStatus',
      'MetadataProperties',
      'ModelMetrics',
      'ClientToken',
      'Domain',
      'Task',
      'SamplePayloadUrl',
      'CustomerMetadataProperties',
      'DriftCheckBaselines',
      'SourceUri',
      'ModelCard',
      'ModelLifeCycle',
      'Tags',
    ],
    recorded: ['CertifyForMarketplace', 'SkipModelValidation', 'SecurityConfig'],
    values: { CertifyForMarketplace: [false] },
  },
  DescribeModelPackage: { implemented: ['ModelPackageName', 'IncludedData'] },
  UpdateModelPackage: {
    implemented: [
      'ModelPackageArn',
      'ModelApprovalStatus',
      'ModelPackageRegistrationType',
      'ApprovalDescription',
      'CustomerMetadataProperties',
      'CustomerMetadataPropertiesToRemove',
      ...INFERENCE_SPECIFICATION,
      'SourceUri',
      'ModelCard',
      'ModelLifeCycle',
      'ClientToken',
    ],
  },
  DeleteModelPackage: { implemented: ['ModelPackageName'] },
  ListModelPackages: {
    implemented: [...LIST, 'ModelApprovalStatus', 'ModelPackageGroupName', 'ModelPackageType'],
  },

  AddTags: { implemented: ['ResourceArn', 'Tags'] },
  ListTags: { implemented: ['ResourceArn', 'NextToken', 'MaxResults'] },
  DeleteTags: { implemented: ['ResourceArn', 'TagKeys'] },
};

/** What `InvokeEndpoint` of sagemaker-runtime takes; the service's other operations are refused. */
export const INVOKE_ENDPOINT: FieldSupport = {
  implemented: ['EndpointName', 'Body', 'ContentType', 'Accept', 'CustomAttributes', 'TargetVariant', 'InferenceId'],
};

function under(prefix: string, names: readonly string[]): string[] {
  return names.map(name => `${prefix}.${name}`);
}

function containers(prefix: string): string[] {
  return [...under(prefix, CONTAINER), ...under(`${prefix}.ModelDataSource.S3DataSource`, MODEL_DATA_SOURCE)];
}
