/**
 * The local SageMaker as a process of its own: prints `sagemaker ready http://127.0.0.1:PORT` once it answers, and ends,
 * with every process that it has started, on SIGTERM, on SIGINT, and when its standard input closes, that is, when
 * whoever started it is gone.
 */
import { messageOf } from './errors';
import { startSageMaker } from './local-sagemaker';
import { readOptions } from './options';

async function main(): Promise<void> {
  const sagemaker = await startSageMaker(readOptions(process.env, process.argv.slice(2)));
  let closing = false;
  const end = (): void => {
    if (!closing) {
      closing = true;
      sagemaker.close().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    }
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.stdin.on('end', end).on('close', end).on('error', end).resume();
  process.stdout.write(`sagemaker ready ${sagemaker.url}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

main().catch(fail);
