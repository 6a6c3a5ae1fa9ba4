import { UsageError } from './errors';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** When a hold ends: a time with its zone, or a length from now such as `8h`. ISO 8601, UTC. */
export function readUntil(text: string, now: Date): string {
  const until = momentOf(text, now);
  if (until === undefined) {
    throw new UsageError(
      `'--until' must be a length such as '30m', '8h' or '2d', or a time with its zone such as '2026-12-01T08:00:00Z', got '${text}'`,
    );
  }
  if (until.getTime() <= now.getTime()) {
    throw new UsageError(`'--until' must be in the future, got '${text}' and it is ${now.toISOString()}`);
  }
  return until.toISOString();
}

/** Since when an audit looks: a time with its zone, or how long ago, such as `30d`. ISO 8601, UTC. */
export function readSince(text: string, now: Date): string {
  const since = momentOf(text, now, -1);
  if (since === undefined) {
    throw new UsageError(
      `'--since' must be a length such as '8h' or '30d', or a time with its zone such as '2026-12-01T08:00:00Z', got '${text}'`,
    );
  }
  if (since.getTime() > now.getTime()) {
    throw new UsageError(`'--since' must be in the past, got '${text}' and it is ${now.toISOString()}`);
  }
  return since.toISOString();
}

function momentOf(text: string, now: Date, direction = 1): Date | undefined {
  const length = /^([1-9]\d*)([mhd])$/.exec(text);
  if (length !== null) {
    const milliseconds = Number(length[1]) * UNITS[length[2] as keyof typeof UNITS];
    return valid(new Date(now.getTime() + direction * milliseconds));
  }
  // without a zone it would be another time on another machine
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? valid(new Date(text)) : undefined;
}

function valid(time: Date): Date | undefined {
  return Number.isNaN(time.getTime()) ? undefined : time;
}
