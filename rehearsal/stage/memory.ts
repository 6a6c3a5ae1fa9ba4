import { readFileSync, readdirSync } from 'node:fs';

const SAMPLE_MILLISECONDS = 1000;
const KIBIBYTE = 1024;

interface ProcessStatus {
  readonly parent: number;
  /** Its own pages and its part of those it shares: what these sum up to is held once. */
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
      const proportional = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${name}/smaps_rollup`, 'utf8'));
      processes.set(Number(name), { parent: Number(fields[1]), bytes: Number(proportional?.[1] ?? 0) * KIBIBYTE });
    } catch {
      // the process has ended between the two looks
    }
  }
  return processes;
}
