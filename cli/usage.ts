import type { CommandName } from './command-line';

const SUMMARY: Record<CommandName, string> = {
  status: 'status [MODEL]                    what serves, what it could go back to, what is red',
  history: 'history MODEL                     releases, holds and decisions upon alarms, the newest last',
  audit: 'audit MODEL                       who trained, approved, released, rolled back what, on which data',
  explain: 'explain RELEASE-ID                one release or decision: who, why, numbers, steps, what you may do',
  batch: 'batch MODEL                       predict files on the cluster, or see how such a batch goes',
  train: 'train MODEL                       start a training, of a commit that was merged or in your name',
  erase: "erase MODEL                       erase one person's rows, or count them",
  release: 'release MODEL VERSION             make an approved version serve',
  rollback: 'rollback MODEL                    go back to the last version that was healthy here',
  hold: 'hold MODEL                        let nothing be released or rolled back by itself for a while',
  resume: 'resume MODEL                      end a hold',
  sleep: 'sleep MODEL                       take down what serves until it is woken, so that it costs nothing',
  wake: 'wake MODEL                        bring back the version that sleeps',
  'lift-quarantine': 'lift-quarantine MODEL VERSION     let a version that was rolled back serve again',
};

const REQUEST = [
  "--reason 'TEXT'     why; it stays in the ledger beside your name, which AWS tells (required)",
  '--no-wait           end as soon as it is asked for, not when it is done',
];
const OPTIONS: Record<CommandName, readonly string[]> = {
  status: [],
  history: [
    '--limit N           how many lines (default: 20)',
    '--all               all of it; with --json each item of the ledger, for an audit',
  ],
  audit: ["--since WHEN        '30d', '8h' or a time such as '2026-12-01T08:00:00Z' (default: all there is)"],
  explain: ['--model MODEL       where to look, if the release is more than 90 days old'],
  batch: [
    "--input URI         prefix under which the CSV files lie, e.g. 's3://bucket/rain/input/'",
    '--output URI        prefix under which the predictions go',
    '--version N         another version that is recorded here (default: the one that serves)',
    '--request-id ID     the same request with the same id begins one batch (default: a new id)',
    '--job NAME          how the batch of this name goes, in place of all others',
  ],
  train: [
    '--commit SHA        the commit of the code that is deployed; the same one starts one training',
    '--reason WHY        why, which stays in the record; needed without a commit',
  ],
  erase: [
    "--subject KEY       the person's key; '-' reads it from the standard input (required)",
    '--requests FILE     ids of requests about the person that do not begin with the key, one a line',
    "--reason 'TEXT'     why, e.g. the number of the person's request; it stays in the ledger",
    '--dry-run           count only, and say what would stay',
  ],
  release: ['--without-shadow    move traffic at once, although the model asks for a shadow first', ...REQUEST],
  rollback: ['--to VERSION        another version that was healthy here (default: the last one)', ...REQUEST],
  hold: [
    "--until WHEN        '8h', '2d' or a time such as '2026-12-01T08:00:00Z' (default: a day, at most seven)",
    ...REQUEST,
  ],
  resume: REQUEST,
  sleep: REQUEST,
  wake: REQUEST,
  'lift-quarantine': REQUEST,
};

const COMMON = [
  '--environment NAME  which environment (default: MLOPS_ENVIRONMENT)',
  "--stack NAME        stack whose outputs tell where the platform is (default: 'mlops-<environment>-platform')",
  '--json              one JSON document, for programs',
];

const EXIT_CODES = `exit codes: 0 done, 1 refused, failed or not there, 2 wrong usage
AWS is found as the AWS CLI finds it (AWS_PROFILE, AWS_REGION); AWS_ENDPOINT_URL leads to a local cloud`;

/** How the command line is used: in short, or one command. */
export function usage(about?: CommandName): string {
  if (about === undefined) {
    return [
      'usage: npx mlops COMMAND [options]',
      Object.values(SUMMARY)
        .map(line => `  ${line}`)
        .join('\n'),
      `options of all commands (of one: npx mlops COMMAND --help)\n${indented(COMMON)}`,
      EXIT_CODES,
    ].join('\n\n');
  }
  const [form = '', ...summary] = SUMMARY[about].split(/ {2,}/);
  return [
    `usage: npx mlops ${form} [options]\n\n${summary.join(' ')}`,
    indented([...OPTIONS[about], ...COMMON]),
    EXIT_CODES,
  ].join('\n\n');
}

function indented(lines: readonly string[]): string {
  return lines.map(line => `  ${line}`).join('\n');
}
