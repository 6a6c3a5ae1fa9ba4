import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';

/** Reads the alarms of a deployment from CloudWatch, with the rights of the model's execution role. */
export class AlarmWatch {
  constructor(
    private readonly client: CloudWatchClient,
    private readonly names: readonly string[],
  ) {}

  /** Names of the alarms that are red now; fails when an alarm is missing or may not be read. */
  public async red(): Promise<string[]> {
    if (this.names.length === 0) {
      return [];
    }
    const answer = await this.client.send(
      new DescribeAlarmsCommand({ AlarmNames: [...this.names], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );
    const alarms = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])];
    const missing = this.names.filter(name => !alarms.some(alarm => alarm.AlarmName === name));
    if (missing.length > 0) {
      throw new Error(`alarm '${missing.join("', '")}' of 'AutoRollbackConfiguration' does not exist`);
    }
    return alarms.flatMap(alarm => (alarm.StateValue === 'ALARM' ? [alarm.AlarmName ?? ''] : []));
  }

  /** Closes the connection. */
  public close(): void {
    this.client.destroy();
  }
}
