/** Rights that a rehearsal does not exercise, each with the reason why the role has it all the same. */
interface UnusedRight {
  readonly action: RegExp;
  /** Part of the role's name; any role without it. */
  readonly role?: RegExp;
  /** Part of the resource; any resource without it. */
  readonly resource?: RegExp;
  /** The only target in whose rehearsal the right is there and unused; without it, the one of SageMaker. */
  readonly only?: 'eks';
  readonly reason: string;
}

const UNUSED: readonly UnusedRight[] = [
  // what the local cloud has no part of
  {
    action: /^kms:/,
    reason: 'the local cloud does not ask the key; on AWS it is asked with each object, item, message and disk',
  },
  { action: /^xray:/, reason: 'nothing is traced in the local cloud' },
  { action: /^ecr:/, reason: 'the local cloud runs images as processes and pulls none' },
  {
    action: /^ec2:/,
    role: /TrainingJobRole/,
    only: 'eks',
    reason: 'SageMaker puts the interfaces of jobs into a network with them; processes of the local cloud have none',
  },
  {
    action: /^cloudwatch:PutMetricData$/,
    role: /(Service|TrainingJob)Role/,
    reason:
      "SageMaker's documented right of the role; the local SageMaker puts the metrics of jobs and endpoints itself",
  },

  // logs
  {
    action: /^logs:(Create|Put)/,
    role: /(Function|Control|Data|Trigger)Role|StreamRole/,
    reason: 'the local cloud takes the lines of functions and streams from the processes themselves',
  },
  {
    action: /^logs:(.*LogDeliver|DescribeLogGroups|.*ResourcePolic)/,
    role: /MachineRole|PipelineRole/,
    reason: 'Step Functions sets the log of a machine up with them; the local cloud writes no such log',
  },
  {
    action: /^logs:(Create|Put|Describe)/,
    role: /(Service|TrainingJob)Role/,
    resource: /:log-group:\/aws\/sagemaker\//,
    reason: "SageMaker's documented rights; AWS names the group with its streams (`:*`), the local cloud without",
  },

  // what only happens when something fails
  {
    action: /^sqs:/,
    role: /(Trigger|Function)Role/,
    reason: 'a queue for what fails twice: Lambda sends to it, and the local cloud does so by itself',
  },
  {
    action: /^sagemaker:Stop(Training|Processing)Job$|^athena:StopQueryExecution$/,
    reason: 'an execution that is stopped or times out ends its job; none is in a rehearsal',
  },
  {
    action: /^states:DescribeExecution$/,
    role: /PipelineControlRole/,
    reason: 'asked when a run is already claimed, whether the execution that claimed it still runs',
  },
  {
    action: /^sns:Publish$/,
    role: /MonitorStep/,
    reason: 'a window that cannot be judged is told to a person; all could be judged',
  },
  {
    action: /^(dynamodb:PutItem|sns:Publish|states:StartExecution)$/,
    role: /ReleaseReconcilerFunctionRole/,
    reason: 'what died is handed to the release machine, and drift is recorded and told; nobody died, nothing drifted',
  },
  {
    action: /^sagemaker:DeleteEndpoint$/,
    role: /ReleaseStep/,
    reason: 'the first release of a model, when it fails, is withdrawn; it did not',
  },
  {
    action: /^dynamodb:Query$/,
    role: /ReleaseStep/,
    reason: 'a rollback looks on among the healthy versions when the last one is not eligible; it was',
  },
  {
    action: /^cloudwatch:DescribeAlarms$/,
    role: /ReleaseStep/,
    reason: "SageMaker's words leave open whether the caller must see the guardrail's alarms",
  },
  {
    action: /^application-autoscaling:(Register|Deregister|PutScaling|DescribeScalingPolicies)/,
    reason: 'no model of a rehearsal scales by itself; one of the integration tests of releases does',
  },
  {
    action: /^sagemaker:UpdateEndpointWeightsAndCapacities$/,
    reason: 'no model of a rehearsal keeps its last version warm; one of the integration tests of releases does',
  },
  {
    action: /^cloudwatch:(PutMetricAlarm|DeleteAlarms)$|^iam:CreateServiceLinkedRole$/,
    reason: "of AWS's documented policy for the scaling of endpoints, which the local cloud only registers",
  },
  {
    action: /^cloudwatch:DescribeAlarms$/,
    // CloudFormation cuts a long name
    role: /ReleaseReconcilerFunctionRo/,
    reason: "of AWS's documented policy for the scaling of endpoints: Application Auto Scaling looks at its alarms",
  },
  {
    action: /^s3:PutObject$/,
    resource: /\/firehose_errors\//,
    reason: 'for records that cannot be written as they are; there were none',
  },
  {
    action: /^s3:ListBucket$/,
    reason: 'without it S3 answers `AccessDenied` for an object that is not there; each one was there',
  },
  {
    action: /^s3:(Delete|BypassGovernance)/,
    role: /LakeCleanup/,
    resource: /accesslogs/,
    reason: 'S3 delivers access logs with hours of delay, and the local cloud none: nothing was there to delete',
  },

  // what AWS's own policies name
  {
    action: /^s3:(AbortMultipartUpload|GetBucketLocation|GetObject|List.*Multipart.*)$/,
    role: /InferenceLogStream|MonitorMachine|TrainingJob/,
    reason:
      "large objects go up in parts; of AWS's documented policy for whoever writes them, the local cloud needs one",
  },
  {
    action: /^glue:GetTable(Version)?$/,
    role: /InferenceLogStream/,
    reason: "of AWS's documented policy for format conversion; the local Firehose asks for the table's versions",
  },
  {
    action: /^sagemaker:ListTags$/,
    role: /PipelineRole/,
    reason: "of AWS's documented policy for `.sync`, which does not say when it is used",
  },
  {
    action: /^sagemaker:CreateModelPackage$/,
    resource: /:model-package-group\//,
    reason: "SageMaker's reference names the group beside the package; the local cloud checks the package",
  },
  {
    action: /^lambda:InvokeFunction$/,
    resource: /:\*$/,
    reason: 'the CDK grants a function with its versions and aliases; the function itself is invoked',
  },

  // a cluster, and an environment whose model serves there
  {
    action: /^(autoscaling|ec2|elasticloadbalancing):/,
    role: /-cluster-ClusterRole/,
    only: 'eks',
    reason:
      "AWS's managed policies of a cluster in Auto Mode: it makes nodes, disks and load balancers, and here there are none",
  },
  {
    action: /^(ec2|eks|lambda|logs):/,
    role: /-cluster-ClusterKubectlProvider/,
    only: 'eks',
    reason: 'the local cloud sends manifests to the API server itself; on AWS the function of this role does',
  },
  {
    action: /^logs:/,
    only: 'eks',
    reason: 'the local cloud takes the lines of functions from the processes themselves',
  },
  {
    action: /^ec2:(AssignPrivate|Create|Delete|Describe|UnassignPrivate)/,
    role: /-platform-Release/,
    only: 'eks',
    reason: "Lambda's documented rights of a function in a VPC; here it has no network interface",
  },
  {
    action: /^(dynamodb:GetItem|s3:GetObject|sagemaker:DescribeModelPackage|ssm:GetParameter)$/,
    role: /-platform-ReleaseBatchesFunction/,
    only: 'eks',
    reason: 'no model of this environment predicts files; an integration test starts a batch',
  },
  {
    action: /^(sagemaker|application-autoscaling|iam):/,
    role: /-platform-Release/,
    only: 'eks',
    reason: 'one machine releases on both targets, and no model of this environment serves on SageMaker',
  },
  {
    action: /^(sqs:.*|sns:Publish|states:StartExecution|dynamodb:PutItem)$/,
    role: /-platform-Release(Approvals|Reconciler)Function/,
    only: 'eks',
    reason: 'for what goes wrong: nothing does in a rehearsal',
  },
];

/** Why a role has a right that nothing used; undefined when nobody has written a reason. */
export function reasonFor(role: string, action: string, resource: string): string | undefined {
  return UNUSED.find(unused => means(unused, role, action, resource))?.reason;
}

/** Reasons that explain none of these rights: what they say is no longer so. */
export function idleReasons(
  unused: readonly { readonly role: string; readonly action: string; readonly resource: string }[],
  target: 'sagemaker' | 'eks',
): string[] {
  const written = UNUSED.filter(({ only }) => only === (target === 'eks' ? 'eks' : undefined));
  return written
    .filter(({ reason }) => !unused.some(right => reasonFor(right.role, right.action, right.resource) === reason))
    .map(({ reason }) => reason);
}

function means(unused: UnusedRight, role: string, action: string, resource: string): boolean {
  return unused.action.test(action) && (unused.role?.test(role) ?? true) && (unused.resource?.test(resource) ?? true);
}
