import fc from 'fast-check';
import { DryBatch } from '../../../lambda/erasure/dry-run';
import { eraseBatch } from '../../../lambda/erasure/erase-batch';
import { MemoryBatch } from './memory-batch';

const SUBJECT = { column: 'person', key: 'ada' };

test('a dry run of a batch tells what an erasure would, and changes nothing', async () => {
  const file = fc.array(fc.constantFrom('ada', 'bob'), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), fc.boolean(), async (files, isUndeclared) => {
      // GIVEN
      const batch = new MemoryBatch();
      batch.land(
        Object.fromEntries(
          files.map((rows, index) => [`${index}.csv`, ['person,x', ...rows.map(who => `${who},1`), ''].join('\n')]),
        ),
        Object.fromEntries(files.map((rows, index) => [`${index}.csv`, rows.length])),
      );
      if (isUndeclared) batch.put('next.csv', 'person,x\n');
      const before = batch.everything();

      // WHEN
      const dry = await eraseBatch(SUBJECT, new DryBatch(batch));

      // THEN
      expect(batch.everything()).toBe(before);
      expect(batch.curated).toBe(true);
      expect(await eraseBatch(SUBJECT, batch)).toEqual(dry);
    }),
  );
});
