import { readFileSync, readdirSync } from 'node:fs';

const SAMPLE_MILLISECONDS = 500;
const PAGE_BYTES = 4096;

interface ProcessStatus {
  readonly parent: number;
  readonly bytes: number;
}

/** Watches how much memory this process and all its descendants hold together; Linux only, 0 elsewhere. */
export class MemoryWatch {
  peakBytes = 0;
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => this.sample(), SAMPLE_MILLISECONDS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    const processes = readProcesses();
    const held = (pid: number): number =>
      [...processes].reduce(
        (sum, [child, status]) => (status.parent === pid ? sum + held(child) : sum),
        processes.get(pid)?.bytes ?? 0,
      );
    this.peakBytes = Math.max(this.peakBytes, held(process.pid));
  }
}

function readProcesses(): Map<number, ProcessStatus> {
  const processes = new Map<number, ProcessStatus>();
  let names: string[];
  try {
    names = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  } catch {
    // no /proc on this system
    return processes;
  }
  for (const name of names) {
    try {
      // the command's name stands in parentheses and may hold spaces
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? [];
      processes.set(Number(name), { parent: Number(fields[1]), bytes: Number(fields[21]) * PAGE_BYTES });
    } catch {
      // the process has ended between the two looks
    }
  }
  return processes;
}
