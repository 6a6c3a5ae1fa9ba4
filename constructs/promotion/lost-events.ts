import { Duration } from 'aws-cdk-lib';
import { Alarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { tellOn } from '../private/alarm-topic';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { AT_ONCE } from '../release/alarm-at-once';

/** Settings of what keeps lost events. */
export interface LostEventsProps {
  readonly alarmDescription: string;
  readonly notificationTopic: ITopic;
}

/** Keeps the events that could not be worked off, and tells of the first. */
export class LostEvents extends Construct {
  public readonly queue: IQueue;
  public readonly alarm: IAlarm;

  constructor(scope: Construct, id: string, props: LostEventsProps) {
    super(scope, id);
    this.queue = new DeadLetterQueue(this, 'Queue');
    const alarm = new Alarm(this, 'Alarm', {
      ...AT_ONCE,
      alarmDescription: props.alarmDescription,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
    });
    alarm.addAlarmAction(tellOn(props.notificationTopic));
    this.alarm = alarm;
  }
}
