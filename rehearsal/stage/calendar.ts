import type { Clock } from './clock';
import { expectThat, until } from './expectation';
import type { DeployedPlatform, EndedExecution } from './platform';
import type { Schedule } from './schedule';

/** Lengths of the monitoring periods, as the platform's own settings tell. */
export interface PeriodSettings {
  readonly periodSeconds: number;
  readonly graceSeconds: number;
}

/** Real milliseconds in which the model servers hand their last lines to Firehose. */
const LOG_FLUSH_MILLISECONDS = 1200;

/** So long after its time a schedule has surely fired. */
const AFTER_FIRING_MS = 1500;
/** A schedule tells its time in whole seconds, and fires a little after it. */
const SAME_TIME_MS = 5000;
/** Executions among which the one that was just started is. */
const NEWEST = 3;

/** What happens in a period takes a few real seconds, and the clock goes on meanwhile. */
const LEAST_ROOM_SECONDS = 60;

/** Lives whole monitoring periods: something happens in one, it closes, and the schedule has it counted. */
export class Calendar {
  private lastStart = 0;

  constructor(
    private readonly clock: Clock,
    private readonly platform: DeployedPlatform,
    private readonly schedule: Schedule,
    private readonly settings: PeriodSettings,
  ) {}

  /** Lives one period: `happening` plays in it, then it closes and is counted, while the next one runs. */
  async live(happening: () => Promise<unknown>): Promise<Record<string, unknown>> {
    const start = await this.enterPeriod();
    await happening();
    const inPeriod = this.clock.now().getTime() - start.getTime() < this.settings.periodSeconds * 1000;
    expectThat(inPeriod, `what happens in the period from ${start.toISOString()} to fit into it`, this.clock.now());
    await new Promise(resolve => setTimeout(resolve, LOG_FLUSH_MILLISECONDS));
    return this.count(start);
  }

  /** Moves on to the first time after a period's end and its grace at which the schedule starts the monitor. */
  private async count(start: Date): Promise<Record<string, unknown>> {
    const closed = start.getTime() + (this.settings.periodSeconds + this.settings.graceSeconds) * 1000;
    const due = this.schedule.nextFrom(closed);
    await this.moveTo(due + AFTER_FIRING_MS);
    const { output } = await this.startedBySchedule(due);
    expectThat(
      output['periodStart'] === start.toISOString(),
      `the schedule to have the period from ${start.toISOString()} counted`,
      output,
    );
    await this.clock.advancePastMinute();
    return output;
  }

  /** The monitor's execution that the schedule started at a time of its own. */
  private async startedBySchedule(due: number): Promise<EndedExecution> {
    const executions = (): Promise<string[]> => this.platform.executions('MonitorStateMachineArn');
    const arn = await until(
      `the schedule to start the monitor at ${new Date(due).toISOString()}`,
      async () => {
        for (const candidate of (await executions()).slice(0, NEWEST)) {
          const { scheduledTime } = await this.platform.inputOf(candidate);
          if (Math.abs(Date.parse(String(scheduledTime)) - due) < SAME_TIME_MS) return candidate;
        }
        return undefined;
      },
      executions,
    );
    return this.platform.succeeded(arn);
  }

  /** The period that runs now, or the next one if this has been lived already or is nearly over. */
  private async enterPeriod(): Promise<Date> {
    const length = this.settings.periodSeconds * 1000;
    const now = this.clock.now().getTime();
    const running = Math.floor(now / length) * length;
    const enoughLeft = running + length - now > LEAST_ROOM_SECONDS * 1000;
    const start = running > this.lastStart && enoughLeft ? running : running + length;
    await this.moveTo(start + 1000);
    this.lastStart = start;
    return new Date(start);
  }

  private async moveTo(milliseconds: number): Promise<void> {
    const seconds = Math.ceil((milliseconds - this.clock.now().getTime()) / 1000);
    if (seconds > 0) {
      await this.clock.advance(seconds);
    }
  }
}
