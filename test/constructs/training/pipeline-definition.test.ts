import { claimStep, type Frozen } from '../../../lambda/pipeline-control/claim-step';
import { failureStep, type Failure } from '../../../lambda/pipeline-control/failure-step';
import { gateStep } from '../../../lambda/pipeline-control/gate-step';
import { guardStep } from '../../../lambda/pipeline-control/guard-step';
import { registerStep } from '../../../lambda/pipeline-control/register-step';
import { snapshot } from '../../../lambda/pipeline-data/snapshot';
import { validate } from '../../../lambda/pipeline-data/validate';
import { pipelineOutput, type PipelineInput, type TrainingSettings } from '../../../lambda/shared/contracts';
import { BASELINE, evaluationOf, inputOf, SETTINGS, SURROUNDINGS, World } from '../../lambda/pipeline-control/fixtures';
import { MemoryZones, readyOf } from '../../lambda/pipeline-data/fixtures';
import { stacks } from './fixtures';
import { definitionOf, type Ending, TaskError, walk } from './walk';

const DEFINITION = definitionOf(stacks().platform);
const CSV = ['pressure,rain', ...Array.from({ length: 200 }, (_, i) => `${i}.5,${i % 2}`), ''].join('\n');
const HAPPY_PATH = [
  ...['Guard', 'Allowed?', 'Validate', 'Valid?', 'Snapshot', 'Frozen?', 'ClaimRun', 'Claimed?', 'Train', 'Evaluate'],
  ...['Gate', 'Passed?', 'Register', 'Registered?', 'Done'],
];

interface Invocation {
  readonly Payload: {
    readonly op: string;
    readonly request: PipelineInput;
    readonly execution: string;
    readonly settings: TrainingSettings;
    readonly runId: string;
    readonly failure: Failure;
    readonly model: string;
    readonly validation: { readonly batchIds: string[] };
  } & Frozen;
}

/** The deployed definition over the steps' own code, with everything outside in memory. */
class Pipeline {
  readonly world = new World();
  readonly zones = new MemoryZones();
  readonly trained: string[] = [];
  auc = 0.85;
  trainingError: TaskError | undefined;

  start(name: string, input: unknown = inputOf()): Promise<Ending> {
    const execution = `arn:aws:states:eu-west-1:111122223333:execution:pipeline:${name}`;
    this.world.runningExecutions.add(execution);
    return walk(DEFINITION, execution, input, {
      invoke: async ({ Payload }: Invocation) => ({ Payload: await this.invoke(Payload) }),
      'createTrainingJob.sync': (request: { TrainingJobName: string; OutputDataConfig: { S3OutputPath: string } }) => {
        this.trained.push(request.TrainingJobName);
        if (this.trainingError !== undefined) return Promise.reject(this.trainingError);
        const { TrainingJobName: job, OutputDataConfig: output } = request;
        this.world.files.set(`${output.S3OutputPath}/${job}/output/model.tar.gz`, 'model');
        return Promise.resolve({ TrainingJobStatus: 'Completed' });
      },
      'createProcessingJob.sync': (request: {
        ProcessingOutputConfig: { Outputs: { S3Output: { S3Uri: string } }[] };
      }) => {
        const uri = request.ProcessingOutputConfig.Outputs[0]?.S3Output.S3Uri ?? '';
        this.world.files.set(`${uri}/evaluation.json`, JSON.stringify(evaluationOf(this.auc)));
        this.world.files.set(`${uri}/baseline.json`, JSON.stringify(BASELINE));
        return Promise.resolve({ ProcessingJobStatus: 'Completed' });
      },
    }).finally(() => this.world.runningExecutions.delete(execution));
  }

  private async invoke(step: Invocation['Payload']): Promise<unknown> {
    const context = { input: step.request, execution: step.execution, settings: step.settings };
    switch (step.op) {
      case 'guard':
        return guardStep(step.request, step.execution, this.world);
      case 'validate':
        return validate({ ...step, schema: SETTINGS.schema, maxRows: SETTINGS.maxRows }, this.zones);
      case 'snapshot':
        return snapshot(
          { ...step, schema: SETTINGS.schema, holdoutShare: SETTINGS.holdoutShare, ...step.validation },
          this.zones,
        );
      case 'claim':
        return claimStep(context, step, SURROUNDINGS, this.world);
      case 'gate':
        return gateStep(context, step.runId, this.world);
      case 'register':
        return registerStep(context, step.runId, this.world);
      case 'record-failure':
        return failureStep(step.request, step.execution, step.failure, this.world);
      default:
        throw new Error(`unknown op '${step.op}'`);
    }
  }
}

function pipelineWithData(): Pipeline {
  const pipeline = new Pipeline();
  pipeline.zones.land('b', 1, { 'a.csv': CSV });
  return pipeline;
}

describe('an execution', () => {
  test('trains, evaluates and registers a version', async () => {
    const ending = await pipelineWithData().start('first');

    expect(ending).toMatchObject({ status: 'SUCCEEDED', path: HAPPY_PATH });
    expect(pipelineOutput.parse(ending.output)).toMatchObject({ outcome: 'registered', version: '1', auc: 0.85 });
  });

  test('names the version and trains nothing when started again on the same data', async () => {
    // GIVEN
    const pipeline = pipelineWithData();
    const first = pipelineOutput.parse((await pipeline.start('first')).output);

    // WHEN
    const again = pipelineOutput.parse((await pipeline.start('again')).output);

    // THEN
    expect(again).toMatchObject({ outcome: 'exists', runId: first.runId, version: '1' });
    expect(pipeline.trained).toHaveLength(1);
    expect(pipeline.world.created).toHaveLength(1);
  });

  test('ends well, and says why, when the guard refuses', async () => {
    const ending = await pipelineWithData().start('first', inputOf('new-data'));

    expect(ending).toMatchObject({ status: 'SUCCEEDED', path: ['Guard', 'Allowed?', 'Done'] });
    expect(pipelineOutput.parse(ending.output)).toMatchObject({ outcome: 'skipped' });
  });

  test('ends well, and registers nothing, when the challenger is not good enough', async () => {
    const pipeline = pipelineWithData();
    pipeline.auc = 0.6;

    const ending = await pipeline.start('first');

    expect(ending).toMatchObject({ status: 'SUCCEEDED' });
    expect(pipelineOutput.parse(ending.output)).toMatchObject({ outcome: 'not-better', auc: 0.6 });
    expect(pipeline.world.created).toEqual([]);
  });

  test("fails with the process's last lines, and a retry trains under the next attempt", async () => {
    // GIVEN
    const pipeline = pipelineWithData();
    pipeline.trainingError = new TaskError(
      'States.TaskFailed',
      JSON.stringify({ TrainingJobStatus: 'Failed', FailureReason: 'AlgorithmError: ValueError: no rows' }),
    );

    // WHEN
    const failed = await pipeline.start('first');
    pipeline.trainingError = undefined;
    const retried = await pipeline.start('second');

    // THEN
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'PipelineFailed',
      cause: 'States.TaskFailed: AlgorithmError: ValueError: no rows',
    });
    expect(failed.path.slice(-3)).toEqual(['Train', 'RecordFailure', 'Failed']);
    expect(pipeline.world.told[0]?.what).toContain('ValueError: no rows');
    expect(retried).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'registered', version: '1' } });
    expect(pipeline.trained.map(name => name.slice(-2))).toEqual(['-1', '-2']);
  });

  test('fails, and tells a person, on a batch that cannot be used', async () => {
    const pipeline = new Pipeline();
    pipeline.zones.land('b', 1, { 'a.csv': 'x\n1\n' }, readyOf({ 'a.csv': 'x\n1\n' }));

    const ending = await pipeline.start('first');

    expect(ending).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(/batch 'b': file 'a.csv' lacks the column 'pressure', 'rain'/) as string,
    });
    expect(pipeline.world.told).toHaveLength(1);
  });

  test.each([[{}], [{ model: 'rain' }], [[]]])('fails on the input %j with what is wrong with it', async input => {
    expect(await new Pipeline().start('first', input)).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(/the input does not have the agreed shape/) as string,
    });
  });
});

describe('the definition', () => {
  test('leaves no state of which a failure is not recorded', () => {
    const uncaught = Object.entries(DEFINITION.States)
      .filter(([, state]) => state?.Type === 'Task' && state.Catch?.at(0)?.Next !== 'RecordFailure')
      .map(([name]) => name);

    expect(uncaught).toEqual(['RecordFailure']);
  });

  test('retries throttling of jobs, and never a job that failed', () => {
    expect(DEFINITION.States.Train).toMatchObject({
      Retry: [
        {
          ErrorEquals: ['SageMaker.AmazonSageMakerException'],
          IntervalSeconds: 5,
          BackoffRate: 2,
          MaxAttempts: 8,
          MaxDelaySeconds: 120,
          JitterStrategy: 'FULL',
        },
      ],
    });
  });

  test('names no model', () => {
    expect(JSON.stringify(DEFINITION)).not.toMatch(/\brain\b|mlops-dev-/);
  });
});
