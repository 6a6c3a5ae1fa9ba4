import { Duration } from 'aws-cdk-lib';
import { Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { AT_ONCE } from './alarm-at-once';
import { tellOn } from './alarm-topic';

/** SQS tells its metrics once a minute at most, and of a queue that was idle only after some minutes. */
const PERIOD = Duration.minutes(5);

/** What is lost, and who is told. */
export interface LostAlarmProps {
  /** What it means for people, and what they may do. */
  readonly alarmDescription: string;
  readonly queue: IQueue;
  readonly notificationTopic: ITopic;
}

/** Goes off at the first message in a queue of what could not be worked off. */
export class LostAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: LostAlarmProps) {
    super(scope, id, {
      ...AT_ONCE,
      alarmDescription: props.alarmDescription,
      metric: props.queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM }),
    });
    this.addAlarmAction(tellOn(props.notificationTopic));
  }
}
