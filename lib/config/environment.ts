import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ENVIRONMENT_NAME, ENVIRONMENT_NAME_ALLOWED } from '../../constructs/private/environment-identity';
import { ConfigError } from './config-error';
import { environmentSchema } from './environment-schema';
import { type ImageConfig, imageConfig } from './image-schema';
import { type ModelDefinition, modelDefinitionSchema } from './model-schema';
import { didYouMean } from './nearest';
import { checkPromotion } from './promotion-check';
import { readYaml } from './read-yaml';
import { type CompleteFile, type CompleteModel, withTierDefaults } from './tier-defaults';

/** Folder of the environments' files. */
const FOLDER = 'environments';
const EXTENSION = '.yaml';

/** A model in an environment: what it is everywhere, and how it is run here. */
export interface ModelConfig {
  readonly definition: ModelDefinition;
  /** Folder of the training code. */
  readonly codePath: string;
  readonly training: Omit<CompleteModel['training'], 'image'>;
  /** Its own training image; the environment's if it has none. */
  readonly trainingImage?: ImageConfig;
  readonly serving: CompleteModel['serving'];
  readonly idle: CompleteModel['idle'];
  readonly monitoring: NonNullable<CompleteModel['monitoring']>;
  readonly reaction: NonNullable<CompleteModel['reaction']>;
}

/** An environment, checked, with the defaults of its tier and its models' definitions. */
export interface Environment extends Omit<CompleteFile, 'models' | 'images'> {
  readonly name: string;
  readonly images: { readonly trainer: ImageConfig; readonly modelServer: ImageConfig };
  readonly models: readonly ModelConfig[];
}

/** Names of the environments that there are; fails where no folder has their files. */
export function environmentNames(root: string): string[] {
  const folder = resolve(root, FOLDER);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new ConfigError(
      `'${folder}' is no folder, must hold the environments' files: run this where 'cdk.json' is, or with '-c root=FOLDER', the folder that '${FOLDER}/' is in`,
    );
  }
  return readdirSync(folder)
    .filter(file => file.endsWith(EXTENSION))
    .map(file => file.slice(0, -EXTENSION.length))
    .sort();
}

/** File of an environment, from the repository's root. */
export function environmentFile(name: string): string {
  return `${FOLDER}/${name}${EXTENSION}`;
}

/** Reads an environment and the models in it; fails with what is wrong, where, and what is allowed. */
export function loadEnvironment(root: string, name: string): Environment {
  const known = environmentNames(root);
  if (!known.includes(name)) {
    const names = known.map(candidate => `'${candidate}'`).join(', ');
    throw new ConfigError(
      `environment '${name}' has no file in '${FOLDER}/', must be one of ${names}${didYouMean(name, known)}`,
    );
  }
  const file = environmentFile(name);
  if (!ENVIRONMENT_NAME.test(name)) {
    throw new ConfigError(`${file}: name '${name}' must be ${ENVIRONMENT_NAME_ALLOWED}, rename the file`);
  }
  const { models, images, ...environment } = withTierDefaults(readYaml(root, file, environmentSchema));
  checkPromotion(file, name, environment, other =>
    known.includes(other) ? readYaml(root, `${FOLDER}/${other}${EXTENSION}`, environmentSchema) : undefined,
  );
  const repositories = `mlops-${name}`;
  return {
    ...environment,
    name,
    images: {
      trainer: imageConfig(
        { root, file, property: 'images.trainer', repository: `${repositories}/trainer` },
        images.trainer,
      ),
      modelServer: imageConfig(
        { root, file, property: 'images.modelServer', repository: `${repositories}/model-server` },
        images.modelServer,
      ),
    },
    models: Object.entries(models).map(([modelName, { definition: definitionFile, ...settings }]) => {
      const codePathOf = (code: string) => join(root, dirname(definitionFile), code);
      // here, so that what is wrong is told with its line
      const definitionSchema = modelDefinitionSchema
        .refine(({ name: given }) => given === modelName, {
          path: ['name'],
          error: `'${modelName}' as in 'models' of ${file}`,
        })
        .refine(({ training: { code } }) => existsSync(join(codePathOf(code), 'train.py')), {
          path: ['training', 'code'],
          error: "a folder with 'train.py'",
        });
      const definition = readYaml(root, definitionFile, definitionSchema);
      const { image, ...training } = settings.training;
      return {
        ...settings,
        idle: settings.idle,
        training,
        trainingImage:
          image === undefined
            ? undefined
            : imageConfig(
                {
                  root,
                  file,
                  property: `models.${modelName}.training.image`,
                  repository: `${repositories}/${modelName}/trainer`,
                },
                image,
              ),
        monitoring: settings.monitoring ?? {},
        reaction: settings.reaction ?? {},
        definition,
        codePath: codePathOf(definition.training.code),
      };
    }),
  };
}
