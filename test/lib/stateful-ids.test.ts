import { type SynthesisedStack, synthesiseEverything } from '../support/platform';

/**
 * The logical ids of what holds something that a deploy cannot bring back. CloudFormation knows a resource by this id
 * alone: under another one it makes a new, empty resource, and deletes the old one or leaves it behind where nothing looks.
 * So these lists are written by hand. Who has to change one has to say in CHANGELOG.md how what it held comes across.
 */

interface Stateful {
  readonly id: string;
  /** What a replacement would lose. */
  readonly loses: string;
}

const FOUNDATION: readonly Stateful[] = [
  { id: 'Key961B73FD', loses: 'whatever was ever encrypted under it, kept or not: all buckets, tables and runs' },
];
const NETWORK: readonly Stateful[] = [
  { id: 'NetworkFlowLogs2BEC3212', loses: 'who spoke with whom' },
  { id: 'NetworkVpc7FB7348F', loses: 'the network under running nodes, jobs and endpoints' },
];
const DATA: readonly Stateful[] = [
  { id: 'LakeAccessLogs4431AB8D', loses: 'who read and wrote which data' },
  { id: 'LakeRaw8A880B75', loses: 'the files as they were landed, which perhaps nobody has any more' },
  { id: 'LakeCurated8ED8635F', loses: 'the valid rows, and what was quarantined and why' },
  { id: 'LakeSnapshots04403B6C', loses: 'what each version was trained on' },
  { id: 'LakeArtifacts2DD6A05E', loses: 'the models of all versions: none could be rolled back to' },
  { id: 'LakeMonitoring9E4C723D', loses: 'the inference log, the labels and what monitors counted' },
];
const PLATFORM: readonly Stateful[] = [
  { id: 'ReleaseLedger7181EC80', loses: 'what was released, what may serve again, what is quarantined' },
  { id: 'ReleaseNotifications6AE909B7', loses: 'the subscriptions that people confirmed: nobody would be told' },
  { id: 'ReleaseMachineLogsEBD7103D', loses: 'what releases did, step by step' },
  { id: 'ReleaseApprovalsDeadLetterQueue047A9EE0', loses: 'approvals that could not be acted upon yet' },
  { id: 'PipelineRuns1176B429', loses: 'which inputs were trained: the same would be trained and paid again' },
  { id: 'PipelineLogs402221E7', loses: 'what trainings did, step by step' },
  { id: 'PipelineStartsLostStarts897683BD', loses: 'batches that could not start a training yet' },
  { id: 'MonitorMachineLogsE23D46DD', loses: 'what monitors did, step by step' },
  { id: 'ReactionAlarms9D9B14EF', loses: 'alarms on their way' },
  { id: 'ReactionDeadLetterQueueA8B345C0', loses: 'alarms that could not be acted upon yet' },
];
const CLUSTER: readonly Stateful[] = [
  { id: 'SecretsKey317DCF94', loses: 'the secrets in the cluster' },
  { id: 'Cluster9EE0221C', loses: 'every model that serves on it, for as long as it takes to release them anew' },
];
const MODEL: readonly Stateful[] = [
  { id: 'Registry4DB9CCA5', loses: 'all versions with their approvals' },
  { id: 'InferenceLogStream5B329195', loses: 'predictions on their way to the lake' },
];

const GOVERNANCE: readonly Stateful[] = [
  { id: 'TrailBucket7F7024F7', loses: 'who did what, for as long as it must be told' },
  { id: 'TrailBucketAccessLogs05227313', loses: 'who read that' },
  { id: 'TrailBucketKey595F8E1D', loses: 'whatever was ever told under it' },
  { id: 'RecordsDeadLetterQueue1D498EA1', loses: 'records of releases and trainings on their way to the evidence' },
];
const RECORDER: readonly Stateful[] = [
  { id: 'RulesRecorderBucket5768D78C', loses: 'what the account was like at any time, and what was judged' },
  { id: 'RulesRecorderAccessLogsE9F19D76', loses: 'who read that' },
];
const IMAGES: readonly Stateful[] = [
  { id: 'ImagetrainerRepository76326321', loses: 'the images that runs were trained with' },
  { id: 'ImagemodelserverRepositoryC83FB096', loses: 'the images that versions serve with: none could start again' },
  { id: 'ImagesnowtrainerRepositoryCB406D0B', loses: 'the images that runs of this model were trained with' },
];
const GIVES_ON: readonly Stateful[] = [
  { id: 'PromotionSourceDeadLetterQueueE8444A06', loses: 'approvals that could not be told to the other account yet' },
];
const RECEIVES: readonly Stateful[] = [
  { id: 'PromotionTargetDeadLetterQueue060F3717', loses: 'versions on their way from the other account' },
];

const ON_SAGEMAKER = { Foundation: FOUNDATION, Data: DATA, Platform: PLATFORM, 'Model-rain': MODEL };
const EXPECTED: Readonly<Record<string, Readonly<Record<string, readonly Stateful[]>>>> = {
  dev: ON_SAGEMAKER,
  full: {
    ...ON_SAGEMAKER,
    Foundation: [...FOUNDATION, ...NETWORK],
    'Model-snow': MODEL,
    Images: IMAGES,
    Governance: [...GOVERNANCE, ...RECORDER],
  },
  idle: { ...ON_SAGEMAKER, 'Model-snow': MODEL },
  local: { ...ON_SAGEMAKER, Platform: [...PLATFORM, ...GIVES_ON] },
  localb: { ...ON_SAGEMAKER, Platform: [...PLATFORM, ...RECEIVES] },
  localeks: { ...ON_SAGEMAKER, Foundation: [...FOUNDATION, ...NETWORK], Cluster: CLUSTER },
  prod: { ...ON_SAGEMAKER, Governance: GOVERNANCE },
  staging: { ...ON_SAGEMAKER, Governance: GOVERNANCE },
};

/** Types that hold something; a new resource of one of them must be in a list above. */
const STATEFUL_TYPES = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::EC2::VPC',
  'AWS::ECR::Repository',
  'AWS::EKS::Cluster',
  'AWS::KMS::Key',
  'AWS::KinesisFirehose::DeliveryStream',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SageMaker::ModelPackageGroup',
];
/** Logs of functions tell how a call went, and end with it; these tell what happened to models, or who was here. */
const LASTING_LOGS = /MachineLogs|^PipelineLogs|FlowLogs/;

function statefulIn({ resources }: SynthesisedStack): string[] {
  return Object.entries(resources)
    .filter(
      ([id, { Type }]) => STATEFUL_TYPES.includes(Type) || (Type === 'AWS::Logs::LogGroup' && LASTING_LOGS.test(id)),
    )
    .map(([id]) => id);
}

const synthesised = synthesiseEverything();

test.each(Object.entries(EXPECTED))(
  '%s holds what it holds under the ids that it always had',
  (environment, expected) => {
    const found = (synthesised.get(environment) ?? [])
      .map(stack => ({ id: stack.id, held: statefulIn(stack).sort() }))
      .filter(({ held }) => held.length > 0)
      .map(({ id, held }) => [id, held]);

    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([stack, held]) => [stack, held.map(({ id }) => id).sort()])),
    );
  },
);

test('no environment is left out', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual([...synthesised.keys()].sort());
});

test.each(['prod', 'full'])('in %s the stacks that hold something cannot be deleted', environment => {
  const stacks = synthesised.get(environment) ?? [];

  expect(stacks.filter(stack => statefulIn(stack).length > 0 && !stack.terminationProtection)).toEqual([]);
});
