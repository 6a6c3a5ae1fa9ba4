import { Token } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { requireEnvironmentName, requireModelName } from '../private/name-rules';
import { ENVIRONMENT_TAG, MODEL_TAG } from '../private/tag-keys';
import { Problems } from '../private/validation';
import { allowBudgets } from './budget-topic';
import { TrainingStop } from './training-stop';

/** Percent of the limit at which people are told, of what was spent and of what AWS expects until the month's end. */
const TOLD_AT_PERCENT = [80, 100];
/** Of a budget's action, by AWS. */
const MAX_STOPPED_ROLES = 100;

/** Settings of a budget. */
export interface CostBudgetProps {
  /** Environment whose cost is watched, by the tag `mlops:environment`. */
  readonly environmentName: string;

  /**
   * The only model whose cost is watched, by the tag `mlops:model` as well.
   *
   * @default - all that bears the tag of the environment
   */
  readonly modelName?: string;

  /** What may be spent in a calendar month, in US dollars. */
  readonly monthlyLimitUsd: number;

  /** Where people are told at 80 and at 100 percent, of what is spent and of what is forecast. */
  readonly notificationTopic: ITopic;

  /**
   * Roles that start training, such as `PipelineController.jobStarterRole`, which may start none any more once the limit
   * is spent: AWS Budgets attaches a policy to them that denies it. What serves goes on, and so does a job that runs.
   *
   * @default - people are told, nothing is stopped
   */
  readonly stoppedRoles?: IRole[];
}

/**
 * A monthly limit on the cost of an environment or of a model.
 *
 * AWS knows a cost by its tags only after both were activated as cost allocation tags in the account that pays, and some
 * hours after it arose.
 */
export class CostBudget extends Construct {
  /** Name of the budget. */
  public readonly budgetName: string;

  constructor(scope: Construct, id: string, props: CostBudgetProps) {
    super(scope, id);
    const { environmentName, modelName, notificationTopic } = props;
    this.validate(props);
    allowBudgets(notificationTopic);
    const tags = [
      tagged(ENVIRONMENT_TAG, environmentName),
      ...(modelName === undefined ? [] : [tagged(MODEL_TAG, modelName)]),
    ];
    const subscribers = [{ subscriptionType: 'SNS', address: notificationTopic.topicArn }];
    const budget = new CfnBudget(this, 'Resource', {
      budget: {
        // no name: another threshold or topic is another budget, and two of one name cannot be
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: props.monthlyLimitUsd, unit: 'USD' },
        // not `costFilters`: there a cost with either tag counts
        filterExpression: tags.length === 1 ? tags[0] : { and: tags },
        metrics: ['UnblendedCost'],
      },
      notificationsWithSubscribers: ['ACTUAL', 'FORECASTED'].flatMap(notificationType =>
        TOLD_AT_PERCENT.map(threshold => ({
          notification: {
            notificationType,
            threshold,
            thresholdType: 'PERCENTAGE',
            comparisonOperator: 'GREATER_THAN',
          },
          subscribers,
        })),
      ),
    });
    this.budgetName = budget.ref;
    const { stoppedRoles } = props;
    if (stoppedRoles !== undefined && stoppedRoles.length > 0) {
      new TrainingStop(this, 'TrainingStop', { budgetName: budget.ref, roles: stoppedRoles, notificationTopic });
    }
  }

  private validate(props: CostBudgetProps): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    if (props.modelName !== undefined) {
      requireModelName(problems, props.modelName);
    }
    const { monthlyLimitUsd } = props;
    problems.require(
      Token.isUnresolved(monthlyLimitUsd) || (Number.isFinite(monthlyLimitUsd) && monthlyLimitUsd > 0),
      `'monthlyLimitUsd' is ${monthlyLimitUsd}, must be above 0`,
    );
    problems.requireRange("number of 'stoppedRoles'", props.stoppedRoles?.length, 0, MAX_STOPPED_ROLES);
    problems.throwIfAny();
  }
}

function tagged(key: string, value: string): CfnBudget.ExpressionProperty {
  return { tags: { key, values: [value], matchOptions: ['EQUALS'] } };
}
