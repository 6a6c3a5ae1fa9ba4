/** `npx mlops`: what serves and why, and requests to the release machine. */
import { readFileSync } from 'node:fs';
import { AwsPlatform } from './aws-platform';
import { findPlatform } from './aws-stack';
import { readCommandLine, type CommandLine } from './command-line';
import { ask } from './commands/ask';
import { audit } from './commands/audit';
import { batch } from './commands/batch';
import { erase } from './commands/erase';
import { explain } from './commands/explain';
import { history } from './commands/history';
import { status } from './commands/status';
import { train } from './commands/train';
import { AmbiguousError, NotThereError, UsageError } from './errors';
import { readRequestIds, readSubject } from './erase-input';
import type { Platform, Report } from './ports';
import { usage } from './usage';

const DONE = 0;
const REFUSED = 1;
const WRONG_USAGE = 2;

async function main(): Promise<number> {
  const line = readCommandLine(process.argv.slice(2), process.env, new Date());
  if (line.command === 'help') {
    console.log(usage(line.about));
    return DONE;
  }
  const platform = new AwsPlatform(line.environmentName, await findPlatform(line.stackName));
  const report = await run(platform, line);
  console.log(line.json ? JSON.stringify(report.data, undefined, 2) : report.text);
  return report.done ? DONE : REFUSED;
}

function run(platform: Platform, line: Exclude<CommandLine, { command: 'help' }>): Promise<Report> {
  switch (line.command) {
    case 'status':
      return status(platform, line.model);
    case 'history':
      return history(platform, line.model, line.limit);
    case 'audit':
      return audit(platform, line.model, line.since);
    case 'explain':
      return explain(platform, line.id, line.model);
    case 'batch':
      return batch(platform, line);
    case 'train':
      return train(platform, line);
    case 'erase': {
      const subject = readSubject(line.subject, () => readFileSync(0, 'utf8'));
      return erase(platform, { ...line, subject, requestIds: readRequestIds(line.requestsFile) }, tell);
    }
    default:
      return ask(platform, line, tell);
  }
}

/** What is only said on the way does not belong to the answer. */
function tell(message: string): void {
  console.error(message);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nsee 'npx mlops help'`);
    return WRONG_USAGE;
  }
  if (error instanceof NotThereError || error instanceof AmbiguousError || !(error instanceof Error)) {
    console.error(error instanceof Error ? error.message : error);
    return REFUSED;
  }
  console.error(awsProblem(error));
  return REFUSED;
}

/** What to put right when the SDK could not even ask. */
function awsProblem(error: Error): string {
  const problem = `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}`;
  if (/region is missing/i.test(error.message)) return 'no AWS region is known, set AWS_REGION or AWS_PROFILE';
  if (error.name === 'CredentialsProviderError') return `${problem}; sign in to AWS first, or set AWS_PROFILE`;
  if (/ECONNREFUSED/.test(problem)) {
    return `${problem}; nothing answers at '${process.env['AWS_ENDPOINT_URL'] ?? 'AWS'}', is the local cloud running?`;
  }
  return problem;
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = exitCodeOf(error);
  },
);
