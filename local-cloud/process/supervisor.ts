/**
 * Runs the local cloud for a process that may want it to stay: in a session of its own, told by `keep` on its stdin to
 * run on when that process ends. Until then it ends with it. Started by `startLocalCloud({ keepable: true })`.
 */
import { createInterface } from 'node:readline';
import { startLocalCloud, type LocalCloudOptions } from '../start';

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as LocalCloudOptions;
  // listened to before the cloud stands: whoever waits for it may give up at any time
  const ended = untilToldToEnd();
  const cloud = await startLocalCloud(options);
  const { endpoint, workDir, scratchDir, environment, logs } = cloud;
  process.stdout.write(`${JSON.stringify({ endpoint, workDir, scratchDir, environment, logs })}\n`);
  await ended;
  await cloud.stop();
}

function untilToldToEnd(): Promise<void> {
  return new Promise(resolve => {
    let kept = false;
    const lines = createInterface({ input: process.stdin });
    lines.on('line', line => {
      kept ||= line === 'keep';
    });
    lines.once('close', () => {
      if (!kept) {
        resolve();
      }
    });
    process.once('SIGTERM', () => {
      resolve();
    });
  });
}

main().then(
  // the open stdin would hold it
  () => process.exit(0),
  (error: unknown) => {
    process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
    process.exit(1);
  },
);
