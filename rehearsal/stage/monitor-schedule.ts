import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  UpdateScheduleCommand,
  type ScheduleState,
} from '@aws-sdk/client-scheduler';
import type { Aws } from './aws';
import { expectThat } from './expectation';

const MINUTE_MS = 60_000;

/** The schedule that starts a model's monitor once a period, as the stack has made it. */
export class MonitorSchedule {
  private constructor(
    private readonly aws: Aws,
    private readonly name: string,
    private readonly createdAt: number,
    private readonly intervalMs: number,
  ) {}

  static async of(aws: Aws, stackName: string): Promise<MonitorSchedule> {
    const { StackResourceSummaries: resources = [] } = await aws.cloudFormation.send(
      new ListStackResourcesCommand({ StackName: stackName }),
    );
    const name = resources.find(({ ResourceType }) => ResourceType === 'AWS::Scheduler::Schedule')?.PhysicalResourceId;
    expectThat(name !== undefined, 'a schedule of the monitor in its stack', stackName);
    const { CreationDate, ScheduleExpression, State } = await aws.scheduler.send(
      new GetScheduleCommand({ Name: name }),
    );
    const minutes = Number(/^rate\((\d+) minutes?\)$/.exec(ScheduleExpression ?? '')?.[1]);
    expectThat(minutes > 0 && State === 'ENABLED', 'the monitor to be started every few minutes', {
      ScheduleExpression,
      State,
    });
    return new MonitorSchedule(aws, name, CreationDate?.getTime() ?? 0, minutes * MINUTE_MS);
  }

  /** The first time from `milliseconds` on at which it fires: a rate counts from the schedule's creation. */
  nextFrom(milliseconds: number): number {
    return this.createdAt + Math.ceil((milliseconds - this.createdAt) / this.intervalMs) * this.intervalMs;
  }

  /** Switches it off, or on again, as a person does who knows that nobody calls. */
  async switchTo(State: ScheduleState): Promise<void> {
    const schedule = await this.aws.scheduler.send(new GetScheduleCommand({ Name: this.name }));
    await this.aws.scheduler.send(new UpdateScheduleCommand({ ...settingsOf(schedule), Name: this.name, State }));
  }
}

/** What an update has to give again: it replaces all of the schedule. */
function settingsOf({
  ScheduleExpression,
  FlexibleTimeWindow,
  Target,
  Description,
  GroupName,
}: GetScheduleCommandOutput) {
  return { ScheduleExpression, FlexibleTimeWindow, Target, Description, GroupName };
}
