import { App } from 'aws-cdk-lib';
import { createPlatform } from '../../lib/platform';
import { type SynthesisedStack, synthesise, stacksOf } from '../support/platform';
import { rootOf } from './environment-of';

/**
 * How an environment grows by its models. Who makes one of these numbers larger changes what a hundred models cost:
 * docs/cost-of-a-model.md tells what they are.
 */

const MAX_OF_A_MODEL = 24;
/** CloudFormation takes 500; a stack that is near has to be divided in a hurry. */
const MAX_OF_A_STACK = 400;

function stacksWith(...models: string[]): SynthesisedStack[] {
  const environment = { tier: 'prod', models: Object.fromEntries(models.map(name => [name, {}])) };
  return synthesise({ root: rootOf(environment) }).get('dev') ?? [];
}

function typesIn(stacks: readonly SynthesisedStack[]): string[] {
  return stacks.flatMap(({ resources }) => Object.values(resources).map(({ Type }) => Type));
}

/** The sizes of the stacks of an environment with so many models; nobody is asked whether they are allowed. */
function sizesWith(count: number): Map<string, number> {
  const names = Array.from({ length: count }, (_, index) => `model-${index}`);
  const environment = { tier: 'prod', models: Object.fromEntries(names.map(name => [name, {}])) };
  const root = rootOf(environment);
  const [stage] = createPlatform(new App(), { root, validate: false });
  return new Map(stacksOf(stage).map(({ id, resources }) => [id, Object.keys(resources).length]));
}

const one = stacksWith('rain');
const two = stacksWith('rain', 'snow');

test('a model adds a stack of its own, and no resource to what is shared', () => {
  const shared = (stacks: SynthesisedStack[]) =>
    Object.fromEntries(
      stacks.filter(({ id }) => !id.startsWith('Model-')).map(({ id, resources }) => [id, Object.keys(resources)]),
    );

  expect(shared(two)).toEqual(shared(one));
});

test('a model adds no more resources than are counted here, and no function or machine', () => {
  const added = typesIn(two.filter(({ id }) => id === 'Model-snow'));

  expect(added.length).toBeGreaterThan(0);
  expect(added.length).toBeLessThanOrEqual(MAX_OF_A_MODEL);
  expect(added).not.toContain('AWS::Lambda::Function');
  expect(added).not.toContain('AWS::Lambda::Permission');
  expect(added).not.toContain('AWS::StepFunctions::StateMachine');
  expect(added).not.toContain('AWS::Events::Rule');
});

describe('an environment of a hundred models', () => {
  const hundred = sizesWith(100);
  const models = [...hundred].filter(([id]) => id.startsWith('Model-'));

  test('has no stack that is near what CloudFormation takes', () => {
    expect(models).toHaveLength(100);
    expect(Math.max(...hundred.values())).toBeLessThanOrEqual(MAX_OF_A_STACK);
  });

  test('shares no more than one of two models', () => {
    const shared = (sizes: Map<string, number>) =>
      Object.fromEntries([...sizes].filter(([id]) => !id.startsWith('Model-')));

    expect(shared(hundred)).toEqual(shared(sizesWith(2)));
  });

  test('has no model that is larger than another', () => {
    expect(new Set(models.map(([, size]) => size)).size).toBe(1);
  });
});

test('no stack of any environment is near what CloudFormation takes', () => {
  const sizes = [...synthesise()].flatMap(([environment, stacks]) =>
    stacks.map(({ id, resources }) => ({ stack: `${environment}/${id}`, size: Object.keys(resources).length })),
  );

  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.filter(({ size }) => size > MAX_OF_A_STACK)).toEqual([]);
});
