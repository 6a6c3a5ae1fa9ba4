/** Where the local cloud's clock stands. */
export interface ClockState {
  /** Shifted time. */
  readonly now: Date;
  /** How far it is ahead of real time. */
  readonly offsetMs: number;
}

/** The movable clock of a running local cloud; it only goes forward. */
export class LocalClock {
  constructor(private readonly endpoint: string) {}

  /** Where it stands. */
  public async state(): Promise<ClockState> {
    return this.call();
  }

  /** Shifted time. */
  public async now(): Promise<Date> {
    return (await this.call()).now;
  }

  /**
   * Moves it on. Alarms are evaluated and schedules fire on the way, each at its time; returns once they have.
   */
  public async advance(seconds: number): Promise<ClockState> {
    return this.call({ method: 'POST', body: JSON.stringify({ advanceSeconds: seconds }) });
  }

  private async call(init?: RequestInit): Promise<ClockState> {
    const response = await fetch(`${this.endpoint}/_mlops/clock`, init);
    const answer = (await response.json()) as { now?: number; offsetMs?: number; message?: string };
    if (answer.now === undefined || answer.offsetMs === undefined) {
      throw new Error(`the clock did not move: ${answer.message ?? `HTTP ${String(response.status)}`}`);
    }
    return { now: new Date(answer.now * 1000), offsetMs: answer.offsetMs };
  }
}
