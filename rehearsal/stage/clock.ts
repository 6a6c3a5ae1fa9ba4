import type { LocalCloud } from '../../local-cloud/start';

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

  /** Moves it on; alarms and schedules on the way have had their turn when this returns. */
  async advance(seconds: number): Promise<void> {
    this.offsetMs = (await this.cloud.clock.advance(seconds)).offsetMs;
  }
}
