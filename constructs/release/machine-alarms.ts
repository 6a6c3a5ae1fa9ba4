import { Duration } from 'aws-cdk-lib';
import { Alarm, type IAlarm, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { tellOn } from '../private/alarm-topic';
import { AT_ONCE } from '../private/alarm-at-once';

/** What is watched. */
export interface MachineAlarmsProps {
  readonly stateMachine: IStateMachine;
  /** Executions that failed and of which nobody was told. */
  readonly untoldFailures: Metric;
  readonly notificationTopic: ITopic;
}

/** A step records and tells what fails; these end with no step left to do so, and leave the lock to its expiry. */
export class MachineAlarms extends Construct {
  public readonly alarms: IAlarm[];

  constructor(scope: Construct, id: string, props: MachineAlarmsProps) {
    super(scope, id);
    const { stateMachine, untoldFailures, notificationTopic } = props;
    const options = { period: Duration.minutes(5), statistic: Stats.SUM };
    const ends = [
      { end: 'TimedOut', how: 'was stopped by its timeout', metric: stateMachine.metricTimedOut(options) },
      { end: 'Aborted', how: 'was aborted', metric: stateMachine.metricAborted(options) },
      { end: 'Untold', how: 'failed and nobody was told', metric: untoldFailures },
    ];
    this.alarms = ends.map(({ end, how, metric }) => {
      const alarm = new Alarm(this, end, {
        ...AT_ONCE,
        alarmDescription: `A release ${how}, and may have left its work half done: the reconciler finishes or undoes it once its lock has expired; one that only waited for the lock did nothing, so ask again if it is still wanted`,
        metric,
      });
      alarm.addAlarmAction(tellOn(notificationTopic));
      return alarm;
    });
  }
}
