import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packFolder, unpackArchive } from '../../../../local-cloud/sagemaker/aws/archive';

const folder = mkdtempSync(join(tmpdir(), 'archive-test-'));

afterAll(() => rmSync(folder, { recursive: true }));

function source(name: string, files: readonly string[]): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'code'), { recursive: true });
  files.forEach((file, i) => {
    writeFileSync(join(path, file), `content of ${file}`);
    utimesSync(join(path, file), i, i);
  });
  return path;
}

test('the same files give the same bytes, whatever their age and order', async () => {
  await packFolder(source('one', ['model.joblib', 'code/a.py', 'schema.json']), join(folder, 'one.tar.gz'));
  await packFolder(source('two', ['schema.json', 'model.joblib', 'code/a.py']), join(folder, 'two.tar.gz'));
  expect(readFileSync(join(folder, 'one.tar.gz'))).toEqual(readFileSync(join(folder, 'two.tar.gz')));
});

test('what was packed is unpacked', async () => {
  await packFolder(source('three', ['code/a.py']), join(folder, 'three.tar.gz'));
  await unpackArchive(join(folder, 'three.tar.gz'), join(folder, 'unpacked'));
  expect(readFileSync(join(folder, 'unpacked', 'code', 'a.py'), 'utf8')).toBe('content of code/a.py');
});

test('an empty folder can be packed', async () => {
  mkdirSync(join(folder, 'empty'));
  await packFolder(join(folder, 'empty'), join(folder, 'empty.tar.gz'));
  await expect(unpackArchive(join(folder, 'empty.tar.gz'), join(folder, 'empty-again'))).resolves.toBeUndefined();
});
