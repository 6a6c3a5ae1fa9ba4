import type { Fleet } from './fleet';

interface Share {
  readonly fleet: Fleet;
  readonly share: number;
}

/** Which fleets get the endpoint's requests, and how much each. It changes in one step, between two requests. */
export class Traffic {
  private shares: readonly Share[] = [];

  /** Everything goes to one fleet. */
  public allTo(fleet: Fleet): void {
    this.shares = [{ fleet, share: 1 }];
  }

  /** `share` of the requests, 0 to 1, goes to green and the rest to blue. */
  public split(blue: Fleet, green: Fleet, share: number): void {
    this.shares = [
      { fleet: green, share },
      { fleet: blue, share: 1 - share },
    ];
  }

  /** Nothing answers any more. */
  public stop(): void {
    this.shares = [];
  }

  /** The fleet for a request, drawn by `random` from 0 to below 1; undefined when nothing answers. */
  public draw(random: number): Fleet | undefined {
    let left = random;
    return this.shares.find(({ share }) => (left -= share) < 0)?.fleet ?? this.shares.at(-1)?.fleet;
  }
}
