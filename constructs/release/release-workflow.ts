import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  Fail,
  type IChainable,
  JitterType,
  type RetryProps,
  type State,
  Succeed,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

/** A step is repeated for about half a minute before the release is given up. */
const RETRY: RetryProps = { interval: Duration.seconds(2), backoffRate: 2, maxAttempts: 4 };

/** The last words have longer: nothing else tells that something is wrong. */
const RETRY_TELLING: RetryProps = {
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 8,
  maxDelay: Duration.minutes(5),
};

/** Errors of executions whose end people were told of. */
const UNDONE = 'ReleaseUndone';
const FAILED = 'ReleaseFailed';
export const TOLD_ERRORS = [UNDONE, FAILED];

/** How a step differs from the others. */
interface StepOptions {
  readonly retry?: RetryProps;
  readonly outputs?: string;
}

/** Settings of the workflow. */
export interface ReleaseWorkflowProps {
  /** Does the steps. */
  readonly stepFunction: IFunction;
}

/**
 * The states of a release, one for each step of `lambda/release-step`.
 *
 * The function looks, acts and says what became of it (`kind`); the machine only knows what comes next. An error that
 * outlasts its retries is treated as a failure of the release, so there is no way out but through `Finish` and `Tell`.
 */
export class ReleaseWorkflow extends Construct {
  public readonly start: IChainable;

  private readonly stepFunction: IFunction;

  constructor(scope: Construct, id: string, props: ReleaseWorkflowProps) {
    super(scope, id);
    this.stepFunction = props.stepFunction;

    const tell = this.step('Tell', 'tell', {
      retry: RETRY_TELLING,
      // what the execution ends with
      outputs: '{% $states.result.Payload.output %}',
    });
    const finish = this.step('Finish', 'finish');
    const undo = this.step('Undo', 'undo');
    const conclude = this.step('Conclude', 'conclude');
    const record = this.step('Record', 'record');
    const verify = this.step('Verify', 'verify');
    const settle = this.step('Settle', 'settle');
    const sleep = this.step('Sleep', 'sleep');
    const shift = this.step('Shift', 'shift');
    const shadow = this.step('Shadow', 'shadow');
    const prepare = this.step('Prepare', 'prepare');
    const eligible = this.step('Eligible', 'eligible');
    const acquire = this.step('Acquire', 'acquire');
    const hold = this.step('Hold', 'hold');

    this.onErrorGoTo(tell, this.failure('NotTold', 'nobody could be told how the release ended'));
    for (const step of [finish, hold]) this.onErrorGoTo(step, tell);
    for (const step of [undo, conclude, acquire]) this.onErrorGoTo(step, finish);
    for (const step of [record, verify, settle, shift, sleep, shadow, prepare, eligible]) this.onErrorGoTo(step, undo);

    const waitFor = (waitId: string, next: State): State => {
      const wait = this.wait(waitId);
      wait.next(next);
      return wait;
    };
    tell.next(this.endings());
    this.after(finish, { finished: tell, lost: tell });
    this.after(undo, {
      undoing: waitFor('WaitForWayBack', undo),
      undone: finish,
      // the answer of `Record` was lost, not the record
      recorded: conclude,
      lost: tell,
    });
    this.after(conclude, { concluded: finish, lost: tell });
    this.after(record, { recorded: conclude, lost: tell });
    this.after(verify, { verified: record, failed: undo, lost: tell });
    const waitForTraffic = waitFor('WaitForTraffic', settle);
    this.after(settle, { shifting: waitForTraffic, settled: verify, failed: undo, lost: tell });
    this.after(shift, {
      shifting: waitForTraffic,
      settled: verify,
      busy: waitFor('WaitForOther', shift),
      failed: undo,
      lost: tell,
    });
    this.after(sleep, {
      'falling-asleep': waitFor('WaitForSleep', sleep),
      asleep: record,
      failed: undo,
      lost: tell,
    });
    this.after(shadow, {
      shadowing: waitFor('WaitForShadow', shadow),
      shadowed: shift,
      // a rollback waits: it ends the shadow with its own movement
      yielded: finish,
      failed: undo,
      lost: tell,
    });
    this.after(prepare, { prepared: shift, 'to-shadow': shadow, failed: undo, lost: tell });
    this.after(eligible, {
      eligible: prepare,
      lift: record,
      sleep,
      refused: finish,
      astray: undo,
      failed: undo,
      // of a release that died after its record: only to tidy up was left
      recorded: conclude,
      lost: tell,
    });
    this.after(acquire, {
      acquired: eligible,
      busy: waitFor('WaitForLock', acquire),
      refused: finish,
      lost: tell,
    });
    this.after(hold, { held: tell, refused: finish });
    // a hold needs no lock, so that it can be set while a release has it
    this.start = Choice.jsonata(this, 'Asked')
      .when(Condition.jsonata("{% $states.context.Execution.Input.action in ['hold', 'resume'] %}"), hold)
      .otherwise(acquire);
  }

  /** A step hands on what it knows; what the execution was asked stays in the context and cannot be changed on the way. */
  private step(id: string, name: string, options: StepOptions = {}): LambdaInvoke {
    const task = LambdaInvoke.jsonata(this, id, {
      stateName: id,
      lambdaFunction: this.stepFunction,
      payload: TaskInput.fromText(
        `{% {'step': '${name}', 'execution': $states.context.Execution.Id, 'request': $states.context.Execution.Input, 'journal': $states.input.journal, 'error': $states.input.error} %}`,
      ),
      outputs: options.outputs ?? '{% $states.result.Payload %}',
      retryOnServiceExceptions: false,
    });
    // each step may be repeated, whatever went wrong
    task.addRetry({ errors: ['States.ALL'], jitterStrategy: JitterType.FULL, ...(options.retry ?? RETRY) });
    return task;
  }

  private onErrorGoTo(step: LambdaInvoke, next: IChainable): void {
    step.addCatch(next, {
      errors: ['States.ALL'],
      outputs: `{% {'kind': 'failed', 'waitSeconds': 0, 'journal': $states.input.journal, 'error': $states.errorOutput} %}`,
    });
  }

  /** What comes after a step, by what became of it. */
  private after(step: LambdaInvoke, next: Record<string, State>): void {
    const choice = Choice.jsonata(this, `After${step.id}`);
    for (const [kind, state] of Object.entries(next)) {
      choice.when(Condition.jsonata(`{% $states.input.kind = '${kind}' %}`), state);
    }
    step.next(
      choice.otherwise(this.failure(`Unexpected${step.id}`, 'the step ended in a way that the machine does not know')),
    );
  }

  private wait(id: string): Wait {
    return Wait.jsonata(this, id, { stateName: id, time: WaitTime.seconds('{% $states.input.waitSeconds %}') });
  }

  /** A refusal is an answer; a release that was undone or failed is a failed execution, so that it shows and alarms. */
  private endings(): Choice {
    const cause = '{% $states.input.detail %}';
    const ended = (outcome: string): Condition => Condition.jsonata(`{% $states.input.outcome = '${outcome}' %}`);
    return Choice.jsonata(this, 'AfterTell')
      .when(ended('succeeded'), Succeed.jsonata(this, 'Succeeded', { stateName: 'Succeeded' }))
      .when(ended('refused'), Succeed.jsonata(this, 'Refused', { stateName: 'Refused' }))
      .when(ended('undone'), Fail.jsonata(this, 'Undone', { stateName: 'Undone', error: UNDONE, cause }))
      .otherwise(Fail.jsonata(this, 'Failed', { stateName: 'Failed', error: FAILED, cause }));
  }

  private failure(error: string, cause: string): Fail {
    return Fail.jsonata(this, error, { stateName: error, error, cause });
  }
}
