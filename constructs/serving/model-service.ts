import { Annotations, CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import type { IAlarm, IMetric, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ContainerNetwork, requireNetwork } from '../private/container-network';
import { requireInstanceType, UNGUARDED_INSTANCE, warnOfUnknownInstanceType } from '../private/instance-types';
import { requireEnvironmentName, requireGroupName, requireModelName } from '../private/name-rules';
import { modelResourceName } from '../private/names';
import { servingInstancesMetric } from '../private/release-metrics';
import { SettingsParameter } from '../private/settings-parameter';
import { Problems } from '../private/validation';
import { ReleaseController } from '../release/release-controller';
import type { IReleaseController } from '../release/release-controller-props';
import { checkScaling, minCapacity, scalingSettings } from './auto-scaling';
import { checkEndpointKey } from './endpoint-key';
import { utilizationMetrics } from './endpoint-metrics';
import { GUARDRAIL_NEEDS, GuardrailAlarms } from './guardrail-alarms';
import { checkIdle, idleSettings } from './idle-policy';
import type { IModelService, ModelServiceAttributes, ModelServiceProps } from './model-service-props';
import type { GuardrailLimits, IServedModel } from './served-model';
import { ServingMetrics } from './serving-metrics';
import { ServingRole } from './serving-role';
import { checkShadow, shadowSettings } from './shadow-policy';
import { ShiftPolicy } from './shift-policy';

const DEFAULT_INSTANCE_COUNT = 1;
const DEFAULT_MAX_SERVER_ERROR_RATE = 0.05;
/** Higher than that of server errors: a client's bad request counts as an error of the model, too. */
const DEFAULT_MAX_MODEL_ERROR_RATE = 0.25;
const DEFAULT_MAX_LATENCY = Duration.seconds(1);

/** As long as a function may run. */
const CLEANUP_TIMEOUT = Duration.minutes(15);

/**
 * Serves a model: all that does not depend on a version.
 *
 * The template names no version. Endpoint, endpoint configs and models are made by the release controller, so that a
 * rollback survives the next deploy; they go when this construct goes.
 *
 * @example
 * import { Stack } from 'aws-cdk-lib';
 * import { Bucket } from 'aws-cdk-lib/aws-s3';
 * import { ModelRegistry, ModelService, ShiftPolicy } from 'mlops-blueprint';
 *
 * declare const stack: Stack;
 * new ModelService(stack, 'Service', {
 *   environmentName: 'prod',
 *   modelName: 'churn',
 *   registry: ModelRegistry.fromModelPackageGroupName(stack, 'Registry', 'mlops-prod-churn'),
 *   artifactBucket: Bucket.fromBucketName(stack, 'Artifacts', 'churn-artifacts'),
 *   instanceType: 'ml.m5.large',
 *   instanceCount: 2,
 *   shift: ShiftPolicy.canary({ percent: 50 }),
 * });
 */
export class ModelService extends Construct implements IModelService, IServedModel {
  /** Uses a model's service by its names. */
  public static fromModelServiceAttributes(
    scope: Construct,
    id: string,
    attributes: ModelServiceAttributes,
  ): IModelService {
    class ImportedModelService extends Construct implements IModelService {
      public readonly endpointName = modelResourceName(attributes.environmentName, attributes.modelName);
      public readonly endpointArn = endpointArn(this, this.endpointName);
      public grantInvoke(grantee: IGrantable): Grant {
        return grantInvoke(grantee, this.endpointArn);
      }
    }
    return new ImportedModelService(scope, id);
  }

  public readonly endpointName: string;
  public readonly endpointArn: string;

  /** Role that the model's containers run as. */
  public readonly role: IRole;

  /** Alarms that make an update go back by itself while it bakes. */
  public readonly guardrailAlarms: IAlarm[];

  /** Where these alarms draw the line. */
  public readonly guardrailLimits: GuardrailLimits;

  /** Instances that run, of every version: each is billed by the hour. */
  public readonly capacity: IMetric[];

  /** How busy the instances are. */
  public readonly utilization: IMetric[];

  /** What releases its versions. */
  public readonly releaseController: IReleaseController;

  private readonly metrics: ServingMetrics;

  constructor(scope: Construct, id: string, props: ModelServiceProps) {
    super(scope, id);
    this.validate(props);
    const { environmentName, modelName } = props;
    this.endpointName = modelResourceName(environmentName, modelName);
    this.endpointArn = endpointArn(this, this.endpointName);
    this.releaseController =
      props.releaseController ??
      new ReleaseController(this, 'ReleaseController', {
        environmentName,
        modelName,
        artifactBucket: props.artifactBucket,
        encryptionKey: props.artifactBucket.encryptionKey,
        shadowDataLake: props.shadow?.dataLake,
        endpointKeys: props.encryptionKey === undefined ? undefined : [props.encryptionKey],
      });

    this.role = new ServingRole(this, 'Role', {
      environmentName,
      modelName,
      endpointName: this.endpointName,
      artifactBucket: props.artifactBucket,
      inferenceLog: props.inferenceLog,
      imageRepositories: props.imageRepositories,
    });
    const network = this.network(props);
    this.metrics = ServingMetrics.ofEndpoint(this.endpointName);
    this.capacity = [servingInstancesMetric(environmentName, modelName, { label: 'instances' })];
    this.utilization = utilizationMetrics(this.endpointName);
    this.guardrailLimits = {
      maxServerErrorRate: props.maxServerErrorRate ?? DEFAULT_MAX_SERVER_ERROR_RATE,
      maxModelErrorRate: props.maxModelErrorRate ?? DEFAULT_MAX_MODEL_ERROR_RATE,
      maxLatency: props.maxLatency ?? DEFAULT_MAX_LATENCY,
    };
    this.guardrailAlarms = new GuardrailAlarms(this, 'Guardrail', {
      metrics: this.metrics,
      limits: this.guardrailLimits,
    }).alarms;
    const cleanup = new CustomResource(this, 'Cleanup', {
      resourceType: 'Custom::ServingCleanup',
      serviceToken: this.releaseController.cleanupServiceToken,
      serviceTimeout: CLEANUP_TIMEOUT,
      properties: { EndpointName: this.endpointName },
    });
    // the containers keep their role and their network until they are gone
    cleanup.node.addDependency(this.role, ...(network === undefined ? [] : [network]));
    // and no release begins any more while they go: without settings it is refused
    this.writeSettings(props, network).node.addDependency(cleanup);
  }

  public grantInvoke(grantee: IGrantable): Grant {
    return grantInvoke(grantee, this.endpointArn);
  }

  /** Requests for predictions. */
  public metricInvocations(options?: MetricOptions): Metric {
    return this.metrics.invocations(options);
  }

  /** Share of requests answered with 5XX. */
  public metricServerErrorRate(options?: MetricOptions): Metric {
    return this.metrics.serverErrorRate(options);
  }

  /** Share of requests that the model did not answer with 2XX. */
  public metricModelErrorRate(options?: MetricOptions): Metric {
    return this.metrics.modelErrorRate(options);
  }

  /** Time that the model takes to answer 99 of 100 requests, in microseconds. */
  public metricLatency(options?: MetricOptions): Metric {
    return this.metrics.latency(options);
  }

  private validate(props: ModelServiceProps): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireModelName(problems, props.modelName);
    requireGroupName(problems, props.registry.modelPackageGroupName, props.environmentName, props.modelName);
    requireInstanceType(problems, props.instanceType, ['hosting'], '');
    if (props.instanceCount !== undefined && !Token.isUnresolved(props.instanceCount)) {
      problems.require(
        Number.isInteger(props.instanceCount) && props.instanceCount >= 1,
        `'instanceCount' is ${props.instanceCount}, must be a whole number of at least 1`,
      );
    }
    const { type, stepPercent, waitTime } = props.shift ?? ShiftPolicy.allAtOnce();
    problems.require(
      !UNGUARDED_INSTANCE.test(props.instanceType) || (type === 'ALL_AT_ONCE' && waitTime.toSeconds() === 0),
      `'shift' is ${type} with a wait of ${waitTime.toHumanString()} on '${props.instanceType}', whose endpoints SageMaker updates all at once while no alarm watches, must say so: 'ShiftPolicy.allAtOnce({ bakeTime: Duration.seconds(0) })'; or use another type, such as 'ml.inf2.xlarge'`,
    );
    const instanceCount = props.instanceCount ?? DEFAULT_INSTANCE_COUNT;
    const fewest = minCapacity(props.autoScaling, instanceCount);
    if (type !== 'ALL_AT_ONCE' && !Token.isUnresolved(fewest)) {
      problems.require(
        (fewest * stepPercent) / 100 >= 1,
        `${props.autoScaling === undefined ? "'instanceCount'" : "'autoScaling.minCapacity'"} is ${fewest}, but a step of ${stepPercent} % of it is less than one instance, must be at least ${Math.ceil(100 / stepPercent)}; or use 'ShiftPolicy.allAtOnce()'`,
      );
    }
    requireNetwork(problems, props);
    checkEndpointKey(problems, props);
    if (props.autoScaling !== undefined) checkScaling(problems, props.autoScaling, { ...props, instanceCount });
    if (props.warmStandby !== undefined && !props.warmStandby.isUnresolved()) {
      problems.require(
        props.warmStandby.toSeconds() >= 60,
        `'warmStandby' is ${props.warmStandby.toHumanString()}, must be at least a minute; leave it out for no standby`,
      );
    }
    if (props.shadow !== undefined) {
      checkShadow(problems, props.shadow, { ...props, canShadow: props.releaseController?.canShadow ?? true });
    }
    if (props.idle !== undefined) checkIdle(problems, props.idle);
    problems.requireRange('maxServerErrorRate', props.maxServerErrorRate, 0, 1);
    problems.requireRange('maxModelErrorRate', props.maxModelErrorRate, 0, 1);
    if (props.maxLatency !== undefined && !props.maxLatency.isUnresolved()) {
      problems.require(
        props.maxLatency.toMilliseconds() > 0,
        `'maxLatency' is ${props.maxLatency.toMilliseconds()} ms, must be more than 0, or every release goes back`,
      );
    }
    problems.throwIfAny();

    warnOfUnknownInstanceType(this, props.instanceType);
    const bake = (props.shift ?? ShiftPolicy.allAtOnce()).waitTime;
    // none at all is somebody's word; less than they need is most likely a slip
    if (bake.toSeconds() > 0 && bake.toSeconds() < GUARDRAIL_NEEDS.toSeconds()) {
      Annotations.of(this).addWarningV2(
        'mlops-blueprint:guardrail-blind',
        `the wait of 'shift' is ${bake.toHumanString()}, too short for the guardrail alarms to go off, make it ${GUARDRAIL_NEEDS.toHumanString()} or longer`,
      );
    }
  }

  private network(props: ModelServiceProps): ContainerNetwork | undefined {
    if (props.vpc === undefined) return undefined;
    return new ContainerNetwork(this, 'Network', {
      vpc: props.vpc,
      placement: props,
      description: `Containers of ${this.endpointName}`,
      role: this.role,
      talkToEachOther: false,
    });
  }

  /** The shape is `servingSettings` in `lambda/shared/contracts.ts`. */
  private writeSettings(props: ModelServiceProps, network?: ContainerNetwork): SettingsParameter {
    const shift = props.shift ?? ShiftPolicy.allAtOnce();
    const instanceCount = props.instanceCount ?? DEFAULT_INSTANCE_COUNT;
    return new SettingsParameter(this, 'Settings', {
      environmentName: props.environmentName,
      modelName: props.modelName,
      part: 'serving',
      description: `How ${props.modelName} serves in ${props.environmentName}`,
      settings: {
        target: 'sagemaker',
        modelPackageGroupName: props.registry.modelPackageGroupName,
        endpointName: this.endpointName,
        roleArn: this.role.roleArn,
        ...(network === undefined ? {} : { vpc: network.settings }),
        instanceType: props.instanceType,
        instanceCount,
        ...(props.encryptionKey === undefined ? {} : { kmsKeyArn: props.encryptionKey.keyArn }),
        ...(props.autoScaling === undefined ? {} : { autoScaling: scalingSettings(props.autoScaling, instanceCount) }),
        ...(props.warmStandby === undefined ? {} : { warmStandbySeconds: props.warmStandby.toSeconds() }),
        ...(props.shadow === undefined
          ? {}
          : {
              shadow: shadowSettings(props.shadow, {
                inferenceLog: props.inferenceLog,
                maxLatency: props.maxLatency ?? DEFAULT_MAX_LATENCY,
              }),
            }),
        inferenceLogStreamName: props.inferenceLog?.streamName ?? '',
        shift: {
          type: shift.type,
          stepPercent: shift.stepPercent,
          waitSeconds: shift.waitTime.toSeconds(),
          terminationWaitSeconds: shift.terminationWait.toSeconds(),
          maxExecutionSeconds: shift.maxExecution.toSeconds(),
        },
        guardrailAlarmNames: this.guardrailAlarms.map(alarm => alarm.alarmName),
        ...(props.idle === undefined ? {} : { idle: idleSettings(props.idle) }),
      },
    });
  }
}

function endpointArn(scope: Construct, endpointName: string): string {
  return Stack.of(scope).formatArn({ service: 'sagemaker', resource: 'endpoint', resourceName: endpointName });
}

function grantInvoke(grantee: IGrantable, arn: string): Grant {
  return Grant.addToPrincipal({ grantee, actions: ['sagemaker:InvokeEndpoint'], resourceArns: [arn] });
}
