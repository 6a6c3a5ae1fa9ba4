import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as EventBusTarget } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { LostAlarm } from '../private/lost-alarm';
import { READ_ACTIONS } from '../private/ecr-actions';
import { requireEnvironmentName, requireGroupName, requireModelName } from '../private/name-rules';
import { modelResourceName, promotionName, resourcePrefix } from '../private/names';
import { Problems } from '../private/validation';
import type { IModelRegistry } from '../registry/model-registry';
import { type PromotionEnvironment, requirePromotionEnvironment } from './promotion-environment';

/** Settings of an environment whose approved versions go on to others. */
export interface PromotionSourceProps {
  /** Environment that gives. */
  readonly environmentName: string;

  /**
   * Bucket in which the versions' files lie, of this environment alone: the receiving ones may read the folders `runs` and
   * `promoted` of every model in it.
   */
  readonly artifactBucket: IBucket;

  /**
   * Key of that bucket.
   *
   * @default - that of `artifactBucket`; none if it has none
   */
  readonly encryptionKey?: IKey;

  /** Where people are told of an event that did not reach an environment. */
  readonly notificationTopic: ITopic;

  /** Environments that receive. */
  readonly targets: PromotionEnvironment[];
}

/** A model whose versions go on to other environments. */
export interface PromotedModel {
  /** The model's name, the same in each environment. */
  readonly modelName: string;

  /** Where its versions are registered. */
  readonly registry: IModelRegistry;

  /**
   * Repository of the image in which it serves. The policy of an imported one is not in our hands: whoever made it adds
   * `imagePolicy` to it.
   *
   * @default - no policy is added anywhere
   */
  readonly imageRepository?: IRepository;
}

/**
 * Gives the versions of an environment to others, which are in other accounts: tells them of approvals and rejections, and
 * lets the one role of each read what a version is made of. Nothing here can be written by them.
 *
 * The policies name that role by a condition, with its account as the principal: a role as the principal would have to be
 * there before the policy, and would lose its right for good when it is made anew.
 */
export class PromotionSource extends Construct {
  /** What the policy of an image's repository must say, for one that is imported. */
  public readonly imagePolicy: PolicyDocument;

  /** Events that did not reach an environment, after all retries. */
  public readonly deadLetterQueue: IQueue;

  /** Goes off when an event did not reach an environment. */
  public readonly lostAlarm: IAlarm;

  private readonly environmentName: string;
  private readonly targets: PromotionEnvironment[];

  constructor(scope: Construct, id: string, props: PromotionSourceProps) {
    super(scope, id);
    const { environmentName, targets, artifactBucket } = props;
    const problems = new Problems(this);
    requireEnvironmentName(problems, environmentName);
    problems.require(targets.length > 0, "'targets' is empty, must name at least one environment");
    for (const [index, target] of targets.entries()) {
      requirePromotionEnvironment(problems, `targets[${index}]`, target, environmentName);
    }
    const names = targets.map(target => target.environmentName);
    problems.require(
      new Set(names).size === names.length,
      `'targets' names '${names.join("', '")}', must name each environment once`,
    );
    problems.throwIfAny();
    this.environmentName = environmentName;
    this.targets = targets;

    const deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue');
    this.deadLetterQueue = deadLetterQueue;
    this.lostAlarm = new LostAlarm(this, 'LostAlarm', {
      queue: deadLetterQueue,
      notificationTopic: props.notificationTopic,
      alarmDescription:
        'An approval or a rejection did not reach an environment to which versions are promoted: see the queue for the event, let the other account in, then approve the version again',
    });
    new Rule(this, 'Rule', {
      description: `Tells other environments what is approved and rejected in ${resourcePrefix(environmentName)}`,
      eventPattern: {
        source: ['aws.sagemaker'],
        detailType: ['SageMaker Model Package State Change'],
        detail: {
          ModelPackageGroupName: [{ prefix: `${resourcePrefix(environmentName)}-` }],
          ModelApprovalStatus: ['Approved', 'Rejected'],
        },
      },
      targets: targets.map(
        target =>
          new EventBusTarget(EventBus.fromEventBusArn(this, `Bus-${target.environmentName}`, this.busArn(target)), {
            deadLetterQueue,
          }),
      ),
    });

    const key = props.encryptionKey ?? artifactBucket.encryptionKey;
    // of every model: named one by one, those of some two hundred would fill the 20 KB that a bucket's policy may have. It
    // is as narrow as the environment, whose bucket it is, and the packages that name the files are each group's to give
    const files = ['runs', 'promoted'].map(folder => artifactBucket.arnForObjects(`*/${folder}/*`));
    for (const target of targets) {
      artifactBucket.addToResourcePolicy(this.letRead(target, ['s3:GetObject'], files));
      key?.addToResourcePolicy(
        this.letRead(target, ['kms:Decrypt'], ['*'], {
          'kms:ViaService': `s3.${Stack.of(this).region}.${Stack.of(this).urlSuffix}`,
        }),
        true,
      );
    }
    this.imagePolicy = new PolicyDocument({
      statements: targets.map(target => this.letRead(target, READ_ACTIONS)),
    });
  }

  /** Lets the receiving environments have a model's versions. */
  public addModel(model: PromotedModel): void {
    const { modelName, registry, imageRepository } = model;
    const problems = new Problems(this);
    requireModelName(problems, modelName);
    requireGroupName(problems, registry.modelPackageGroupName, this.environmentName, modelName);
    problems.throwIfAny();
    const versions = Stack.of(registry).formatArn({
      service: 'sagemaker',
      resource: 'model-package',
      resourceName: `${modelResourceName(this.environmentName, modelName)}/*`,
    });
    for (const target of this.targets) {
      registry.addToResourcePolicy(this.letRead(target, ['sagemaker:DescribeModelPackage'], [versions]));
      imageRepository?.addToResourcePolicy(this.letRead(target, READ_ACTIONS));
    }
  }

  private letRead(
    target: PromotionEnvironment,
    actions: string[],
    resources: string[] = [],
    also: Record<string, string> = {},
  ): PolicyStatement {
    const { account, environmentName } = target;
    const role = Stack.of(this).formatArn({
      service: 'iam',
      region: '',
      account,
      resource: 'role',
      resourceName: promotionName(environmentName),
    });
    return new PolicyStatement({
      sid: `Promotion${environmentName.charAt(0).toUpperCase()}${environmentName.slice(1)}`,
      principals: [new AccountPrincipal(account)],
      actions,
      resources,
      conditions: {
        ArnEquals: { 'aws:PrincipalArn': role },
        ...(Object.keys(also).length === 0 ? {} : { StringEquals: also }),
      },
    });
  }

  private busArn({ account, region, environmentName }: PromotionEnvironment): string {
    return Stack.of(this).formatArn({
      service: 'events',
      account,
      region,
      resource: 'event-bus',
      resourceName: promotionName(environmentName),
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
