import { Duration, Stack } from 'aws-cdk-lib';
import { type IAlarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import { allowAlarms } from '../private/alarm-topic';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { LostAlarm } from '../private/lost-alarm';
import { FunctionSchedule, requireScheduleInterval } from '../private/function-schedule';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix, settingsParameterName } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { allowReleaseMetrics, releaseMetric } from '../private/release-metrics';
import { SILENT_LOOKS, SilentAlarm } from '../private/silent-alarm';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';

const LEDGER_ACTIONS = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];
/** What an alarm says, and by which windows. */
const ALARM_ACTIONS = ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'];
/** A sweep of a hundred models takes seconds. */
const TIMEOUT = Duration.minutes(4);
const DEFAULT_SWEEP_INTERVAL = Duration.minutes(5);
/** As often as Lambda tries again by itself. */
const RETRY_ATTEMPTS = 2;
/** Later than this, an alarm is news of yesterday; it goes to the queue and a person is told. */
const MAX_EVENT_AGE = Duration.hours(6);

/** What decides upon alarms. One for all models of an environment. */
export interface IReactionController extends IConstruct {
  /** Topic to which alarms publish. */
  readonly alarmTopic: ITopic;
}

/** Settings of a reaction controller. */
export interface ReactionControllerProps {
  /** Environment whose models it reacts for. */
  readonly environmentName: string;

  /** The release controller's ledger: what serves, and where each decision is recorded. */
  readonly ledgerTable: ITableV2;

  /** The release controller's state machine, which rolls back. */
  readonly releaseStateMachine: IStateMachine;

  /** The pipeline controller's state machine, which trains. */
  readonly pipelineStateMachine: IStateMachine;

  /**
   * Where people are told. The policy of an imported topic, and of the topic's key, must let `cloudwatch.amazonaws.com`
   * publish, or alarms are not heard.
   */
  readonly notificationTopic: ITopic;

  /**
   * How often all models are looked at for red alarms about which nothing was decided since the serving version was
   * activated. Whole minutes, at most an hour.
   *
   * @default Duration.minutes(5)
   */
  readonly sweepInterval?: Duration;
}

/** A reaction controller that another stack or app made. */
export interface ReactionControllerAttributes {
  /** Topic to which alarms publish. */
  readonly alarmTopic: ITopic;
}

/**
 * Decides upon the models' alarms: roll back, train again, page, or nothing.
 *
 * An alarm that could not be decided upon goes to a queue, and a person is told. A schedule makes up for what no message
 * tells: an alarm that was red before a version was activated and stays so, or an event that was lost.
 */
export class ReactionController extends Construct implements IReactionController {
  /** Uses a controller that exists already. */
  public static fromReactionControllerAttributes(
    scope: Construct,
    id: string,
    attributes: ReactionControllerAttributes,
  ): IReactionController {
    class ImportedReactionController extends Construct implements IReactionController {
      public readonly alarmTopic = attributes.alarmTopic;
    }
    return new ImportedReactionController(scope, id);
  }

  public readonly alarmTopic: ITopic;

  /** Decides. */
  public readonly function: IFunction;

  /** Alarms that could not be decided upon, after all retries. */
  public readonly deadLetterQueue: IQueue;

  /** Goes off when an alarm could not be decided upon. */
  public readonly alarmLostAlarm: IAlarm;

  /** Goes off when the sweep does not run, or fails at some model, three times in a row. */
  public readonly sweepSilentAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: ReactionControllerProps) {
    super(scope, id);
    const sweepInterval = props.sweepInterval ?? DEFAULT_SWEEP_INTERVAL;
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireScheduleInterval(problems, 'sweepInterval', sweepInterval);
    problems.throwIfAny();

    this.alarmTopic = this.createTopic(props.environmentName);
    const reaction = new PlatformFunction(this, 'Function', {
      handler: 'reaction',
      description: `Decides upon the alarms of the models in ${resourcePrefix(props.environmentName)}`,
      timeout: TIMEOUT,
      environment: {
        ENVIRONMENT: props.environmentName,
        LEDGER_TABLE: props.ledgerTable.tableName,
        NOTIFICATION_TOPIC_ARN: props.notificationTopic.topicArn,
        PIPELINE_MACHINE_ARN: props.pipelineStateMachine.stateMachineArn,
        RELEASE_MACHINE_ARN: props.releaseStateMachine.stateMachineArn,
      },
    });
    this.function = reaction;
    this.allowReaction(reaction, props);

    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue');
    reaction.configureAsyncInvoke({
      retryAttempts: RETRY_ATTEMPTS,
      maxEventAge: MAX_EVENT_AGE,
      onFailure: new SqsDestination(this.deadLetterQueue),
    });
    // the function's own failures go there from Lambda, what SNS cannot even hand over goes there from SNS
    this.alarmTopic.addSubscription(new LambdaSubscription(reaction, { deadLetterQueue: this.deadLetterQueue }));
    new FunctionSchedule(this, 'Sweep', {
      description: `Looks for red alarms in ${resourcePrefix(props.environmentName)} that nobody decided upon`,
      interval: sweepInterval,
      function: reaction,
      event: { sweep: true },
    });
    this.alarmLostAlarm = new LostAlarm(this, 'AlarmLostAlarm', {
      alarmDescription:
        'An alarm of a model could not be decided upon: see the queue for it, decide by hand, then look at why in the logs of the reaction function',
      queue: this.deadLetterQueue,
      notificationTopic: props.notificationTopic,
    });
    this.sweepSilentAlarm = new SilentAlarm(this, 'SweepSilentAlarm', {
      alarmDescription: `Not all models of ${resourcePrefix(props.environmentName)} could be swept in ${SILENT_LOOKS} sweeps: an alarm whose event was lost, or that stays red across a release, is not decided upon; see the logs of the reaction function`,
      heartbeat: releaseMetric({
        environmentName: props.environmentName,
        metricName: 'SweepHeartbeat',
        statistic: Stats.SUM,
        period: sweepInterval,
      }),
      notificationTopic: props.notificationTopic,
    });
  }

  private createTopic(environmentName: string): Topic {
    const topic = new Topic(this, 'Alarms', {
      displayName: `${resourcePrefix(environmentName)}: alarms`,
      // no key of our own: what is sent here are names and numbers of alarms, and CloudWatch must be able to publish
      enforceSSL: true,
    });
    allowAlarms(topic);
    return topic;
  }

  private allowReaction(reaction: LambdaFunction, props: ReactionControllerProps): void {
    const stack = Stack.of(this);
    props.ledgerTable.grant(reaction, ...LEDGER_ACTIONS);
    props.ledgerTable.encryptionKey?.grantEncryptDecrypt(reaction);
    props.notificationTopic.grantPublish(reaction);
    props.releaseStateMachine.grantStartExecution(reaction);
    props.pipelineStateMachine.grantStartExecution(reaction);
    reaction.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [
          stack.formatArn({
            service: 'ssm',
            resource: 'parameter',
            resourceName: settingsParameterName(props.environmentName, '*', 'reaction').slice(1),
          }),
        ],
      }),
    );
    reaction.addToRolePolicy(new PolicyStatement({ actions: ALARM_ACTIONS, resources: ['*'] }));
    allowReleaseMetrics(reaction);
    explainWildcards(
      reaction,
      { wildcard: `/mlops/${props.environmentName}/*/`, reason: 'settings of the models, which other stacks make' },
      { wildcard: '*', actions: ALARM_ACTIONS, reason: 'CloudWatch describes alarms and reads metrics by no resource' },
      ...['kms:ReEncrypt*', 'kms:GenerateDataKey*'].map(wildcard => ({
        wildcard,
        reason: 'the forms of one KMS operation, on one key',
      })),
    );
  }
}
