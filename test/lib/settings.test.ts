import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { monitoringSettings, reactionSettings, servingSettings, trainingSettings } from '../../lambda/shared/contracts';
import { readableTemplate } from '../support/readable-template';
import { type SynthesisedStack, synthesise } from '../support/platform';
import { parse, stringify } from 'yaml';

const MODEL = {
  name: 'rain',
  schema: { features: [{ name: 'temperature', type: 'double', min: -6, max: 6 }], label: 'rain' },
  training: { code: '.', hyperparameters: { depth: 3, rate: '0.08' }, seed: 7 },
};
/** Every setting of a model that an environment can give, each with a value that is no default. */
const SETTINGS = {
  training: {
    instanceType: 'ml.m5.xlarge',
    instanceCount: 2,
    volumeSizeInGb: 31,
    maxRuntimeMinutes: 61,
    holdoutShare: 0.3,
    maxRows: 4001,
    gate: { minAuc: 0.81, minImprovement: 0.01 },
    guard: {
      minIntervalMinutes: 62,
      maxRunsPerDay: 5,
      minNewRowsOnNewData: 3001,
      minNewRowsOnRetrain: 1001,
      maxLostChallengers: 3,
    },
  },
  serving: {
    instanceType: 'ml.m5.2xlarge',
    instanceCount: 4,
    shift: { type: 'CANARY', stepPercent: 30, waitMinutes: 7, terminationWaitMinutes: 2, maxExecutionMinutes: 90 },
  },
  monitoring: {
    periodMinutes: 30,
    windowPeriods: 2,
    graceMinutes: 8,
    minSamples: 201,
    minLabels: 101,
    labelHorizonDays: 5,
    falseDiscoveryRate: 0.02,
    minExcess: 0.03,
  },
  reaction: { rollbackWindowHours: 71, cooldownHours: 5, retrain: false },
};

function modelStack(settings: object): SynthesisedStack {
  const root = mkdtempSync(join(tmpdir(), 'settings-'));
  mkdirSync(join(root, 'environments'));
  writeFileSync(join(root, 'model.yaml'), stringify(MODEL));
  writeFileSync(join(root, 'train.py'), '');
  const environment = {
    region: 'eu-west-1',
    images: { trainer: 'team/trainer:3', modelServer: 'team/server:4' },
    models: { rain: { definition: 'model.yaml', ...settings } },
  };
  writeFileSync(join(root, 'environments', 'dev.yaml'), stringify(environment));
  const stack = synthesise({ root, environmentNames: ['dev'] })
    .get('dev')
    ?.find(({ id }) => id === 'Model-rain');
  if (stack === undefined) {
    throw new Error("no stack 'Model-rain' in the stage");
  }
  return stack;
}

/** A part of the settings as the functions read it, references left as text. */
function written<T extends z.ZodType>(stack: SynthesisedStack, part: string, schema: T): z.infer<T> {
  const { Resources } = parse(readableTemplate(stack.template)) as {
    Resources: Record<string, { Properties: { Name?: string; Value?: unknown } }>;
  };
  const parameter = Object.values(Resources).find(({ Properties }) => Properties.Name === `/mlops/dev/rain/${part}`);
  return schema.parse(parameter?.Properties.Value);
}

describe('every setting of a file reaches the functions', () => {
  const stack = modelStack(SETTINGS);

  test('of training', () => {
    expect(written(stack, 'training', trainingSettings)).toMatchObject({
      schema: { features: [{ name: 'temperature', type: 'double', min: -6, max: 6 }], label: 'rain' },
      image: expect.stringMatching(/\/team\/trainer:3$/),
      inferenceImage: expect.stringMatching(/\/team\/server:4$/),
      instanceType: 'ml.m5.xlarge',
      instanceCount: 2,
      volumeSizeInGb: 31,
      maxRuntimeSeconds: 61 * 60,
      hyperparameters: { depth: '3', rate: '0.08' },
      seed: 7,
      holdoutShare: 0.3,
      maxRows: 4001,
      gate: { minAuc: 0.81, minImprovement: 0.01 },
      guard: {
        minIntervalSeconds: 62 * 60,
        maxRunsPerDay: 5,
        minNewRowsOnNewData: 3001,
        minNewRowsOnRetrain: 1001,
        maxLostChallengers: 3,
      },
    });
  });

  test('of serving', () => {
    expect(written(stack, 'serving', servingSettings)).toMatchObject({
      endpointName: 'mlops-dev-rain',
      instanceType: 'ml.m5.2xlarge',
      instanceCount: 4,
      shift: {
        type: 'CANARY',
        stepPercent: 30,
        waitSeconds: 7 * 60,
        terminationWaitSeconds: 2 * 60,
        maxExecutionSeconds: 90 * 60,
      },
    });
  });

  test('of monitoring', () => {
    expect(written(stack, 'monitoring', monitoringSettings)).toMatchObject({
      periodSeconds: 30 * 60,
      windowPeriods: 2,
      graceSeconds: 8 * 60,
      minSamples: 201,
      minLabels: 101,
      labelHorizonDays: 5,
      q: 0.02,
      minExcess: 0.03,
      database: expect.stringContaining('RefLakeDatabase') as string,
      inferenceLogTable: 'rain_inference_log',
      labelsTable: 'rain_labels',
    });
  });

  test('of the reaction', () => {
    expect(written(stack, 'reaction', reactionSettings)).toMatchObject({
      rollbackWindowSeconds: 71 * 3600,
      cooldownSeconds: 5 * 3600,
      retrain: false,
    });
  });
});

test('what a file leaves out is complete all the same', () => {
  const stack = modelStack({
    training: { instanceType: 'ml.m5.large' },
    serving: { instanceType: 'ml.m5.large' },
  });

  expect(() => {
    written(stack, 'training', trainingSettings);
    written(stack, 'serving', servingSettings);
    written(stack, 'monitoring', monitoringSettings);
    written(stack, 'reaction', reactionSettings);
  }).not.toThrow();
});
