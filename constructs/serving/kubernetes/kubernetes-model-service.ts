import { Duration, Size, Stack } from 'aws-cdk-lib';
import type { IAlarm, IMetric, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SettingsParameter } from '../../private/settings-parameter';
import { ReleaseController } from '../../release/release-controller';
import type { IReleaseController } from '../../release/release-controller-props';
import { GuardrailAlarms } from '../guardrail-alarms';
import { idleSettings } from '../idle-policy';
import type { GuardrailLimits, IServedModel } from '../served-model';
import { ServingMetrics } from '../serving-metrics';
import { ShiftPolicy } from '../shift-policy';
import { renderBatchChart } from './batch-chart';
import { batchChartProps, batchParallelism } from './batch-inference';
import { checkKubernetesModelService } from './kubernetes-model-service-checks';
import { type KubernetesModelServiceProps, ModelDelivery } from './kubernetes-model-service-props';
import { PORT } from './kubernetes-names';
import { autoscalerOf, productionFloor, replicaRange } from './kubernetes-scaling';
import { type ModelChartProps, renderModelChart, START_MARGIN_SECONDS } from './model-chart';
import { ModelNamespace } from './model-namespace';
import type { PodResources } from './model-pod';
import { podMetricNamespace } from './pod-metrics';
import { PodRole } from './pod-role';
import { TemplateAsset } from './template-asset';

const DEFAULT_CPU = 1;
const DEFAULT_MEMORY = Size.gibibytes(2);
const DEFAULT_MODEL_SIZE = Size.gibibytes(1);
const DEFAULT_LOAD_TIME = Duration.minutes(5);
/** As on SageMaker: one release contract, one idea of what is wrong. */
const DEFAULT_MAX_SERVER_ERROR_RATE = 0.05;
const DEFAULT_MAX_MODEL_ERROR_RATE = 0.25;
const DEFAULT_MAX_LATENCY = Duration.seconds(1);

/**
 * Serves a model on Kubernetes: all that does not depend on a version.
 *
 * The template names no version, and nothing of it is written by two: the CDK owns the namespace, its rights, its traffic
 * rules and its quota; the release controller owns the deployments, services, autoscalers and the route, which it makes
 * from the template that lies in the CDK's bucket. So a rollback survives the next deploy.
 */
export class KubernetesModelService extends Construct implements IServedModel {
  /** Namespace in which the versions run. */
  public readonly namespaceName: string;

  /**
   * Service that callers in the cluster ask, at port 8080; none where there is a gateway, which callers ask then for
   * `/v2/models/<model>`.
   */
  public readonly serviceName?: string;

  /** Role that the model's pods run as. */
  public readonly role: IRole;

  /** Alarms that make a release go back by itself while it bakes. */
  public readonly guardrailAlarms: IAlarm[];

  /** Where these alarms draw the line. */
  public readonly guardrailLimits: GuardrailLimits;

  /** Nothing: nodes are billed, and a model has none of its own. */
  public readonly capacity: IMetric[] = [];

  /** Nothing: nobody tells CloudWatch of the pods' resources. */
  public readonly utilization: IMetric[] = [];

  /** What releases its versions. */
  public readonly releaseController: IReleaseController;

  private readonly template: TemplateAsset;
  private readonly batchTemplate?: TemplateAsset;
  private readonly metrics: ServingMetrics;

  constructor(scope: Construct, id: string, props: KubernetesModelServiceProps) {
    super(scope, id);
    checkKubernetesModelService(this, props);
    const { environmentName, modelName, artifactBucket, cluster } = props;
    this.serviceName = cluster.gateway === undefined ? modelName : undefined;
    this.releaseController =
      props.releaseController ??
      new ReleaseController(this, 'ReleaseController', {
        servingCluster: cluster,
        environmentName,
        modelName,
        artifactBucket,
        encryptionKey: artifactBucket.encryptionKey,
      });

    const namespace = new ModelNamespace(this, 'Namespace', {
      environmentName,
      modelName,
      cluster,
      resources: podResources(props),
      maxReplicas: replicaRange(props.autoScaling, replicas(props)).max,
      batchPods: batchParallelism(props.batch),
      clientNamespaces: props.clientNamespaces ?? [],
    });
    this.namespaceName = namespace.namespaceName;
    this.role = new PodRole(this, 'Role', {
      environmentName,
      modelName,
      clusterName: cluster.cluster.clusterName,
      namespaceName: this.namespaceName,
      artifactBucket,
      metricNamespace: podMetricNamespace(environmentName, modelName),
      inferenceLog: props.inferenceLog,
      batch: props.batch,
    });
    // pods keep their role until they are gone, and they go with the namespace
    namespace.node.addDependency(this.role);
    this.metrics = ServingMetrics.ofPods(environmentName, modelName);
    this.guardrailLimits = {
      maxServerErrorRate: props.maxServerErrorRate ?? DEFAULT_MAX_SERVER_ERROR_RATE,
      maxModelErrorRate: props.maxModelErrorRate ?? DEFAULT_MAX_MODEL_ERROR_RATE,
      maxLatency: props.maxLatency ?? DEFAULT_MAX_LATENCY,
    };
    this.guardrailAlarms = new GuardrailAlarms(this, 'Guardrail', {
      metrics: this.metrics,
      limits: this.guardrailLimits,
    }).alarms;
    this.template = new TemplateAsset(this, 'Template', {
      manifests: renderModelChart(chartProps(props, this.namespaceName)),
    });
    if (props.batch !== undefined) {
      this.batchTemplate = new TemplateAsset(this, 'BatchTemplate', {
        manifests: renderBatchChart(
          batchChartProps(props.batch, chartProps(props, this.namespaceName), this.namespaceName),
        ),
      });
    }
    // not this file alone: the roles change before the settings do, which name the template before until then, and a
    // rollback in between must read it; and so a model adds nothing to the roles of an environment's controller
    for (const grantee of this.releaseController.templateReaders) grantRead(grantee, [this.template.everyObjectArn]);
    // no release begins any more while the namespace goes: without settings it is refused
    this.writeSettings(props).node.addDependency(namespace);
  }

  /** Lets the grantee read the templates of versions and batches; the functions that release versions may already. */
  public grantReadTemplates(grantee: IGrantable): Grant {
    const templates = this.batchTemplate === undefined ? [this.template] : [this.template, this.batchTemplate];
    // each one object: the bucket holds the assets of the whole account
    return grantRead(
      grantee,
      templates.map(({ objectArn }) => objectArn),
    );
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

  /** The shape is `eksServingSettings` in `lambda/shared/contracts.ts`. */
  private writeSettings(props: KubernetesModelServiceProps): SettingsParameter {
    const { environmentName, modelName, cluster } = props;
    const shift = props.shift ?? ShiftPolicy.allAtOnce();
    return new SettingsParameter(this, 'Settings', {
      environmentName,
      modelName,
      part: 'serving',
      description: `How ${modelName} serves in ${environmentName}`,
      settings: {
        target: 'eks',
        modelPackageGroupName: props.registry.modelPackageGroupName,
        cluster: {
          name: cluster.cluster.clusterName,
          endpoint: cluster.cluster.clusterEndpoint,
          certificateAuthorityData: cluster.cluster.clusterCertificateAuthorityData,
        },
        namespace: this.namespaceName,
        template: this.template.settings(),
        ...(props.batch === undefined
          ? {}
          : {
              batch: {
                template: this.batchTemplate?.settings(),
                inputUri: props.batch.bucket.s3UrlForObject(props.batch.inputPrefix),
                outputUri: props.batch.bucket.s3UrlForObject(props.batch.outputPrefix),
              },
            }),
        environment: {
          AWS_REGION: Stack.of(this).region,
          METRIC_NAMESPACE: podMetricNamespace(environmentName, modelName),
          ...(props.inferenceLog === undefined ? {} : { INFERENCE_LOG_STREAM: props.inferenceLog.streamName }),
        },
        port: PORT,
        traffic:
          cluster.gateway === undefined
            ? { type: 'selector', serviceName: modelName }
            : {
                type: 'gateway',
                routeName: modelName,
                gatewayName: cluster.gateway.name,
                gatewayNamespace: cluster.gateway.namespace,
                pathPrefix: `/v2/models/${modelName}`,
                ...(cluster.gateway.hostname === undefined ? {} : { hostname: cluster.gateway.hostname }),
                ...(cluster.gateway.url === undefined ? {} : { url: cluster.gateway.url }),
              },
        minReplicas: replicaRange(props.autoScaling, replicas(props)).min,
        readyTimeoutSeconds: loadTime(props).toSeconds() + START_MARGIN_SECONDS,
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

function grantRead(grantee: IGrantable, resourceArns: string[]): Grant {
  return Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns });
}

function replicas({ environmentName, replicas: given }: KubernetesModelServiceProps): number {
  return given ?? productionFloor(environmentName);
}

function loadTime(props: KubernetesModelServiceProps): Duration {
  return props.modelLoadTime ?? DEFAULT_LOAD_TIME;
}

function podResources(props: KubernetesModelServiceProps): PodResources {
  return {
    cpuMillis: (props.cpu ?? DEFAULT_CPU) * 1000,
    cpuLimitMillis: props.cpuLimit === undefined ? undefined : props.cpuLimit * 1000,
    memoryMebibytes: (props.memory ?? DEFAULT_MEMORY).toMebibytes(),
    gpus: props.gpus ?? 0,
    modelMebibytes: (props.modelSize ?? DEFAULT_MODEL_SIZE).toMebibytes(),
  };
}

function chartProps(props: KubernetesModelServiceProps, namespace: string): ModelChartProps {
  return {
    modelName: props.modelName,
    namespace,
    resources: podResources(props),
    loadSeconds: loadTime(props).toSeconds(),
    imageVolume: props.modelDelivery === ModelDelivery.IMAGE_VOLUME,
    spot: props.spot ?? false,
    replicas: replicas(props),
    autoscaler:
      props.autoScaling === undefined ? undefined : autoscalerOf(props.autoScaling, replicas(props), namespace),
  };
}
