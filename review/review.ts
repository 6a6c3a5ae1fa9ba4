/**
 * `npm run review`: what a change does to the infrastructure of each environment, for whoever reviews the pull request.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOut, type Checkout, workingTree } from './checkout';
import { HELP, readCommandLine } from './command-line';
import { compareEnvironments, type Environments } from './compare';
import { readPrices } from './prices';
import { reportOf } from './report';
import { hasEnvironment, synthesise } from './synthesise';
import { toMarkdown } from './markdown';

const REPOSITORY = join(__dirname, '..');
const NOTHING = 0;
const LOOK = 1;
const NOT_DONE = 2;

async function main(args: readonly string[]): Promise<number> {
  const asked = readCommandLine(args);
  if (asked === undefined) {
    process.stdout.write(HELP);
    return NOTHING;
  }
  const outputs = await mkdtemp(join(tmpdir(), 'mlops-review-out-'));
  const checkouts: Checkout[] = [];
  try {
    const { base, head, environmentName } = asked;
    const side = async (name: string, made: Promise<Checkout>): Promise<Side> => {
      const checkout = await made;
      checkouts.push(checkout);
      return synthesised(checkout, join(outputs, name), environmentName);
    };
    const [before, after] = await both(
      base === undefined ? Promise.resolve(NOTHING_DEPLOYED) : side('base', checkOut(REPOSITORY, base, tell)),
      side('head', head === undefined ? Promise.resolve(workingTree(REPOSITORY)) : checkOut(REPOSITORY, head, tell)),
    );
    if (environmentName !== undefined && before.environments.size + after.environments.size === 0) {
      throw new Error(
        `environment '${environmentName}' has no file in 'environments/', neither in ${before.name} nor in ${after.name}: name one that has`,
      );
    }
    const changes = compareEnvironments(before.environments, after.environments);
    const report = reportOf({ base: before.name, head: after.name, changes, prices: readPrices() });
    process.stdout.write(toMarkdown(report));
    return report.mustLook ? LOOK : NOTHING;
  } finally {
    await Promise.all(checkouts.map(checkout => checkout.dispose()));
    await rm(outputs, { recursive: true, force: true });
  }
}

/** Both results; when one fails, the other is waited for all the same, so that it can be cleaned up after. */
async function both<T>(one: Promise<T>, other: Promise<T>): Promise<[T, T]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

interface Side {
  readonly name: string;
  readonly environments: Environments;
}

/** What all is new against. */
const NOTHING_DEPLOYED: Side = { name: 'none', environments: new Map() };

async function synthesised(
  { name, folder }: Checkout,
  outputFolder: string,
  environmentName: string | undefined,
): Promise<Side> {
  if (environmentName !== undefined && !hasEnvironment(folder, environmentName)) {
    tell(`${name} has no environment '${environmentName}'`);
    return { name, environments: new Map() };
  }
  tell(`synthesising ${name} …`);
  const started = performance.now();
  const environments = await synthesise(folder, outputFolder, environmentName);
  tell(`synthesised ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return { name, environments };
}

/** For whoever waits: the report alone goes to the standard output. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

main(process.argv.slice(2))
  .then(code => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = NOT_DONE;
  });
