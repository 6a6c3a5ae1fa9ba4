/**
 * `npm run rehearse`: the real app, deployed by the real CDK CLI into a local cloud, and a model's whole life in it.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { watchParent } from '../local-cloud/start';
import { ACTS } from './acts';
import { progressTo } from './progress';
import { Rehearsal } from './stage/rehearsal';
import { TARGET_NAMES, targetNamed } from './stage/target';

const HELP = `usage: npm run rehearse -- [options]

  --target T where the model serves: ${TARGET_NAMES.join(' or ')} (${TARGET_NAMES[0]})
  --act N    stop after act N (1 to ${ACTS.length})
  --keep     leave the local cloud running, and print how to talk to it and how to stop it
  --json     print the report as JSON, and nothing else, on standard output
  --help     this text
`;

function options() {
  try {
    return parseArgs({
      options: {
        target: { type: 'string', default: TARGET_NAMES[0] },
        act: { type: 'string' },
        keep: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, { cause: error });
  }
}

async function main(): Promise<number> {
  const values = options();
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const last = values.act === undefined ? ACTS.length : Number(values.act);
  if (!Number.isInteger(last) || last < 1 || last > ACTS.length) {
    process.stderr.write(`'--act' must be a whole number from 1 to ${ACTS.length}, got '${values.act}'\n`);
    return 2;
  }
  const target = targetNamed(values.target);
  if (target === undefined) {
    process.stderr.write(`'--target' must be one of ${TARGET_NAMES.join(', ')}, got '${values.target}'\n`);
    return 2;
  }
  // the SDK's word on future Node versions is for who maintains this, not for who watches
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const repository = join(__dirname, '..');
  const workFolder = join(repository, '.local-cloud', 'rehearsal');

  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => stop.abort(name));
  }
  // npm may be killed without its child being told
  watchParent(() => stop.abort('the end of its parent'));
  const progress = progressTo(values.json ? process.stderr : process.stdout, ACTS.length);
  const rehearsal = new Rehearsal({
    repository,
    workFolder,
    target,
    acts: ACTS.filter(({ only }) => only === undefined || only === target.name),
    last,
    keep: values.keep,
    progress,
    signal: stop.signal,
  });
  const report = await rehearsal.play(played => {
    if (values.json) process.stdout.write(`${JSON.stringify(played, null, 2)}\n`);
  });
  return report.ok ? 0 : 1;
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
