/** What Linux tells about processes: read from `/proc`, so that nothing is found by a name that another may have too. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const BYTES_PER_KIB = 1024;

/** Ids of the processes that a process has started, and of those that they have. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter(entry => /^\d+$/.test(entry))
      .map(entry => [Number(entry), parentOf(Number(entry))] as const),
  );
  const found = [pid];
  for (const ancestor of found) {
    found.push(...[...parents].filter(([, parent]) => parent === ancestor).map(([child]) => child));
  }
  return found.slice(1);
}

/** What it was started by. */
export function commandOf(pid: number): string {
  return read(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

/** Bytes of memory that it has now. */
export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1];
  if (kibibytes === undefined) {
    throw new Error(`process ${pid} has ended`);
  }
  return Number(kibibytes) * BYTES_PER_KIB;
}

/** What it holds open: files, pipes and sockets, as the kernel names them. */
export function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap(entry => {
    try {
      return readlinkSync(`${folder}/${entry}`);
    } catch {
      // closed since it was listed
      return [];
    }
  });
}

/** Loopback ports on which these processes listen. */
export function listeningPorts(pids: readonly number[]): number[] {
  const sockets = new Set(pids.flatMap(pid => openFiles(pid)));
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(`socket:[${inode ?? ''}]`))
    .map(([, address = '']) => parseInt(address.split(':')[1] ?? '', 16));
}

function parentOf(pid: number): number | undefined {
  // the name in parentheses may hold anything, also spaces and parentheses
  const fields = read(pid, 'stat')
    .replace(/^.*\)\s*/s, '')
    .split(' ');
  return fields[1] === undefined ? undefined : Number(fields[1]);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // it has ended since it was listed
    return '';
  }
}
