/** `npx mlops-local`, or `npm run local`: the local cloud alone, in the foreground. */
import { parseArgs } from 'node:util';
import { readFaultFile } from './local-faults';
import { watchParent } from './process/orphan-watch';
import { startLocalCloud } from './start';

const USAGE = `usage: npx mlops-local [--port N] [--no-auth] [--faults FILE] [--work-dir FOLDER]

  --port N           port of its one endpoint; a free one when not given
  --auth, --no-auth  whether IAM policies are enforced; they are when not given
  --faults FILE      JSON of the faults that are in force from the start: {"faults": [{"effect": …}]}
  --work-dir FOLDER  where its logs stay after its end; a temporary folder when not given`;

/** As a shell tells that a program was ended by Ctrl-C. */
const INTERRUPTED = 130;

function options() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string' },
        auth: { type: 'boolean', default: false },
        'no-auth': { type: 'boolean', default: false },
        faults: { type: 'string' },
        'work-dir': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

/** The port as it was typed; a message about `NaN` would tell nobody what to change. */
function portOf(typed: string): number {
  if (!/^\d+$/.test(typed)) {
    throw new Error(`'--port' must be a whole number from 1 to 65535, got '${typed}'`);
  }
  return Number(typed);
}

/** Resolves when Ctrl-C, a signal, or the end of whoever started it asks it to end. */
function askedToEnd(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
    watchParent(resolve);
  });
}

async function main(): Promise<void> {
  const values = options();
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.auth && values['no-auth']) {
    throw new Error("give either '--auth' or '--no-auth', not both");
  }
  let ready = false;
  const asked = askedToEnd().then(() => {
    if (!ready) {
      // an exit ends what has been started so far, and removes its files
      process.exit(INTERRUPTED);
    }
  });
  const started = performance.now();
  const cloud = await startLocalCloud({
    port: values.port === undefined ? undefined : portOf(values.port),
    auth: !values['no-auth'],
    workDir: values['work-dir'],
    faults: values.faults === undefined ? undefined : readFaultFile(values.faults),
    log: message => {
      console.error(message);
    },
  });
  for (const [name, value] of Object.entries(cloud.environment)) {
    console.log(`export ${name}=${value}`);
  }
  console.error(`ready in ${((performance.now() - started) / 1000).toFixed(1)} s; logs: ${cloud.workDir}/logs`);
  console.error('Ctrl-C stops it');
  ready = true;
  const death = await Promise.race([asked, cloud.death()]);
  console.error('stopping');
  await cloud.stop();
  // a cloud of which a part is dead answers nobody, or not as AWS does
  if (death instanceof Error) {
    throw death;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
