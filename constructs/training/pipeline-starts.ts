import { Duration } from 'aws-cdk-lib';
import type { IAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { AT_ONCE } from '../private/alarm-at-once';
import { tellOn } from '../private/alarm-topic';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { LostAlarm } from '../private/lost-alarm';
import { PlatformFunction } from '../private/platform-function';
import { grantTrigger } from './pipeline-permissions';

const START_RETRIES = 2;
const START_MAX_AGE = Duration.hours(6);
const ALARM_PERIOD = Duration.minutes(5);

/** What starts the pipeline, and who is told when it cannot. */
export interface PipelineStartsProps {
  readonly environmentName: string;
  /**
   * The only model whose batches start it.
   *
   * @default - all of the environment's models
   */
  readonly modelName?: string;
  /** Where batches land. */
  readonly dataLake: IDataLake;
  readonly stateMachine: IStateMachine;
  /** Executions that failed with no word to anybody. */
  readonly untoldFailures: Metric;
  readonly notificationTopic: ITopic;
}

/** Turns landed batches and schedules into executions, and loses none of them silently. */
export class PipelineStarts extends Construct {
  public readonly triggerFunction: IFunction;
  public readonly lostStartsQueue: IQueue;
  public readonly alarms: IAlarm[];

  constructor(scope: Construct, id: string, props: PipelineStartsProps) {
    super(scope, id);
    const { environmentName, stateMachine } = props;
    const lostStarts = new DeadLetterQueue(this, 'LostStarts');
    const trigger = new PlatformFunction(this, 'Trigger', {
      handler: 'pipeline-trigger',
      description: `Starts the training pipeline of ${environmentName} when a batch has landed or a schedule is due`,
      environment: { ENVIRONMENT: environmentName, PIPELINE_MACHINE_ARN: stateMachine.stateMachineArn },
    });
    trigger.configureAsyncInvoke({
      onFailure: new SqsDestination(lostStarts),
      retryAttempts: START_RETRIES,
      maxEventAge: START_MAX_AGE,
    });
    stateMachine.grantStartExecution(trigger);
    // what an erasure of a person declares anew is no new data
    grantTrigger(trigger, props);
    new Rule(this, 'BatchLanded', {
      description: `A batch of training data has landed whole in ${environmentName}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [props.dataLake.rawBucket.bucketName] },
          object: {
            key: [props.modelName === undefined ? { suffix: '/_READY' } : { wildcard: `${props.modelName}/*/_READY` }],
          },
        },
      },
      targets: [new LambdaFunction(trigger, { deadLetterQueue: lostStarts })],
    });
    this.triggerFunction = trigger;
    this.lostStartsQueue = lostStarts;
    this.alarms = this.pageWhatNoStepCanTell(stateMachine, props.untoldFailures, props.notificationTopic);
  }

  /** A step records and tells what fails; these end with no step left to do so. */
  private pageWhatNoStepCanTell(stateMachine: IStateMachine, untoldFailures: Metric, topic: ITopic): IAlarm[] {
    const lostStarts = new LostAlarm(this, 'LostStartsAlarm', {
      alarmDescription:
        'A landed batch or a schedule could not start the training pipeline: read the queue, start by hand',
      queue: this.lostStartsQueue,
      notificationTopic: topic,
    });
    const options = { period: ALARM_PERIOD, statistic: 'Sum' };
    const ends = [
      { id: 'TimedOutAlarm', how: 'was stopped by its timeout', metric: stateMachine.metricTimedOut(options) },
      { id: 'AbortedAlarm', how: 'was aborted', metric: stateMachine.metricAborted(options) },
      { id: 'UntoldAlarm', how: 'failed and nobody was told', metric: untoldFailures },
    ];
    const alarms = ends.map(({ id: alarmId, how, metric }) =>
      metric.createAlarm(this, alarmId, {
        ...AT_ONCE,
        alarmDescription: `A training pipeline ${how}: read its history, start it again`,
      }),
    );
    const action = tellOn(topic);
    for (const alarm of alarms) alarm.addAlarmAction(action);
    return [lostStarts, ...alarms];
  }
}
