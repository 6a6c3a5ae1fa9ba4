import fc from 'fast-check';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readJsonLines } from '../../../lambda/erasure/json-lines';

const isTheirs = (id: string): boolean => id.startsWith('ada/');
const label = (id: unknown): string => JSON.stringify({ request_id: id, label: 1 });

async function without(text: string | Buffer, key = 'labels.json') {
  const file = await readJsonLines(key, Buffer.from(text), isTheirs);
  return { ...file, left: Buffer.from(await file.without()) };
}

describe('readJsonLines', () => {
  test('every other line stays byte for byte, whatever is in it', async () => {
    const others = fc
      .uint8Array({ maxLength: 40 })
      .map(bytes => Buffer.from(bytes.filter(byte => byte !== 10)))
      .filter(bytes => !bytes.includes('ada'));
    const line = fc.oneof(
      others.map(bytes => ({ bytes, isTheirs: false })),
      fc.nat().map(n => ({ bytes: Buffer.from(label(`bob/${n}`)), isTheirs: false })),
      fc.nat().map(n => ({ bytes: Buffer.from(label(`ada/${n}`)), isTheirs: true })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.constantFrom('\n', '\r\n'), async (lines, end) => {
        const file = (kept: typeof lines): Buffer =>
          Buffer.concat(kept.flatMap(({ bytes }) => [bytes, Buffer.from(end)]));

        const { theirs, left } = await without(file(lines));

        expect(theirs).toBe(lines.filter(one => one.isTheirs).length);
        expect(left.equals(file(lines.filter(one => !one.isTheirs)))).toBe(true);
      }),
    );
  });

  test('finds the id under a name in capitals, as a number, and in a last line without an end', async () => {
    const isSeven = (id: string): boolean => id === '7';

    const file = await readJsonLines(
      'a.json',
      Buffer.from('{"Request_ID": 7}\n{"label": 1}\n{"request_id":"7"}'),
      isSeven,
    );

    expect(file.theirs).toBe(2);
    expect(Buffer.from(await file.without()).toString()).toBe('{"label": 1}\n');
  });

  test('tells how many lines nobody can tell whose they are', async () => {
    expect(await without('no JSON\n"text"\n\n{"label":1}\n')).toMatchObject({ theirs: 0, unreadable: 2 });
  });

  test('keeps a compressed file compressed', async () => {
    const { theirs, left } = await without(gzipSync(`${label('ada/1')}\n${label('bob/1')}\n`), 'labels.json.gz');

    expect(theirs).toBe(1);
    expect(gunzipSync(left).toString()).toBe(`${label('bob/1')}\n`);
  });
});
