import { parse } from 'yaml';
import { COMMANDS, readCommandLine } from '../../cli/command-line';
import { usage } from '../../cli/usage';
import { environmentSchema } from '../../lib/config/environment-schema';
import { modelDefinitionSchema } from '../../lib/config/model-schema';
import { PAGES, readPage, type Snippet, snippetsIn } from '../support/pages';

/**
 * What the pages show is what there is: a piece of an environment's file is one that the schema takes, and a command line is
 * one that `mlops` reads. TypeScript is compiled by `scripts/check-snippets.ts`.
 */

type Tree = Record<string, unknown>;

/** An environment in which each piece of a file that a page shows makes sense. */
const ENVIRONMENT = {
  tier: 'dev',
  region: 'eu-west-1',
  images: { trainer: 'mlops/trainer:1', modelServer: 'mlops/model-server:1' },
  network: { source: 'create' },
  cluster: { source: 'create', gateway: true, capacity: { type: 'AUTO_MODE', maxGpus: 1, maxSpotCpus: 8 } },
  models: { rain: { definition: 'examples/rain/model.yaml', training: { triggers: { merge: true } } } },
};
const DEFINITION = {
  name: 'rain',
  schema: { features: ['temperature', 'age', 'postcode'].map(name => ({ name, type: 'double' })), label: 'rain' },
  training: { code: '.' },
};
const OF_ENVIRONMENTS = Object.keys(environmentSchema.shape);
const OF_MODELS = ['definition', 'training', 'serving', 'monitoring', 'reaction'];
const OF_IMAGES = ['trainer', 'modelServer'];

/** The environment with a piece of its file; undefined if it is none. */
function environmentWith(piece: Tree): Tree | undefined {
  const only = (keys: readonly string[]): boolean => Object.keys(piece).every(key => keys.includes(key));
  if (only(OF_IMAGES)) return { ...ENVIRONMENT, images: { ...ENVIRONMENT.images, ...piece } };
  if (only(OF_MODELS)) return { ...ENVIRONMENT, models: { rain: { ...ENVIRONMENT.models.rain, ...piece } } };
  if (!only(OF_ENVIRONMENTS)) return undefined;
  const models = Object.entries((piece['models'] ?? {}) as Record<string, Tree>).map(([name, model]) => [
    name,
    { ...ENVIRONMENT.models.rain, ...model },
  ]);
  return {
    ...ENVIRONMENT,
    ...piece,
    images: { ...ENVIRONMENT.images, ...((piece['images'] ?? {}) as Tree) },
    models: { ...ENVIRONMENT.models, ...Object.fromEntries(models) },
  };
}

/** What is wrong with a piece of YAML; nothing, if it is what some file takes. */
function wrongIn(text: string): unknown {
  const piece = parse(text) as Tree;
  // a workflow of GitHub: that it is YAML is all that is known of it here
  if ('jobs' in piece) return undefined;
  const environment = environmentWith(piece);
  const { error } =
    environment === undefined
      ? modelDefinitionSchema.safeParse({ ...DEFINITION, ...piece })
      : environmentSchema.safeParse(environment);
  return error?.issues;
}

const where = ({ page, line }: Snippet): string => `${page}:${line}`;

describe('YAML', () => {
  test.each(snippetsIn('yaml').map((snippet): [string, Snippet] => [where(snippet), snippet]))(
    '%s is what the files take',
    (_, { text }) => {
      expect(wrongIn(text)).toBeUndefined();
    },
  );

  test.each([
    ['serving: { instanceCuont: 2 }', 'models'],
    ['budgets: { monthlyUsd: -1 }', 'budgets'],
    ['trainer: { build: images/trainer, args: {} }', 'images'],
    ['owner: somebody', ''],
  ])('that is wrong would be seen: %s', (text, place) => {
    expect(wrongIn(text)).toMatchObject([{ path: place === '' ? [] : expect.arrayContaining([place]) }]);
  });
});

/** Words of a command line as a shell gives them on, what a person fills in with something in its place. */
function words(line: string): string[] {
  const filled = line
    .replace(/"?\$\(git rev-parse HEAD\)"?/g, 'a'.repeat(40))
    .replace(/<[\w -]+>/g, '1')
    .replace(/\s#.*$/, '')
    .replace(/ > .*$/, '');
  return [...filled.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare);
}

function problemOf(line: string): string | undefined {
  const [, , ...args] = words(line);
  try {
    readCommandLine(args, { MLOPS_ENVIRONMENT: 'prod' }, new Date('2026-11-28T00:00:00Z'));
    return undefined;
  } catch (error) {
    return `${line}: ${(error as Error).message}`;
  }
}

describe('mlops', () => {
  const lines = snippetsIn('sh').flatMap(({ text }) =>
    text
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter(line => line.startsWith('npx mlops ')),
  );

  test('reads every command line that a page shows', () => {
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.map(problemOf).filter(problem => problem !== undefined)).toEqual([]);
  });

  test('would not read one that there is not', () => {
    expect(problemOf('npx mlops relase rain 3')).toContain("must be one of 'status'");
    expect(problemOf("npx mlops rollback <model> --too 3 --reason 'x'")).toContain("unknown option '--too'");
  });

  test('knows every command and option that a page names in a sentence', () => {
    const named = PAGES.flatMap(page =>
      [...readPage(page).matchAll(/`(?:npx )?mlops ([a-z][^`]*)`/g)].map(([, line]) => ({ page, line })),
    );
    const unknown = named.filter(({ line }) => {
      const command = COMMANDS.find(name => name === line.split(/\s/)[0]);
      const options = [...line.matchAll(/--[\w-]+/g)].map(([option]) => option);
      return command === undefined || options.some(option => !usage(command).includes(option));
    });

    expect(named.length).toBeGreaterThan(10);
    expect(unknown).toEqual([]);
  });
});
