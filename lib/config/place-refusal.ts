import { ConfigError } from './config-error';
import { environmentFile } from './environment';
import { parseYaml, type YamlFile } from './read-yaml';

/** What the id of a model's stack begins with. */
const MODEL_STACK = 'Model-';
/** Which part of an environment's file a construct of a model is made from, by its id in the model's stack. */
const MODEL_SECTIONS: Partial<Record<string, string>> = {
  Training: 'training',
  Service: 'serving',
  Monitor: 'monitoring',
  Reaction: 'reaction',
};
/** Likewise for what is there once, by its path in the stage. */
const SECTIONS: Partial<Record<string, readonly string[]>> = {
  Data: ['data'],
  Cluster: ['cluster'],
  Foundation: ['network'],
  Boundary: ['permissionsBoundary'],
  Delivery: ['delivery'],
  Governance: ['governance'],
  'Governance/Budget': ['budgets'],
  Images: ['images'],
  'Platform/Merge': ['delivery'],
  'Platform/Release': ['releases'],
  'Platform/PromotionSource': ['promotion', 'to'],
  'Platform/PromotionTarget': ['promotion', 'from'],
};
/** What a part of the platform is told elsewhere in the file than its other settings. */
const ELSEWHERE: Partial<Record<string, readonly string[]>> = {
  emailAddresses: ['notifications', 'emails'],
  slackChannels: ['notifications', 'slack'],
  teamsChannels: ['notifications', 'teams'],
};
/** What the model is everywhere: it stands in the model's own file. */
const DEFINED: Partial<Record<string, readonly string[]>> = {
  schema: ['schema'],
  hyperparameters: ['training', 'hyperparameters'],
  seed: ['training', 'seed'],
  codePath: ['training', 'code'],
};
/** What stands deeper in its section than it does among a construct's props. */
const NESTED: Partial<Record<string, readonly string[]>> = { schedule: ['triggers', 'schedule'] };
const UNIT = /^(Seconds|Minutes|Hours|Days|Milliseconds|InGb|MiB|GiB)$/;

/**
 * Makes what an environment's file asks for. Where a construct refuses it, the error says in which file, at which line, and
 * in which section, since whoever wrote the file knows no construct.
 */
export function placeRefusal<T>(root: string, environmentName: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ConfigError) throw error;
    const refusal = refusalOf(error, environmentName);
    // a fault of ours, not of the file: it keeps its stack of calls
    if (refusal === undefined) throw error;
    const file = parseYaml(root, environmentFile(environmentName));
    const section = sectionOf(refusal.path);
    const lines = refusal.problems.map(problem => {
      const property = (/'([A-Za-z][\w.]*)'/.exec(problem)?.[1] ?? '').split('.');
      const [from, start, keys] = whereOf(root, file, section, property);
      const path = keys.reduce((known, key) => deeper(from.content, known, key), start);
      return `${from.placeOf(path)}: ${path.length === 0 ? '' : `${path.join('.')}: `}${problem}`;
    });
    throw new ConfigError(lines.join('\n'), { cause: error });
  }
}

/** A construct's path, and what it refuses. */
interface Refusal {
  readonly path: string;
  readonly problems: readonly string[];
}

/** Constructs begin their errors with their path, and have several problems one by one. */
function refusalOf(error: Error, environmentName: string): Refusal | undefined {
  const { path, problems } = error as Partial<Refusal>;
  if (path !== undefined && problems !== undefined) return { path, problems };
  const end = error.message.indexOf(': ');
  const [at, problem] = [error.message.slice(0, end), error.message.slice(end + ': '.length)];
  return at.startsWith(`${environmentName}/`) && !at.includes(' ') ? { path: at, problems: [problem] } : undefined;
}

/** Where in the file a construct's settings stand: as much of it as its path tells. */
function sectionOf(constructPath: string): readonly string[] {
  const [, stack = '', construct = ''] = constructPath.split('/');
  if (stack.startsWith(MODEL_STACK)) {
    const section = MODEL_SECTIONS[construct];
    return ['models', stack.slice(MODEL_STACK.length), ...(section === undefined ? [] : [section])];
  }
  return SECTIONS[`${stack}/${construct}`] ?? SECTIONS[stack] ?? [];
}

/** The file in which a property stands, the section there, and the keys to look for in it. */
function whereOf(
  root: string,
  file: YamlFile,
  section: readonly string[],
  property: readonly string[],
): [YamlFile, readonly string[], readonly string[]] {
  const [first = '', ...others] = property;
  const elsewhere = ELSEWHERE[first];
  if (elsewhere !== undefined) return [file, elsewhere, others];
  const defined = DEFINED[first];
  const definition = valueAt(file.content, [...section.slice(0, 2), 'definition']);
  return defined === undefined || typeof definition !== 'string'
    ? [file, section, [...(NESTED[first] ?? [first]), ...others]]
    : [parseYaml(root, definition), defined, others];
}

/** One key deeper, if the file gives it: `maxRuntime` of a construct is `maxRuntimeMinutes` in a file. */
function deeper(content: unknown, path: readonly string[], property: string): readonly string[] {
  const value = valueAt(content, path);
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const key = keys.find(
    name => name === property || (name.startsWith(property) && UNIT.test(name.slice(property.length))),
  );
  return key === undefined ? path : [...path, key];
}

function valueAt(content: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (outer, key) => (typeof outer === 'object' && outer !== null ? (outer as Record<string, unknown>)[key] : undefined),
    content,
  );
}
