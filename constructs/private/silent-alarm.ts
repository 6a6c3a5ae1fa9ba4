import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { tellOn } from './alarm-topic';

/** Looks without a heartbeat after which people are told. */
export const SILENT_LOOKS = 3;

/** What is listened to. */
export interface SilentAlarmProps {
  readonly alarmDescription: string;
  /** Sum of the heartbeats in the time from one look to the next. */
  readonly heartbeat: Metric;
  readonly notificationTopic: ITopic;
}

/** Goes off when something that looks at all models of an environment does not run, or cannot look at all of them. */
export class SilentAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: SilentAlarmProps) {
    super(scope, id, {
      alarmDescription: props.alarmDescription,
      metric: props.heartbeat,
      threshold: 1,
      evaluationPeriods: SILENT_LOOKS,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
    this.addAlarmAction(tellOn(props.notificationTopic));
  }
}
