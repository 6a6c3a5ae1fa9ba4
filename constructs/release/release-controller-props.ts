import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import type { IServingCluster } from '../serving/kubernetes/serving-cluster-props';
import type { SlackChannel, TeamsChannel } from './chat-targets';

/** Everything through which a version comes to serve, or leaves. One for all models of an environment. */
export interface IReleaseController extends IConstruct {
  /** The only way in which anything changes what serves; for its input see `releaseInput` in `lambda/shared/contracts.ts`. */
  readonly stateMachine: IStateMachine;

  /** What serves, what served, and every release. Only the release machine writes it, but for records of reactions. */
  readonly ledgerTable: ITableV2;

  /** Where people are told. */
  readonly notificationTopic: ITopic;

  /** Service token of the custom resource that cleans up behind a model's stack. */
  readonly cleanupServiceToken: string;

  /** Roles that read the templates of versions on Kubernetes; none where nothing serves there. */
  readonly templateReaders: IRole[];

  /** Whether it may compare the answers of a version that shadows. */
  readonly canShadow: boolean;

  /** Keys under which it may start endpoints. */
  readonly endpointKeys: IKey[];

  /** Lets the grantee ask for releases and rollbacks. */
  grantRelease(grantee: IGrantable): Grant;
}

/** Settings of a release controller. */
export interface ReleaseControllerProps {
  /** Environment whose models it releases. */
  readonly environmentName: string;

  /**
   * The only model whose approvals start releases.
   *
   * @default - all models of the environment
   */
  readonly modelName?: string;

  /**
   * Cluster on which models of the environment serve. The functions that release are in its network then, whose private
   * subnets need a way to AWS's services, and have access to the namespaces of the environment's models.
   *
   * @default - no model of the environment serves on Kubernetes
   */
  readonly servingCluster?: IServingCluster;

  /** Bucket in which the versions' artifacts and baselines lie. */
  readonly artifactBucket: IBucket;

  /**
   * Lake in which the inference logs of models lie whose new versions shadow first: the controller compares by them.
   *
   * @default - none; it may read no log, and no model's service may have a `shadow`
   */
  readonly shadowDataLake?: IDataLake;

  /**
   * Key of ledger and notifications.
   *
   * @default - keys of the services
   */
  readonly encryptionKey?: IKey;

  /**
   * Keys of the disks of endpoints, which SageMaker uses in the name of whoever releases. Their policies must leave it to
   * IAM who uses them, as those of keys that the CDK makes do.
   *
   * @default - none; no model's service may have an `encryptionKey`
   */
  readonly endpointKeys?: IKey[];

  /**
   * Topic on which people are told. The policy of an imported one, and of its key, must let `cloudwatch.amazonaws.com`
   * publish, or alarms are not heard.
   *
   * @default - a new one
   */
  readonly notificationTopic?: ITopic;

  /**
   * Addresses that get the notifications; each must confirm once.
   *
   * @default - none
   */
  readonly emailAddresses?: string[];

  /**
   * Slack channels that get the notifications, by Amazon Q Developer in chat applications.
   *
   * @default - none
   */
  readonly slackChannels?: SlackChannel[];

  /**
   * Channels of Microsoft Teams that get the notifications, by Amazon Q Developer in chat applications.
   *
   * @default - none
   */
  readonly teamsChannels?: TeamsChannel[];

  /**
   * Shortest wait between two looks at an endpoint that changes, a second to a minute.
   *
   * @default Duration.seconds(5)
   */
  readonly pollInterval?: Duration;

  /**
   * How often all models are looked at: for what a release that died left half done, and for what serves although no
   * release made it. Whole minutes, at most an hour.
   *
   * @default Duration.minutes(5)
   */
  readonly reconcileInterval?: Duration;

  /**
   * What happens to the ledger when it leaves the stack. `DESTROY` keeps it all the same, with a warning, unless
   * `deleteData` is true too.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Second word on the deletion of the ledger, with `RemovalPolicy.DESTROY`; without it the table is protected against
   * deletion as well.
   *
   * @default false
   */
  readonly deleteData?: boolean;
}

/** A release controller that another stack or app made. */
export interface ReleaseControllerAttributes {
  /** The release machine. */
  readonly stateMachine: IStateMachine;

  /** The ledger. */
  readonly ledgerTable: ITableV2;

  /** Where people are told. */
  readonly notificationTopic: ITopic;

  /** Service token of the cleanup. */
  readonly cleanupServiceToken: string;

  /**
   * Roles of its functions that read the templates of versions on Kubernetes.
   *
   * @default - none, no model of the environment serves on Kubernetes
   */
  readonly templateReaders?: IRole[];

  /**
   * Whether it was made with a `shadowDataLake`.
   *
   * @default false
   */
  readonly canShadow?: boolean;

  /**
   * Keys with which it was made, as its `endpointKeys`.
   *
   * @default - none
   */
  readonly endpointKeys?: IKey[];
}
