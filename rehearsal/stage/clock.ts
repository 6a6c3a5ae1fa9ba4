import type { LocalCloud } from '../../local-cloud/start';

const MINUTE_SECONDS = 60;
const AFTER_MINUTE_SECONDS = 0.5;

/** The local cloud's clock, which only the rehearsal moves; so it knows the time without asking. */
export class Clock {
  private constructor(
    private readonly cloud: LocalCloud,
    private offsetMs: number,
  ) {}

  static async of(cloud: LocalCloud): Promise<Clock> {
    return new Clock(cloud, (await cloud.clock.state()).offsetMs);
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /** Moves it on to the next time that lies `phaseSeconds` after a whole number of periods since the epoch. */
  async advanceToPhase(periodSeconds: number, phaseSeconds: number): Promise<void> {
    const passed = (this.now().getTime() / 1000 - phaseSeconds) % periodSeconds;
    await this.advance(periodSeconds - passed);
  }

  /**
   * Moves it on over the next full minute, at which CloudWatch looks at its alarms, and no further: what an alarm starts
   * then takes its own time.
   */
  async advancePastMinute(): Promise<void> {
    await this.advance(MINUTE_SECONDS - ((this.now().getTime() / 1000) % MINUTE_SECONDS) + AFTER_MINUTE_SECONDS);
  }

  /** Moves it on; alarms and schedules on the way have had their turn when this returns. */
  async advance(seconds: number): Promise<void> {
    this.offsetMs = (await this.cloud.clock.advance(seconds)).offsetMs;
  }
}
