import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRequestIds, readSubject } from '../../cli/erase-input';
import { UsageError } from '../../cli/errors';

describe('readSubject', () => {
  const unread = (): string => {
    throw new Error('nobody asked for it');
  };

  test("is what was typed, or what the standard input has for '-'", () => {
    expect(readSubject('ada', unread)).toBe('ada');
    expect(readSubject('-', () => 'ada\n')).toBe('ada');
  });

  test('fails where the standard input has nothing', () => {
    expect(() => readSubject('-', () => '\n')).toThrow(UsageError);
  });
});

describe('readRequestIds', () => {
  const fileOf = (text: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'ids-')), 'ids.txt');
    writeFileSync(file, text);
    return file;
  };

  test('takes one id a line, each once, and none without a file', () => {
    expect(readRequestIds(fileOf('a\r\n\n b \na'))).toEqual(['a', 'b']);
    expect(readRequestIds(undefined)).toEqual([]);
  });

  test('fails for a file that is not there, and for more ids than one call takes', () => {
    expect(() => readRequestIds('/nowhere/ids.txt')).toThrow("'/nowhere/ids.txt' cannot be read");
    const ids = (count: number): string =>
      Array.from({ length: count }, (_, index) => String(index).padStart(97, 'x')).join('\n');
    expect(readRequestIds(fileOf(ids(49_999)))).toHaveLength(49_999);
    expect(() => readRequestIds(fileOf(ids(50_000)))).toThrow(
      "'--requests' has 50000 ids of 5000001 bytes, must have at most 5000000 bytes: split them and erase once with each part",
    );
  });
});
