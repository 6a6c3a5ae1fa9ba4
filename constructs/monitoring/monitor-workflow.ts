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
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

/** Every step looks at nothing but its input and what is stored, so whatever went wrong may be tried again. */
const RETRY = {
  errors: ['States.ALL'],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 4,
  maxDelay: Duration.seconds(30),
  jitterStrategy: JitterType.FULL,
};

/** Longer than Athena lets a query run. */
const QUERY_TIMEOUT = Duration.minutes(35);

const PLAN = '{% $plan.plan %}';

/** Settings of the workflow. */
export interface MonitorWorkflowProps {
  readonly stepFunction: IFunction;
  readonly databaseName: string;
  readonly workgroupName: string;
}

/** States of the monitor, in JSONata: plan, count the period, and where it closes a window, join labels and judge. */
export class MonitorWorkflow extends Construct {
  /** First state. */
  public readonly start: IChainable;

  private readonly page: LambdaInvoke;

  private readonly props: MonitorWorkflowProps;

  constructor(scope: Construct, id: string, props: MonitorWorkflowProps) {
    super(scope, id);
    this.props = props;

    // no heartbeat after a failure: if it goes on, that alarm goes off as well
    this.page = this.call('Page', {
      step: 'page',
      model: '{% $states.context.Execution.Input.model %}',
      execution: '{% $states.context.Execution.Id %}',
      error: "{% $states.input.Error ? $states.input.Error : 'unknown' %}",
      cause: "{% $states.input.Cause ? $states.input.Cause : 'unknown' %}",
    });
    this.page.next(
      Fail.jsonata(this, 'PeriodNotCounted', { error: 'PeriodNotCounted', cause: 'See the step that failed' }),
    );

    const plan = this.step('Plan', { step: 'plan', input: '{% $states.context.Execution.Input %}' }, 'plan');
    const countFeatures = this.query('CountFeatures', '{% $plan.featureQuery %}');
    const collect = this.step('Collect', {
      step: 'collect',
      plan: PLAN,
      queryExecutionId: '{% $states.input.queryExecutionId %}',
    });
    const countLabels = this.query('CountLabels', '{% $plan.labelQuery %}');
    const score = this.step('Score', {
      step: 'score',
      plan: PLAN,
      // not there unless a window closes, and an expression must come to something
      labelQueryExecutionId: '{% $states.input.queryExecutionId ? $states.input.queryExecutionId : null %}',
    });
    score.next(Succeed.jsonata(this, 'Done'));
    countLabels.next(score);
    collect.next(
      Choice.jsonata(this, 'ClosesWindow')
        .when(Condition.jsonata('{% $exists($plan.labelQuery) %}'), countLabels)
        .otherwise(score),
    );
    countFeatures.next(collect);
    plan.next(
      Choice.jsonata(this, 'AnythingServed')
        .when(Condition.jsonata('{% $exists($plan.featureQuery) %}'), countFeatures)
        .otherwise(score),
    );
    this.start = plan;
  }

  /** A step that pages when it fails for good. */
  private step(id: string, payload: Record<string, string>, variable?: string): LambdaInvoke {
    const state = this.call(id, payload, variable);
    state.addCatch(this.page, { errors: ['States.ALL'] });
    return state;
  }

  private call(id: string, payload: Record<string, string>, variable?: string): LambdaInvoke {
    const answer = '{% $states.result.Payload %}';
    const state = LambdaInvoke.jsonata(this, id, {
      lambdaFunction: this.props.stepFunction,
      payload: TaskInput.fromObject(payload),
      outputs: answer,
      assign: variable === undefined ? undefined : { [variable]: answer },
      retryOnServiceExceptions: false,
    });
    state.addRetry(RETRY);
    return state;
  }

  /** Runs a query to its end. The CDK's own task would let the machine read and write every bucket. */
  private query(id: string, sql: string): CustomState {
    const state = new CustomState(this, id, {
      stateJson: {
        Type: 'Task',
        Resource: `arn:${Aws.PARTITION}:states:::athena:startQueryExecution.sync`,
        Arguments: {
          QueryString: sql,
          WorkGroup: this.props.workgroupName,
          QueryExecutionContext: { Database: this.props.databaseName },
        },
        Output: { queryExecutionId: '{% $states.result.QueryExecution.QueryExecutionId %}' },
        TimeoutSeconds: QUERY_TIMEOUT.toSeconds(),
      },
    });
    state.addRetry(RETRY);
    state.addCatch(this.page, { errors: ['States.ALL'] });
    return state;
  }
}
