import { Aws, Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  CustomState,
  Fail,
  type IChainable,
  JitterType,
  Succeed,
  TaskInput,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

/** Functions of the pipeline, as its definition needs them. */
export interface PipelineDefinitionProps {
  /** Decides: guard, claim, gate, register, record of a failure. */
  readonly controlFunction: IFunction;

  /** Moves rows: validate, snapshot. */
  readonly dataFunction: IFunction;

  /** Longest time that one job may take; a job's own limit comes first. */
  readonly jobTimeout: Duration;
}

/** A little over what Lambda allows a function, so that the function's own timeout tells first. */
const FUNCTION_TIMEOUT = Duration.minutes(16);

/** A function's step checks before it acts, so whatever went wrong may be tried again. */
const FUNCTION_RETRY = {
  errors: ['States.ALL'],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 5,
  maxDelay: Duration.seconds(30),
  jitterStrategy: JitterType.FULL,
};

/**
 * SageMaker's throttling comes under this name, and so does a denied access: hence the cap. A job that failed
 * (`States.TaskFailed`) is never run again by itself, since that would cost as much as the first time.
 */
const JOB_RETRY = {
  errors: ['SageMaker.AmazonSageMakerException'],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 8,
  maxDelay: Duration.seconds(120),
  jitterStrategy: JitterType.FULL,
};

/** Error of executions whose failure was recorded and told. */
const FAILED = 'PipelineFailed';
export const TOLD_ERRORS = [FAILED];

/** What every step of the control function is told. */
const REQUEST = {
  request: '{% $states.context.Execution.Input %}',
  execution: '{% $states.context.Execution.Id %}',
};

/** The settings as the guard read them: one execution goes by one set, whatever is deployed meanwhile. */
const SETTINGS = { settings: '{% $guard.settings %}' };

/** What every step of the data function is told. */
const MODEL_DATA = { model: '{% $states.context.Execution.Input.model %}', schema: '{% $guard.settings.schema %}' };

/**
 * States of the training pipeline, in JSONata. Nothing in it belongs to one model: the guard reads the model's settings,
 * and the claim makes both jobs' requests.
 */
export class PipelineDefinition extends Construct {
  /** First state. */
  public readonly start: IChainable;

  private readonly done: Succeed;
  private readonly recordFailure: LambdaInvoke;

  constructor(scope: Construct, id: string, props: PipelineDefinitionProps) {
    super(scope, id);
    const { controlFunction, dataFunction, jobTimeout } = props;

    this.done = Succeed.jsonata(this, 'Done', { comment: 'The output says what the execution came to, and why' });
    // no catch: where even this fails, the execution fails with what went wrong here, and an alarm tells
    this.recordFailure = this.functionState('RecordFailure', controlFunction, {
      op: 'record-failure',
      ...REQUEST,
      // a state that failed leaves an error and a cause, a step that gave up leaves a reason; JSONata drops what is not there
      failure: "{% {'error': $states.input.Error, 'cause': $states.input.Cause, 'reason': $states.input.reason} %}",
    });
    this.recordFailure.next(Fail.jsonata(this, 'Failed', { error: FAILED, cause: '{% $states.input.reason %}' }));

    // from the last state to the first, since each names the next
    const run = { ...REQUEST, ...SETTINGS, runId: '{% $run.runId %}' };
    const register = this.step('Register', controlFunction, { op: 'register', ...run });
    register.next(this.choice('Registered?'));
    const gate = this.step('Gate', controlFunction, { op: 'gate', ...run });
    gate.next(this.choice('Passed?', register));
    const evaluate = this.job('Evaluate', 'createProcessingJob', '{% $run.processingJob %}', jobTimeout);
    evaluate.next(gate);
    const train = this.job('Train', 'createTrainingJob', '{% $run.trainingJob %}', jobTimeout);
    train.next(evaluate);
    const claim = this.step(
      'ClaimRun',
      controlFunction,
      {
        op: 'claim',
        ...REQUEST,
        ...SETTINGS,
        snapshotDigest: '{% $states.input.digest %}',
        seenThrough: '{% $validation.seenThrough %}',
      },
      'run',
    );
    claim.next(this.choice('Claimed?', train));
    const snapshot = this.step('Snapshot', dataFunction, {
      op: 'snapshot',
      ...MODEL_DATA,
      holdoutShare: '{% $guard.settings.holdoutShare %}',
      // as a whole: JSONata may take the only item of an array out of it
      validation: '{% $validation %}',
    });
    snapshot.next(this.choice('Frozen?', claim));
    const validate = this.step(
      'Validate',
      dataFunction,
      { op: 'validate', ...MODEL_DATA, maxRows: '{% $guard.settings.maxRows %}' },
      'validation',
    );
    validate.next(this.choice('Valid?', snapshot));
    const guard = this.step('Guard', controlFunction, { op: 'guard', ...REQUEST }, 'guard');
    guard.next(this.choice('Allowed?', validate));
    this.start = guard;
  }

  /** A function's step whose errors, once the retries are used up, are recorded. */
  private step(id: string, target: IFunction, payload: Record<string, string>, variable?: string): LambdaInvoke {
    const state = this.functionState(id, target, payload, variable);
    state.addCatch(this.recordFailure, { errors: ['States.ALL'] });
    return state;
  }

  /** Calls a function; its answer is the state's output and, for later states, a variable. */
  private functionState(
    id: string,
    target: IFunction,
    payload: Record<string, string>,
    variable?: string,
  ): LambdaInvoke {
    const answer = '{% $states.result.Payload %}';
    const state = LambdaInvoke.jsonata(this, id, {
      lambdaFunction: target,
      payload: TaskInput.fromObject(payload),
      outputs: answer,
      assign: variable === undefined ? undefined : { [variable]: answer },
      taskTimeout: Timeout.duration(FUNCTION_TIMEOUT),
      retryOnServiceExceptions: false,
    });
    state.addRetry(FUNCTION_RETRY);
    return state;
  }

  /** Runs a SageMaker job to its end. The CDK has no task for processing jobs, and its training task sets constants. */
  private job(id: string, api: string, request: string, timeout: Duration): CustomState {
    const state = new CustomState(this, id, {
      stateJson: {
        Type: 'Task',
        Resource: `arn:${Aws.PARTITION}:states:::sagemaker:${api}.sync`,
        Arguments: request,
        // a job's whole description is nobody's input
        Output: {},
        TimeoutSeconds: timeout.toSeconds(),
      },
    });
    state.addRetry(JOB_RETRY);
    state.addCatch(this.recordFailure, { errors: ['States.ALL'] });
    return state;
  }

  /** Goes on where a step says so; a step that gave up is recorded, and any other answer is the execution's output. */
  private choice(id: string, next?: IChainable): Choice {
    const choice = Choice.jsonata(this, id).when(
      Condition.jsonata("{% $states.input.outcome = 'failed' %}"),
      this.recordFailure,
    );
    if (next !== undefined) {
      choice.when(Condition.jsonata("{% $states.input.outcome = 'continue' %}"), next);
    }
    choice.otherwise(this.done);
    return choice;
  }
}
