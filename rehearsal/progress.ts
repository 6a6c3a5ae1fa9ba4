/** Where progress is written; a terminal, a file or a pipe. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Tells a person what the rehearsal is doing. */
export interface Progress {
  /** An act begins. */
  begin(id: number, name: string): void;
  /** What the act is doing now, in a few words. */
  step(what: string): void;
  /** The act that began last is over. */
  end(ok: boolean): void;
  /** A line to keep that belongs to no act. */
  note(line: string): void;
  /** Stops and clears whatever moves; safe to call twice and at any time. */
  close(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MILLISECONDS = 80;
const DEFAULT_COLUMNS = 80;
const NAME_WIDTH = 34;
const CLEAR_LINE = '\r\u001b[2K';
const COLOURS = { green: 32, red: 31, dim: 2 } as const;

/**
 * A moving line on a terminal, and plain lines anywhere else, in CI, or for who sets `NO_COLOR`: a log is read later,
 * and by a screen reader aloud.
 */
export function progressTo(
  stream: ProgressStream,
  actsPlanned: number,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Progress {
  const plain =
    stream.isTTY !== true || Boolean(environment.NO_COLOR) || Boolean(environment.CI) || environment.TERM === 'dumb';
  return plain ? new PlainProgress(stream, actsPlanned) : new TerminalProgress(stream, actsPlanned);
}

interface RunningAct {
  readonly label: string;
  readonly name: string;
  readonly startedAt: number;
}

abstract class ActTimer implements Progress {
  protected act: RunningAct | undefined;

  constructor(
    protected readonly stream: ProgressStream,
    private readonly actsPlanned: number,
  ) {}

  begin(id: number, name: string): void {
    const width = String(this.actsPlanned).length;
    this.act = {
      label: `${String(id).padStart(width)}/${this.actsPlanned}`,
      name,
      startedAt: performance.now(),
    };
  }

  abstract step(what: string): void;
  abstract end(ok: boolean): void;

  note(line: string): void {
    this.stream.write(`${line}\n`);
  }

  close(): void {
    this.act = undefined;
  }

  protected seconds(act: RunningAct): string {
    return `${((performance.now() - act.startedAt) / 1000).toFixed(1)} s`;
  }
}

class PlainProgress extends ActTimer {
  override step(what: string): void {
    this.stream.write(this.act === undefined ? `${what}\n` : `${this.act.label}  ${this.act.name}: ${what}\n`);
  }

  override end(ok: boolean): void {
    if (this.act !== undefined) {
      this.stream.write(`${this.act.label}  ${this.act.name}: ${ok ? 'ok' : 'FAILED'} (${this.seconds(this.act)})\n`);
      this.act = undefined;
    }
  }
}

class TerminalProgress extends ActTimer {
  private what = '';
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;

  override begin(id: number, name: string): void {
    super.begin(id, name);
    this.what = '';
    this.timer ??= setInterval(() => this.draw(), FRAME_MILLISECONDS);
    // the spinner alone must not keep a finished process alive
    this.timer.unref();
    this.draw();
  }

  override step(what: string): void {
    this.what = what;
    this.draw();
  }

  override end(ok: boolean): void {
    if (this.act === undefined) {
      return;
    }
    const mark = ok ? paint('✓', 'green') : paint('✗', 'red');
    const { label, name } = this.act;
    this.stream.write(
      `${CLEAR_LINE}${mark} ${paint(label, 'dim')}  ${name.padEnd(NAME_WIDTH)} ${this.seconds(this.act).padStart(8)}\n`,
    );
    this.stop();
  }

  override note(line: string): void {
    this.stream.write(this.act === undefined ? `${line}\n` : `${CLEAR_LINE}${line}\n`);
    this.draw();
  }

  override close(): void {
    if (this.act !== undefined) {
      this.stream.write(CLEAR_LINE);
    }
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.act = undefined;
  }

  private draw(): void {
    if (this.act === undefined) {
      return;
    }
    const { label, name } = this.act;
    const head = `${FRAMES[this.frame++ % FRAMES.length]} ${label}  ${name}`;
    const tail = ` ${this.seconds(this.act)}`;
    // a line that wraps could not be cleared again
    const room = (this.stream.columns ?? DEFAULT_COLUMNS) - tail.length - 1;
    const body = this.what === '' ? head : `${head} · ${this.what}`;
    this.stream.write(`${CLEAR_LINE}${body.length > room ? `${body.slice(0, Math.max(0, room - 1))}…` : body}${tail}`);
  }
}

function paint(text: string, colour: keyof typeof COLOURS): string {
  return `\u001b[${COLOURS[colour]}m${text}\u001b[0m`;
}
