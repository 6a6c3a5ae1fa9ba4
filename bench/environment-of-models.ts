import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { modelNames } from './model-names';

/** The environment that is filled with models. */
export const ENVIRONMENT = 'local';

/** Writes a platform's `root` whose one environment has so many copies of the example. */
export function writeEnvironment(models: number, repository: string, root: string): void {
  const { models: examples, ...environment } = parse(
    readFileSync(join(repository, 'environments', `${ENVIRONMENT}.yaml`), 'utf8'),
  ) as { models: { rain: Record<string, unknown> } };
  const example = join(repository, 'examples', 'rain');
  const definition = parse(readFileSync(join(example, 'model.yaml'), 'utf8')) as object;
  for (const name of modelNames(models)) {
    const copy = join(root, 'models', name);
    cpSync(example, copy, { recursive: true });
    writeFileSync(join(copy, 'model.yaml'), stringify({ ...definition, name }));
  }
  const named = modelNames(models).map(name => [name, { ...examples.rain, definition: `models/${name}/model.yaml` }]);
  mkdirSync(join(root, 'environments'), { recursive: true });
  writeFileSync(
    join(root, 'environments', `${ENVIRONMENT}.yaml`),
    stringify(
      { ...environment, models: Object.fromEntries(named) as object },
      // every model is the same, and a reader of YAML takes no more than a hundred references to one thing
      { aliasDuplicateObjects: false },
    ),
  );
}

/** The context that the CDK CLI would hand from `cdk.json` to the app. */
export function contextOf(repository: string): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(join(repository, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  return context;
}
