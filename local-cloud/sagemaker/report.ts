import { messageOf } from './errors';

/** Takes what went wrong beside the work and changes nothing of its outcome, such as a log line that was not delivered. */
export interface Reporter {
  warn(what: string, error: unknown): void;
}

/** Writes warnings to standard error, the same one not more often than once, so that a lasting fault is no flood. */
export class ConsoleReporter implements Reporter {
  private readonly said = new Set<string>();

  public warn(what: string, error: unknown): void {
    const line = `sagemaker: ${what}: ${messageOf(error)}`;
    if (!this.said.has(line)) {
      this.said.add(line);
      process.stderr.write(`${line}\n`);
    }
  }
}
