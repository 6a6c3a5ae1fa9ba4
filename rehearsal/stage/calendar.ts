import type { Clock } from './clock';
import { expectThat } from './expectation';
import type { DeployedPlatform } from './platform';

/** Lengths of the monitoring periods, as the platform's own settings tell. */
export interface PeriodSettings {
  readonly periodSeconds: number;
  readonly graceSeconds: number;
}

/** Real milliseconds in which the model servers hand their last lines to Firehose. */
const LOG_FLUSH_MILLISECONDS = 1200;

/** CloudWatch looks at its alarms once a minute. */
const ALARM_EVALUATION_SECONDS = 61;

/** What happens in a period takes a few real seconds, and the clock goes on meanwhile. */
const LEAST_ROOM_SECONDS = 60;

/** Lives whole monitoring periods: something happens in one, it closes, and its monitor runs as the schedule would. */
export class Calendar {
  private lastStart = 0;

  constructor(
    private readonly clock: Clock,
    private readonly platform: DeployedPlatform,
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

  /** Moves on past the end of a period and its grace, and runs the monitor with the schedule's own input. */
  private async count(start: Date): Promise<Record<string, unknown>> {
    const closed = start.getTime() + (this.settings.periodSeconds + this.settings.graceSeconds + 1) * 1000;
    await this.moveTo(closed);
    const periodStart = start.toISOString();
    const execution = await this.platform.start(
      'MonitorStateMachineArn',
      `${this.platform.model}-${periodStart.replace(/[^0-9]/g, '')}`,
      { model: this.platform.model, periodStart },
    );
    const { output } = await this.platform.succeeded(execution);
    await this.clock.advance(ALARM_EVALUATION_SECONDS);
    return output;
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
