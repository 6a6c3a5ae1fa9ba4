import { Duration } from 'aws-cdk-lib';
import type { AlarmActionConfig, IAlarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IStringParameter } from 'aws-cdk-lib/aws-ssm';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { requireEnvironmentName, requireModelName } from '../private/name-rules';
import { SettingsParameter } from '../private/settings-parameter';
import { Problems } from '../private/validation';
import type { IModelMonitor } from './model-monitor';
import { type IReactionController, ReactionController } from './reaction-controller';

const DEFAULT_ROLLBACK_WINDOW = Duration.hours(72);
const DEFAULT_COOLDOWN = Duration.hours(6);
const DEFAULT_RETRAIN = true;
const MAX_ROLLBACK_WINDOW_DAYS = 90;
/** Longer than any version is new: after the first rollback there would never be a second. */
const MAX_COOLDOWN_DAYS = 90;

/** Settings of the reaction to a model's alarms. */
export interface RollbackReactionProps {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model whose alarms are reacted to. */
  readonly modelName: string;

  /** The alarms; the reaction attaches itself to all of them. */
  readonly monitor: IModelMonitor;

  /**
   * What decides; shared by all models of the environment.
   *
   * @default - a controller of its own, which needs `ledgerTable`, `releaseStateMachine`, `pipelineStateMachine` and `notificationTopic`
   */
  readonly controller?: IReactionController;

  /**
   * Ledger for a controller of its own.
   *
   * @default - none; must be given without `controller`
   */
  readonly ledgerTable?: ITableV2;

  /**
   * Release machine for a controller of its own.
   *
   * @default - none; must be given without `controller`
   */
  readonly releaseStateMachine?: IStateMachine;

  /**
   * Pipeline machine for a controller of its own.
   *
   * @default - none; must be given without `controller`
   */
  readonly pipelineStateMachine?: IStateMachine;

  /**
   * Where a controller of its own tells people.
   *
   * @default - none; must be given without `controller`
   */
  readonly notificationTopic?: ITopic;

  /**
   * How long a version counts as new: a regression within it rolls back, a later one trains again. Longer than the
   * monitor's alarms need to go off.
   *
   * @default Duration.hours(72)
   */
  readonly rollbackWindow?: Duration;

  /**
   * Least time between two automatic rollbacks, and between two automatic training runs of one version; at most 90
   * days.
   *
   * @default Duration.hours(6)
   */
  readonly cooldown?: Duration;

  /**
   * Whether a regression or drift of a long-serving version starts a training run; a person is told either way.
   *
   * @default true
   */
  readonly retrain?: boolean;
}

/**
 * Reacts to the alarms of one model. The alarms publish what they see; the shared controller decides by the ledger.
 *
 * Use it as the action of further alarms on the model's metrics too, and they are recorded.
 */
export class RollbackReaction extends Construct implements IAlarmAction {
  /** What decides. */
  public readonly controller: IReactionController;

  /** The settings, as the controller reads them. */
  public readonly settingsParameter: IStringParameter;

  constructor(scope: Construct, id: string, props: RollbackReactionProps) {
    super(scope, id);
    const rollbackWindow = props.rollbackWindow ?? DEFAULT_ROLLBACK_WINDOW;
    const cooldown = props.cooldown ?? DEFAULT_COOLDOWN;
    this.validate(props, rollbackWindow, cooldown);

    this.controller = props.controller ?? this.ownController(props);
    const { monitor } = props;
    this.settingsParameter = new SettingsParameter(this, 'Settings', {
      environmentName: props.environmentName,
      modelName: props.modelName,
      part: 'reaction',
      description: `How alarms of '${props.modelName}' are reacted to`,
      settings: {
        alarms: {
          predictionDrift: monitor.predictionDriftAlarm.alarmName,
          quality: monitor.qualityAlarm.alarmName,
          inputDrift: monitor.inputDriftAlarm.alarmName,
          heartbeat: monitor.heartbeatAlarm.alarmName,
          samples: monitor.samplesAlarm.alarmName,
        },
        rollbackWindowSeconds: rollbackWindow.toSeconds(),
        cooldownSeconds: cooldown.toSeconds(),
        retrain: props.retrain ?? DEFAULT_RETRAIN,
      },
    });
    monitor.addAlarmAction(this);
  }

  /** The action of an alarm: it publishes to the controller's topic. */
  public bind(_scope: Construct, _alarm: IAlarm): AlarmActionConfig {
    return { alarmActionArn: this.controller.alarmTopic.topicArn };
  }

  private validate(props: RollbackReactionProps, rollbackWindow: Duration, cooldown: Duration): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireModelName(problems, props.modelName);
    problems.require(
      rollbackWindow.isUnresolved() ||
        (rollbackWindow.toSeconds() > 0 && rollbackWindow.toDays({ integral: false }) <= MAX_ROLLBACK_WINDOW_DAYS),
      `'rollbackWindow' is ${rollbackWindow.toSeconds()} seconds, must be more than 0 and at most ${MAX_ROLLBACK_WINDOW_DAYS} days`,
    );
    const { timeToAlarm } = props.monitor;
    problems.require(
      timeToAlarm === undefined ||
        timeToAlarm.isUnresolved() ||
        rollbackWindow.isUnresolved() ||
        rollbackWindow.toSeconds() > timeToAlarm.toSeconds(),
      `'rollbackWindow' is ${rollbackWindow.toHumanString()}, must be longer than the ${timeToAlarm?.toHumanString() ?? ''} that the monitor's alarms need, or no version is new any more when one goes off; give the monitor a shorter 'period' or fewer 'windowPeriods'`,
    );
    problems.require(
      cooldown.isUnresolved() || cooldown.toDays({ integral: false }) <= MAX_COOLDOWN_DAYS,
      `'cooldown' is ${cooldown.toHumanString()}, must be at most ${MAX_COOLDOWN_DAYS} days`,
    );
    problems.require(
      props.controller !== undefined ||
        (props.ledgerTable !== undefined &&
          props.releaseStateMachine !== undefined &&
          props.pipelineStateMachine !== undefined &&
          props.notificationTopic !== undefined),
      "'controller' is not given, must be given, or 'ledgerTable', 'releaseStateMachine', 'pipelineStateMachine' and 'notificationTopic' for a controller of its own",
    );
    problems.throwIfAny();
  }

  private ownController(props: RollbackReactionProps): IReactionController {
    const { environmentName, ledgerTable, releaseStateMachine, pipelineStateMachine, notificationTopic } = props;
    if (
      ledgerTable === undefined ||
      releaseStateMachine === undefined ||
      pipelineStateMachine === undefined ||
      notificationTopic === undefined
    ) {
      throw new Error(`${this.node.path}: 'controller' must be given, or all that a controller of its own needs`);
    }
    return new ReactionController(this, 'Controller', {
      environmentName,
      ledgerTable,
      releaseStateMachine,
      pipelineStateMachine,
      notificationTopic,
    });
  }
}
