import fc from 'fast-check';
import { listPage } from '../../../../local-cloud/sagemaker/store/listing';

const DEFAULTS = { sortBy: 'CreationTime', sortOrder: 'Ascending' } as const;
const item = (
  name: string,
  second: number,
  status = 'InService',
): { name: string; creationTime: Date; status: string } => ({
  name,
  creationTime: new Date(second * 1000),
  status,
});

test('pages hold each item once, in order, whatever the page size', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), second: fc.nat(3) }), {
        selector: ({ name }) => name,
      }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('Name', 'CreationTime', 'Status'),
      fc.constantFrom('Ascending', 'Descending'),
      (drawn, MaxResults, SortBy, SortOrder) => {
        const all = drawn.map(({ name, second }) => item(name, second));
        const request = { SortBy, SortOrder };
        const whole = listPage(all, { ...request, MaxResults: 100 }, DEFAULTS).items;
        const paged: typeof all = [];
        let token: string | undefined;
        do {
          const page = listPage(
            all,
            { ...request, MaxResults, ...(token !== undefined && { NextToken: token }) },
            DEFAULTS,
          );
          expect(page.items.length).toBeLessThanOrEqual(MaxResults);
          paged.push(...page.items);
          token = page.nextToken;
        } while (token !== undefined);
        expect(paged).toEqual(whole);
        expect(whole).toHaveLength(all.length);
      },
    ),
  );
});

test('an item that is deleted between two pages shifts nothing', () => {
  const all = ['a', 'b', 'c', 'd'].map((name, i) => item(name, i));
  const { nextToken = '' } = listPage(all, { MaxResults: 2 }, DEFAULTS);
  const rest = listPage(all.slice(1), { MaxResults: 2, NextToken: nextToken }, DEFAULTS);
  expect(rest.items.map(({ name }) => name)).toEqual(['c', 'd']);
});

test('gives ten items when no number is asked for', () => {
  const all = Array.from({ length: 12 }, (_, i) => item(`item-${i}`, i));
  expect(listPage(all, {}, DEFAULTS).items).toHaveLength(10);
});

test('filters by name, status and time', () => {
  const all = [item('rain', 1), item('rain-old', 5, 'Failed'), item('snow', 9)];
  const names = (request: Parameters<typeof listPage>[1]): string[] =>
    listPage(all, request, DEFAULTS).items.map(({ name }) => name);
  expect(names({ NameContains: 'rain' })).toEqual(['rain', 'rain-old']);
  expect(names({ StatusEquals: 'Failed' })).toEqual(['rain-old']);
  expect(names({ CreationTimeAfter: new Date(5000) })).toEqual(['rain-old', 'snow']);
  expect(names({ LastModifiedTimeBefore: new Date(5000) })).toEqual(['rain', 'rain-old']);
});

test('fails for a token that is not its own', () => {
  expect(() => listPage([], { NextToken: 'x' }, DEFAULTS)).toThrow("Invalid NextToken: 'x'");
});
