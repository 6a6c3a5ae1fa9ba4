import type { LogFile, ReadLogFile } from './log-file';
import type { LogObject, LogStore } from './ports';
import type { PlaceProgress, Problem } from './progress';

/** So often an object is listed again that was replaced while it was looked at. */
const MOST_LOOKS = 3;

/** So many objects are looked through side by side. */
const SIDE_BY_SIDE = 4;

/** A log, and how to find somebody in it. */
export interface Log {
  readonly store: LogStore;
  readonly read: ReadLogFile;
  readonly isTheirs: (requestId: string) => boolean;
  /** Whether there is time for more. */
  hasTime(): boolean;
}

/** What became of one object. */
interface Erased {
  rows: number;
  versions: number;
  problems: string[];
}

/**
 * Erases a person from a log, object by object in the order of their keys. An object is replaced under its own name,
 * which is one step, and only then the versions that hold the person go, so whoever is stopped anywhere leaves a whole log.
 */
export async function eraseLog(log: Log, after: string | undefined): Promise<PlaceProgress> {
  const problems: Problem[] = [];
  const sum = { looked: 0, rows: 0, versions: 0 };
  let last = after;
  let group: LogObject[] = [];
  const work = async (): Promise<void> => {
    const answers = await Promise.all(group.map(object => eraseObject(log, object)));
    answers.forEach((erased, index) => {
      sum.rows += erased.rows;
      sum.versions += erased.versions;
      problems.push(...erased.problems.map(reason => ({ where: group[index]?.key ?? '', reason })));
    });
    sum.looked += group.length;
    last = group.at(-1)?.key ?? last;
    group = [];
  };
  for await (const object of log.store.objects(after)) {
    // the first ones are always looked at, or asking again would never end
    if (group.length === 0 && sum.looked > 0 && !log.hasTime())
      return { outcome: 'continue', after: last, ...sum, problems };
    group.push(object);
    if (group.length === SIDE_BY_SIDE) await work();
  }
  await work();
  return { outcome: 'done', after: last, ...sum, problems };
}

/** An object is looked at again where it was replaced since it was listed: what stands there now nobody has seen. */
async function eraseObject(log: Log, listed: LogObject): Promise<Erased> {
  const { key } = listed;
  const sum: Erased = { rows: 0, versions: 0, problems: [] };
  let object = listed;
  for (let look = 1; ; look++) {
    const { missed, ...erased } = await eraseVersions(log, object);
    sum.rows += erased.rows;
    sum.versions += erased.versions;
    // it looked into the same old versions before
    sum.problems = erased.problems;
    if (!missed) return sum;
    if (look === MOST_LOOKS) {
      return { ...sum, problems: [...sum.problems, 'it was replaced each time that it was looked at, erase again'] };
    }
    object = await log.store.object(key);
  }
}

/** Every version is looked into: an old one holds the person as long as it is there. */
async function eraseVersions(
  { store, read, isTheirs }: Log,
  { key, versions }: LogObject,
): Promise<Erased & { missed: boolean }> {
  const erased = { rows: 0, versions: 0, problems: [] as string[], missed: false };
  const gone: LogObject['versions'][number][] = [];
  for (const version of versions.filter(({ isMarker }) => !isMarker)) {
    const bytes = await store.read(key, version.versionId);
    if (bytes === undefined) {
      // an old one expired a moment ago; what comes after the latest is in no list yet
      erased.missed ||= version.isLatest;
      continue;
    }
    try {
      const file: LogFile = await read(key, bytes, isTheirs);
      if (file.unreadable > 0) {
        erased.problems.push(
          `${file.unreadable} lines are no JSON objects, nobody can tell whose they are; put them right or delete them, then erase again`,
        );
      }
      if (file.theirs === 0) continue;
      if (version.isLatest) {
        await store.replace(key, await file.without(), version.etag);
        erased.rows += file.theirs;
      }
      gone.push(version);
    } catch (error) {
      if (isOfStore(error)) throw error;
      erased.problems.push(`it could not be looked through: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await store.remove(key, gone);
  return { ...erased, versions: gone.length };
}

/** What S3 refuses is no fault of the file: the whole erasure fails and is asked for again. */
function isOfStore(error: unknown): boolean {
  return error instanceof Error && '$metadata' in error;
}
