import { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { EventBus, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { LostAlarm } from '../private/lost-alarm';
import { requireEnvironmentName } from '../private/name-rules';
import { promotionName, resourcePrefix } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import type { IReleaseController } from '../release/release-controller-props';
import { type PromotionEnvironment, requirePromotionEnvironment } from './promotion-environment';
import { allowPromotion } from './promotion-permissions';

/** As long as a function may run: an image has gigabytes. */
const TIMEOUT = Duration.minutes(15);
/** Two parts of a layer are held at a time; more memory is also more of the network. */
const MEMORY_MB = 1024;

/** What the giving account may put on the bus, and nothing else. */
const SOURCE = 'aws.sagemaker';
const DETAIL_TYPE = 'SageMaker Model Package State Change';

/** Settings of an environment that gets versions from another one. */
export interface PromotionTargetProps {
  /** Environment that receives. */
  readonly environmentName: string;

  /** Environment that gives. */
  readonly source: PromotionEnvironment;

  /** Bucket into which the versions' files are copied, under `<model>/promoted/`. */
  readonly artifactBucket: IBucket;

  /**
   * Key of that bucket.
   *
   * @default - that of `artifactBucket`; none if it has none
   */
  readonly encryptionKey?: IKey;

  /** What releases here: its ledger remembers each promotion, and its topic tells of it. */
  readonly releaseController: IReleaseController;

  /** Repository into which the versions' images are copied; the models' services must be allowed to pull from it. */
  readonly imageRepository: IRepository;
}

/**
 * Gets the versions that another environment approved, in another account: copies what each is made of, proves every part
 * by its digest, and registers the version here, where it waits for a person. One function for all models.
 *
 * Copied, not pointed to: what serves here must not go when somebody tidies up there.
 */
export class PromotionTarget extends Construct {
  /** Bus on which the giving account tells what it approved. */
  public readonly eventBus: IEventBus;

  /**
   * Promotes versions: upon events, or by hand with `{ "model": "<model>", "version": "<version there>" }`, such as one
   * that was approved before this environment was there.
   */
  public readonly function: IFunction;

  /** Events that could not be worked off, after all retries. */
  public readonly deadLetterQueue: IQueue;

  /** Goes off when a promotion failed for good. */
  public readonly lostAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: PromotionTargetProps) {
    super(scope, id);
    const { environmentName, source, artifactBucket, releaseController, imageRepository } = props;
    const problems = new Problems(this);
    requireEnvironmentName(problems, environmentName);
    requirePromotionEnvironment(problems, 'source', source, environmentName);
    problems.throwIfAny();
    const { ledgerTable, notificationTopic, stateMachine } = releaseController;

    const promotion = new PlatformFunction(this, 'Function', {
      handler: 'promotion',
      description: `Brings approved versions of ${resourcePrefix(source.environmentName)} to ${resourcePrefix(environmentName)}`,
      // the giving account's policies name it
      roleName: promotionName(environmentName),
      timeout: TIMEOUT,
      memorySize: MEMORY_MB,
      environment: {
        ENVIRONMENT: environmentName,
        SOURCE_ENVIRONMENT: source.environmentName,
        SOURCE_ACCOUNT: source.account,
        SOURCE_REGION: source.region,
        ARTIFACT_BUCKET: artifactBucket.bucketName,
        IMAGE_REPOSITORY_URI: imageRepository.repositoryUri,
        LEDGER_TABLE: ledgerTable.tableName,
        NOTIFICATION_TOPIC_ARN: notificationTopic.topicArn,
        RELEASE_MACHINE_ARN: stateMachine.stateMachineArn,
      },
    });
    this.function = promotion;
    allowPromotion(promotion, {
      ...props,
      encryptionKey: props.encryptionKey ?? artifactBucket.encryptionKey,
      ledgerTable,
      notificationTopic,
    });
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue');
    this.lostAlarm = new LostAlarm(this, 'LostAlarm', {
      queue: this.deadLetterQueue,
      notificationTopic,
      alarmDescription:
        'A version that was approved in another environment could not be promoted: see the queue for the event and the reason, then approve the version there again',
    });
    promotion.configureAsyncInvoke({ retryAttempts: 2, onFailure: new SqsDestination(this.deadLetterQueue) });

    // a bus of its own: on the default one, another account's events would meet every rule that is there
    const eventBus = new EventBus(this, 'Bus', {
      eventBusName: promotionName(environmentName),
      description: `Approvals in ${resourcePrefix(source.environmentName)}`,
    });
    this.eventBus = eventBus;
    eventBus.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Promotion',
        principals: [new AccountPrincipal(source.account)],
        actions: ['events:PutEvents'],
        resources: [eventBus.eventBusArn],
        conditions: {
          'ForAllValues:StringEquals': { 'events:source': SOURCE, 'events:detail-type': DETAIL_TYPE },
          // for all of none is true as well
          Null: { 'events:source': 'false' },
        },
      }),
    );
    new Rule(this, 'Rule', {
      eventBus,
      description: `Promotes what is approved in ${resourcePrefix(source.environmentName)}`,
      eventPattern: { account: [source.account], source: [SOURCE], detailType: [DETAIL_TYPE] },
      targets: [new LambdaFunction(promotion)],
    });
  }
}
