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

/** A schedule that starts something again and again, as a stack has made it. */
export class Schedule {
  private constructor(
    private readonly aws: Aws,
    private readonly name: string,
    private readonly createdAt: number,
    readonly intervalMs: number,
  ) {}

  /** All those of a stack. */
  static async of(aws: Aws, stackName: string): Promise<Schedule[]> {
    const { StackResourceSummaries: resources = [] } = await aws.cloudFormation.send(
      new ListStackResourcesCommand({ StackName: stackName }),
    );
    const named = resources.filter(({ ResourceType }) => ResourceType === 'AWS::Scheduler::Schedule');
    const schedules = await Promise.all(
      named.map(({ PhysicalResourceId }) => Schedule.named(aws, PhysicalResourceId ?? '')),
    );
    expectThat(schedules.length > 0, 'schedules in the stacks of platform and model', stackName);
    return schedules;
  }

  private static async named(aws: Aws, name: string): Promise<Schedule> {
    const { CreationDate, ScheduleExpression, State } = await aws.scheduler.send(
      new GetScheduleCommand({ Name: name }),
    );
    const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(ScheduleExpression ?? '') ?? [];
    const intervalMs = Number(count) * (unit === 'hour' ? 60 : 1) * MINUTE_MS;
    expectThat(intervalMs > 0 && State === 'ENABLED', 'each schedule to be on, at a rate of minutes or hours', {
      name,
      ScheduleExpression,
      State,
    });
    return new Schedule(aws, name, CreationDate?.getTime() ?? 0, intervalMs);
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
