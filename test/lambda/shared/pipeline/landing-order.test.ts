import fc from 'fast-check';
import { landingOrder, newestFirst } from '../../../../lambda/shared/pipeline/landing-order';
import type { LandedBatch } from '../../../../lambda/shared/pipeline/ready-manifest';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString();
const batch = (batchId: string, second: number): LandedBatch => ({ batchId, readyAt: at(second), declaration: '' });
const ready = (landedAt?: string): string =>
  JSON.stringify({ files: [{ key: 'a.csv', rows: 1, sha256: 'a'.repeat(64) }], rows: 1, landedAt });

async function orderOf(batches: readonly LandedBatch[], texts: Record<string, string> = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { batchId } of newestFirst(batches, id => Promise.resolve(texts[id] ?? ready())))
    found.push(batchId);
  return found;
}

describe('newestFirst', () => {
  test('goes by the time of landing, then by the batch', async () => {
    const batches = [batch('z', 0), batch('a', 5), batch('b', 5)];

    expect(await orderOf(batches)).toEqual(['b', 'a', 'z']);
    expect(landingOrder({ batchId: 'z', landedAt: at(0) }) < landingOrder({ batchId: 'a', landedAt: at(5) })).toBe(
      true,
    );
  });

  test('stays as it was, whichever batches somebody is erased from, and however often', async () => {
    const landed = fc.uniqueArray(
      fc.record({ second: fc.nat({ max: 5 }), erasedAt: fc.option(fc.integer({ min: 6, max: 9 })) }),
      {
        maxLength: 8,
        selector: ({ second, erasedAt }) => `${second} ${erasedAt}`,
      },
    );
    await fc.assert(
      fc.asyncProperty(landed, async given => {
        const before = given.map(({ second }, index) => batch(`b${index}`, second));
        const after = given.map(({ second, erasedAt }, index) => batch(`b${index}`, erasedAt ?? second));
        const texts = given.map(({ second, erasedAt }, index) => [
          `b${index}`,
          ready(erasedAt === null ? undefined : at(second)),
        ]);

        expect(await orderOf(after, Object.fromEntries(texts))).toEqual(await orderOf(before));
      }),
    );
  });

  test('lets no declaration make a batch newer than it was written', async () => {
    expect(await orderOf([batch('a', 1), batch('b', 2)], { a: ready(at(9)) })).toEqual(['b', 'a']);
  });

  test('goes by the last write of a declaration that cannot be read', async () => {
    expect(await orderOf([batch('a', 1), batch('b', 2)], { b: '{' })).toEqual(['b', 'a']);
  });

  test('reads no declaration of a batch that is not asked for', async () => {
    const read: string[] = [];
    const order = newestFirst([batch('a', 1), batch('b', 2), batch('c', 3)], id => {
      read.push(id);
      return Promise.resolve(ready());
    });

    await order.next();

    expect(read).toEqual(['c']);
  });
});
