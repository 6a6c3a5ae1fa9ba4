import type { PlaceProgress, Problem } from './progress';

/** Where rows of a person are, in the order in which they are erased. */
export const PLACES = ['landed', 'predictions', 'labels'] as const;
export type PlaceName = (typeof PLACES)[number];

/** Erases in one place, from where it was left. */
export type ErasePlace = (after: string | undefined) => Promise<PlaceProgress>;

/** How far an erasure has come in this call. */
export interface Progress {
  readonly outcome: 'done' | 'continue';
  /** With `continue`: what to ask again with. */
  readonly after?: string;
  readonly looked: Readonly<Record<PlaceName, number>>;
  readonly rows: Readonly<Record<PlaceName, number>>;
  readonly versions: number;
  readonly problems: readonly Problem[];
}

/** Erases in one place after the other until time is up; how far it came goes back as a text, to be given again. */
export async function erasePerson(
  places: Readonly<Record<PlaceName, ErasePlace>>,
  hasTime: () => boolean,
  from: string | undefined,
): Promise<Progress> {
  const begin = readPosition(from);
  const looked = { landed: 0, predictions: 0, labels: 0 };
  const rows = { landed: 0, predictions: 0, labels: 0 };
  const problems: Problem[] = [];
  let versions = 0;
  for (const name of PLACES.slice(PLACES.indexOf(begin.place))) {
    // a call that came to a new place has done something, unless it begins there
    if (name !== begin.place && !hasTime()) {
      return { outcome: 'continue', after: position(name), looked, rows, versions, problems };
    }
    const progress = await places[name](name === begin.place ? begin.after : undefined);
    looked[name] = progress.looked;
    rows[name] = progress.rows;
    versions += progress.versions;
    problems.push(...progress.problems);
    if (progress.outcome === 'continue') {
      return { outcome: 'continue', after: position(name, progress.after), looked, rows, versions, problems };
    }
  }
  return { outcome: 'done', looked, rows, versions, problems };
}

function position(place: PlaceName, after = ''): string {
  return `${place}:${after}`;
}

function readPosition(text: string | undefined): { place: PlaceName; after?: string } {
  if (text === undefined) return { place: PLACES[0] };
  const [name = ''] = text.split(':', 1);
  const place = PLACES.find(candidate => candidate === name);
  if (place === undefined) {
    throw new Error(`'after' is '${text}', must be what the last answer said, or left out to begin anew`);
  }
  const after = text.slice(place.length + 1);
  return after === '' ? { place } : { place, after };
}
