import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

type Shell = ChildProcessByStdio<Writable, null, null>;

/**
 * Reads `+ pid`, `- pid` and `rm folder` lines; when its input ends, because the server ended or was killed, it ends the
 * process groups that are left and then removes the folders. `kill -s TERM` and not `kill -TERM`: dash takes the latter's
 * `--` for a number.
 */
const SCRIPT = `
pids=' '
while read -r op pid; do
  case "$op" in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
    rm) set -- "$@" "$pid" ;;
  esac
done
for pid in $pids; do kill -s TERM -- "-$pid" 2>/dev/null; done
[ "$pids" = ' ' ] || [ -z "\${pids# }" ] || sleep 2
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
[ $# -eq 0 ] || rm -rf -- "$@"
`;

/** Ends the process groups that this process started, should it be killed before it can. */
export class Reaper {
  private child: Shell | undefined;

  /** Has the process group of `pid` ended with this server. */
  public watch(pid: number): void {
    this.child ??= this.start();
    this.child.stdin.write(`+ ${pid}\n`);
  }

  /** Has `folder` removed once the groups have ended; nothing if it is gone by then. */
  public remove(folder: string): void {
    this.child ??= this.start();
    this.child.stdin.write(`rm ${folder}\n`);
  }

  /** The process group of `pid` is gone: its number may come to name another. */
  public release(pid: number): void {
    this.child?.stdin.write(`- ${pid}\n`);
  }

  /** Ends the reaper itself. */
  public close(): void {
    this.child?.stdin.end();
    this.child = undefined;
  }

  private start(): Shell {
    // a group of its own, so that a Ctrl-C at the terminal does not end it before its work is due
    const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    // writing to a reaper that is gone must not end the server
    child.stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    child.unref();
    return child;
  }
}
