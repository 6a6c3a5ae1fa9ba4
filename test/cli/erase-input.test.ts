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
    const many = Array.from({ length: 50_001 }, (_, index) => String(index)).join('\n');
    expect(() => readRequestIds(fileOf(many))).toThrow("'--requests' has 50001 ids, must have at most 50000");
  });
});
