import * as fc from 'fast-check';
import { BROKEN_ROWS, FEATURES, parseWeather, SECOND_WORLD_STARTS, Worlds, type Row } from '../../rehearsal/dataset';

const ROWS: readonly Row[] = Array.from({ length: 12_400 }, (_, index) => ({
  index,
  label: index % 2,
  features: { temperature: index },
}));
const HEADER =
  ',temperature,dew point,sea-level pressure,visibility,average wind speed,max sustained wind-speed,minimum temperature,maximum temperature,rain';

const takes = fc.array(fc.record({ world: fc.constantFrom('W1' as const, 'W2' as const), count: fc.nat(60) }), {
  minLength: 1,
  maxLength: 6,
});

describe('Worlds', () => {
  test('no row is used twice, and each comes from the world asked for', () => {
    fc.assert(
      fc.property(fc.integer(), takes, (seed, asked) => {
        // GIVEN
        const worlds = new Worlds(ROWS, seed);

        // WHEN
        const taken = asked.map(({ world, count }) => ({ world, count, rows: worlds.take(world, count) }));

        // THEN
        const indices = taken.flatMap(({ rows }) => rows.map(row => row.index));
        expect(new Set(indices).size).toBe(indices.length);
        for (const { world, count, rows } of taken) {
          expect(rows).toHaveLength(count);
          expect(rows.every(row => row.index < SECOND_WORLD_STARTS === (world === 'W1'))).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('the same seed and the same takes give the same rows; another seed gives others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), seed => {
        const take = (by: number) => new Worlds(ROWS, by).take('W1', 200).map(row => row.index);
        expect(take(seed)).toEqual(take(seed));
        expect(take(seed)).not.toEqual(take(seed + 1));
      }),
      { numRuns: 10 },
    );
  });

  test('the first take from W1 holds the broken rows, wherever the order puts them; no later one does', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: BROKEN_ROWS.length, max: 300 }), (seed, count) => {
        // GIVEN
        const worlds = new Worlds(ROWS, seed);

        // WHEN
        const first = worlds.take('W1', count).map(row => row.index);
        const later = worlds.take('W1', 300).map(row => row.index);

        // THEN
        expect(first).toEqual(expect.arrayContaining([...BROKEN_ROWS]));
        expect(later.filter(index => BROKEN_ROWS.includes(index))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test('a world can be used up to its last row', () => {
    const worlds = new Worlds(ROWS, 1);
    expect(new Set(worlds.take('W1', SECOND_WORLD_STARTS).map(row => row.index)).size).toBe(SECOND_WORLD_STARTS);
    expect(worlds.left('W1')).toBe(0);
    expect(worlds.left('W2')).toBe(ROWS.length - SECOND_WORLD_STARTS);
  });

  test('fails when more rows are asked for than are left, and takes none', () => {
    const worlds = new Worlds(ROWS, 1);
    expect(() => worlds.take('W2', 401)).toThrow("'count' is 401, but world 'W2' has 400 unused rows");
    expect(worlds.left('W2')).toBe(400);
  });
});

describe('parseWeather', () => {
  test('names the columns as the model does', () => {
    // WHEN
    const [row] = parseWeather(`${HEADER}\n0,1,2,3,4,5,6,7,-8.25,1\n`, 'weather.csv');

    // THEN
    expect(Object.keys(row.features)).toEqual(FEATURES);
    expect(row).toMatchObject({ index: 0, label: 1, features: { maximum_temperature: -8.25 } });
  });

  test('fails on other columns, naming the file and the columns', () => {
    expect(() => parseWeather('a,b\n1,2\n', 'weather.csv')).toThrow("'weather.csv' has the columns 'a,b'");
  });

  test.each(['0,1,2,3', '0,1,2,x,4,5,6,7,8,1', '0,1,2,,4,5,6,7,8,1', '7,1,2,3,4,5,6,7,8,1'])(
    'fails on the line %s, naming it',
    line => {
      expect(() => parseWeather(`${HEADER}\n${line}\n`, 'weather.csv')).toThrow("'weather.csv' line 2");
    },
  );
});
