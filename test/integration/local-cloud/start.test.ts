import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { startLocalCloud } from '../../../local-cloud/start';
import { eventually } from './stack';

const ROOT = join(__dirname, '..', '..', '..');

/** Processes whose command line or environment names the folder. */
async function processesOf(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['eww', '-A', '-o', 'pid,args'], { maxBuffer: 1 << 26 });
  return stdout.split('\n').filter(line => line.includes(folder));
}

/** A program that starts a cloud, prints its folder and endpoint, and waits. */
function startedElsewhere(options: string) {
  const program = `
    const { startLocalCloud } = require(${JSON.stringify(join(ROOT, 'local-cloud', 'start.ts'))});
    startLocalCloud(${options}).then(cloud => {
      console.log(JSON.stringify({ workDir: cloud.workDir, endpoint: cloud.endpoint }));
      process.stdin.once('data', () => { process.exit(0); });
    });`;
  return spawn(process.execPath, ['--import', 'tsx', '-e', program], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
}

async function nextLine(child: ReturnType<typeof startedElsewhere>): Promise<string> {
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', () => {
      reject(new Error('the program ended without a line'));
    });
  });
  lines.close();
  return line;
}

test('a stopped cloud leaves no process, port or file', async () => {
  // GIVEN
  const cloud = await startLocalCloud();
  expect((await fetch(`${cloud.endpoint}/_mlops/clock`)).status).toBe(200);
  expect(existsSync(cloud.logs.ministack)).toBe(true);
  // WHEN
  await Promise.all([cloud.stop(), cloud.stop()]);
  // THEN
  expect(await processesOf(cloud.workDir)).toEqual([]);
  await expect(fetch(cloud.endpoint)).rejects.toThrow();
  expect(existsSync(cloud.workDir)).toBe(false);
}, 60_000);

test('a cloud whose process is killed ends too', async () => {
  // GIVEN
  const child = startedElsewhere('{}');
  const { workDir, endpoint } = JSON.parse(await nextLine(child)) as { workDir: string; endpoint: string };
  expect((await processesOf(workDir)).length).toBeGreaterThanOrEqual(2);
  // WHEN
  child.kill('SIGKILL');
  // THEN
  await eventually(async () => ((await processesOf(workDir)).length === 0 ? true : undefined));
  await expect(fetch(endpoint)).rejects.toThrow();
  expect(existsSync(workDir)).toBe(false);
}, 60_000);

test('a given folder keeps the logs alone', async () => {
  const workDir = join(ROOT, '.local-cloud', 'start-test');
  rmSync(workDir, { recursive: true, force: true });
  const cloud = await startLocalCloud({ workDir });
  await cloud.stop();
  expect(existsSync(join(workDir, 'logs', 'ministack.log'))).toBe(true);
  expect(readdirSync(workDir)).toEqual(['logs']);
}, 60_000);

test('fails on an occupied port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(startLocalCloud({ port })).rejects.toThrow(`'port' ${port} cannot be used (EADDRINUSE)`);
  server.close();
});
