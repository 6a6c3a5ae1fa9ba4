import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvironment } from '../../lib/config/environment';
import { type SynthesisedStack, synthesise } from '../support/platform';
import { ENVIRONMENT, MODEL, repository } from './config/repository';

const DOCKERFILES = {
  'images/trainer/Dockerfile': 'FROM scratch',
  'images/server/Dockerfile': 'FROM scratch',
  'models/rain/image/Dockerfile': 'FROM scratch # of the team',
};
const BUILT = ENVIRONMENT.replace('mlops/trainer:1', '{ build: images/trainer }').replace(
  'mlops/model-server:1',
  "{ build: images/server, buildArgs: { BASE_IMAGE: 'python:3' }, baseRepositories: [cache/python] }",
);
const OWN = 'image: { build: models/rain/image }\n      instanceType: ml.m5.large\n    serving';
const WITH_OWN = ENVIRONMENT.replace('instanceType: ml.m5.large\n    serving', OWN);

function stacks(environment: string, files: Record<string, string> = {}): SynthesisedStack[] {
  const root = repository({ 'environments/dev.yaml': environment, ...DOCKERFILES, ...files });
  return synthesise({ root, environmentNames: ['dev'] }).get('dev') ?? [];
}

function find(made: SynthesisedStack[], id: string): SynthesisedStack {
  const stack = made.find(one => one.id === id);
  if (stack === undefined) throw new Error(`no stack '${id}' among ${made.map(one => one.id).join(', ')}`);
  return stack;
}

const ofType = (stack: SynthesisedStack, type: string) =>
  Object.values(stack.resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);

function imagesOf(model: SynthesisedStack): { image: string; inferenceImage: string } {
  const training = ofType(model, 'AWS::SSM::Parameter').find(({ Name }) => Name === '/mlops/dev/rain/training');
  const text = JSON.stringify(training?.Value);
  const part = (name: string) => new RegExp(`\\\\"${name}\\\\":\\\\"(.*?)\\\\",`).exec(text)?.[1] ?? '';
  return { image: part('image'), inferenceImage: part('inferenceImage') };
}

function failure(environment: string): string {
  try {
    loadEnvironment(repository({ 'environments/dev.yaml': environment, ...DOCKERFILES }), 'dev');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('loaded without a failure');
}

describe('an environment that builds its images', () => {
  test('has them in a stack of their own, each in a repository by its name', () => {
    const images = find(stacks(BUILT), 'Images');

    expect(ofType(images, 'AWS::ECR::Repository').map(({ RepositoryName }) => RepositoryName)).toEqual([
      'mlops-dev/trainer',
      'mlops-dev/model-server',
    ]);
    expect(ofType(images, 'AWS::CodeBuild::Project')).toHaveLength(2);
    expect(ofType(images, 'AWS::Lambda::Function')).toHaveLength(1);
    expect(JSON.stringify(images.template)).toContain("--build-arg 'BASE_IMAGE=python:3'");
    expect(JSON.stringify(images.template)).toContain(':repository/cache/python');
  });

  test('gives them to its models by digest', () => {
    const model = find(stacks(BUILT), 'Model-rain');

    expect(imagesOf(model)).toEqual({
      image: expect.stringMatching(
        /\/mlops-dev\/trainer@",\{"Fn::GetAtt":\["TrainerImage\w+","ImageDigest"\]/,
      ) as string,
      inferenceImage: expect.stringMatching(
        /\/mlops-dev\/model-server@",\{"Fn::GetAtt":\["ModelServerImage\w+","ImageDigest"\]/,
      ) as string,
    });
    expect(ofType(model, 'Custom::MlopsImage').map(({ ProjectName }) => ProjectName)).toEqual([undefined, undefined]);
  });

  test('asks in the models for the very tags that it builds', () => {
    const made = stacks(BUILT);
    const tags = (id: string) => ofType(find(made, id), 'Custom::MlopsImage').map(({ ImageTag }) => ImageTag);

    expect(tags('Model-rain')).toEqual(tags('Images'));
  });

  test('hands no model a value that changes with an image: no export would let itself be updated', () => {
    const outputs = (files: Record<string, string>) => find(stacks(BUILT, files), 'Images').template.Outputs;

    expect(outputs({ 'images/trainer/train.py': 'changed' })).toEqual(outputs({}));
  });

  test('exports the function while no model uses it', () => {
    const alone = find(stacks(BUILT.replace(/models:\n[^]*/, 'models: {}\n')), 'Images');

    expect(alone.template.Outputs).toEqual(find(stacks(BUILT), 'Images').template.Outputs);
  });
});

describe('a model that builds its own training image', () => {
  test('has a repository of its own, and its jobs may pull from that alone', () => {
    const made = stacks(WITH_OWN);
    const model = find(made, 'Model-rain');

    expect(ofType(find(made, 'Images'), 'AWS::ECR::Repository').map(({ RepositoryName }) => RepositoryName)).toEqual([
      'mlops-dev/rain/trainer',
    ]);
    expect(imagesOf(model)).toEqual({
      image: expect.stringContaining('/mlops-dev/rain/trainer@') as string,
      inferenceImage: expect.stringMatching(/\/mlops\/model-server:1$/) as string,
    });
    const [role] = Object.entries(model.resources).filter(([id]) => id.startsWith('TrainingJobRole'));
    expect(JSON.stringify(role)).toContain(':repository/mlops-dev/rain/trainer');
    expect(JSON.stringify(role)).not.toContain(':repository/mlops/trainer');
  });

  test('may name one instead', () => {
    const named = ENVIRONMENT.replace('instanceType: ml.m5.large\n    serving', OWN.replace(/\{.*\}/, 'team/own:2'));
    const made = stacks(named);

    expect(made.map(({ id }) => id)).not.toContain('Images');
    expect(imagesOf(find(made, 'Model-rain')).image).toMatch(/\/team\/own:2$/);
  });
});

test('the images of this repository are built as they are, tests left out', () => {
  const root = join(__dirname, '..', '..');
  const dockerignore = readFileSync(join(root, 'images', 'trainer', '.dockerignore'), 'utf8');

  expect(dockerignore).not.toContain('!tests');
  expect(readFileSync(join(root, 'images', 'trainer', 'Dockerfile'), 'utf8')).toMatch(
    /^ARG BASE_IMAGE=public\.ecr\.aws\//m,
  );
});

describe('fails', () => {
  test('on a folder without a Dockerfile', () => {
    expect(failure(BUILT.replace('images/trainer', 'images/trainr'))).toBe(
      "environments/dev.yaml: 'images.trainer.build' is 'images/trainr', must be a folder with 'Dockerfile'",
    );
    expect(failure(WITH_OWN.replace('rain/image', 'rain/imag'))).toContain("'models.rain.training.image.build' is");
  });

  test('on an image that is neither named nor built', () => {
    expect(failure(ENVIRONMENT.replace('mlops/trainer:1', '7'))).toBe(
      "environments/dev.yaml:4: 'images.trainer' is 7, must be a repository with a tag or a digest, such as 'mlops/trainer:1', or 'build' with a folder",
    );
    expect(failure(ENVIRONMENT.replace('mlops/trainer:1', 'mlops/trainer'))).toBe(
      "environments/dev.yaml:4: 'images.trainer' is 'mlops/trainer', must be a repository with a tag or a digest, such as 'mlops/trainer:1' or 'mlops/trainer@sha256:…'",
    );
  });

  test('on an unknown key, with the known ones and the nearest', () => {
    expect(failure(BUILT.replace('buildArgs', 'buildArg'))).toContain(
      "'images.modelServer.buildArg' is not known, must be one of 'build', 'file', 'buildArgs', 'baseRepositories', did you mean 'buildArgs'?",
    );
  });

  test('on more images than a stack can build', () => {
    const model = BUILT.slice(BUILT.indexOf('  rain:')).replace('instanceType: ml.m5.large\n    serving', OWN);
    const names = Array.from({ length: 65 }, (_, index) => `m${index}`);
    const models = names.map(name =>
      model.replace('  rain:', `  ${name}:`).replace('definition: models/rain/', `definition: models/${name}/`),
    );
    const files = names.flatMap(name => [
      [`models/${name}/model.yaml`, MODEL.replace('name: rain', `name: ${name}`)],
      [`models/${name}/train.py`, ''],
    ]);

    expect(() =>
      stacks(
        `${ENVIRONMENT.slice(0, ENVIRONMENT.indexOf('  rain:'))}${models.join('')}`,
        Object.fromEntries(files) as Record<string, string>,
      ),
    ).toThrow("65 images are built, must be at most 64, give some models the environment's 'trainer'");
  });
});
