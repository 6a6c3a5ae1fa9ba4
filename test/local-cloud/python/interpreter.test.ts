import { findInterpreter } from '../../../local-cloud/python/interpreter';

const having =
  (versions: Record<string, string>) =>
  (program: string): Promise<string | undefined> =>
    Promise.resolve(versions[program]);

test('the newest named Python is taken', async () => {
  const found = await findInterpreter(having({ 'python3.12': '3.12.1', 'python3.11': '3.11.7', python3: '3.11.7' }));
  expect(found).toEqual({ program: 'python3.12', version: '3.12.1' });
});

test('a plain python3 does if it is new enough', async () => {
  expect((await findInterpreter(having({ python3: '3.14.0' }))).program).toBe('python3');
});

test('fails without Python, and tells what was looked for and how to get one', async () => {
  await expect(findInterpreter(having({}))).rejects.toThrow(
    /needs Python 3\.11 or newer; looked for python3\.13 \(not found\), .*python3 \(not found\)\. Install one/,
  );
});

test('fails on one that is too old, and names its version', async () => {
  await expect(findInterpreter(having({ python3: '3.9.18' }))).rejects.toThrow('python3 (3.9.18)');
});
