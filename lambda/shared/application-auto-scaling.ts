import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** What a signed request needs of its caller; the config of any SDK client has it. */
export interface Caller {
  readonly credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>;
  readonly region: () => Promise<string>;
}

const SERVICE = 'application-autoscaling';
const NAMESPACE = { ServiceNamespace: 'sagemaker', ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' };
const TIMEOUT_MS = 10_000;

/** What a variant scales by. */
export interface ScalingPolicy {
  readonly minCapacity: number;
  readonly maxCapacity: number;
  readonly metric: 'InvocationsPerInstance' | 'ConcurrentRequestsPerInstance';
  readonly targetValue: number;
  readonly scaleInCooldownSeconds: number;
  readonly scaleOutCooldownSeconds: number;
}

/** SageMaker's names for what a variant is measured by. */
const METRIC_TYPES: Readonly<Record<ScalingPolicy['metric'], string>> = {
  InvocationsPerInstance: 'SageMakerVariantInvocationsPerInstance',
  ConcurrentRequestsPerInstance: 'SageMakerVariantConcurrentRequestsPerModelHighResolution',
};

/** An answer that is no success, named as the service names it. */
class ApplicationAutoScalingError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Application Auto Scaling, as far as endpoints need it. Three small requests of JSON, signed as an SDK signs them:
 * the service's own SDK client is not among our packages.
 */
export class ApplicationAutoScaling {
  constructor(private readonly caller: Caller) {}

  async register(endpointName: string, variantName: string, policy: ScalingPolicy): Promise<void> {
    const target = { ...NAMESPACE, ResourceId: resourceId(endpointName, variantName) };
    await this.send('RegisterScalableTarget', {
      ...target,
      MinCapacity: policy.minCapacity,
      MaxCapacity: policy.maxCapacity,
    });
    await this.send('PutScalingPolicy', {
      ...target,
      // one name: another metric replaces the policy and leaves no second one beside it
      PolicyName: `${endpointName}-${variantName}`,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: policy.targetValue,
        PredefinedMetricSpecification: { PredefinedMetricType: METRIC_TYPES[policy.metric] },
        ScaleInCooldown: policy.scaleInCooldownSeconds,
        ScaleOutCooldown: policy.scaleOutCooldownSeconds,
      },
    });
  }

  async deregister(endpointName: string, variantName: string): Promise<void> {
    try {
      // its policies and their alarms go with it
      await this.send('DeregisterScalableTarget', { ...NAMESPACE, ResourceId: resourceId(endpointName, variantName) });
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ObjectNotFoundException')) throw error;
    }
  }

  private async send(operation: string, input: object): Promise<void> {
    const region = await this.caller.region();
    const url = new URL(endpoint(region));
    const signer = new SignatureV4({ service: SERVICE, region, credentials: this.caller.credentials, sha256: Sha256 });
    const body = JSON.stringify(input);
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port === '' ? undefined : Number(url.port),
      path: '/',
      query: {},
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AnyScaleFrontendService.${operation}`,
      },
      body,
    });
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw failureOf(operation, answer.status, await answer.text());
  }
}

function resourceId(endpointName: string, variantName: string): string {
  return `endpoint/${endpointName}/variant/${variantName}`;
}

/** The variables by which any SDK is pointed elsewhere, or the service's own endpoint. */
function endpoint(region: string): string {
  const { AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: ofService, AWS_ENDPOINT_URL: ofAll } = process.env;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return ofService ?? ofAll ?? `https://${SERVICE}.${region}.${domain}`;
}

function failureOf(operation: string, status: number, body: string): Error {
  let error: { __type?: string; message?: string; Message?: string };
  try {
    error = JSON.parse(body) as typeof error;
  } catch {
    error = {};
  }
  // the type may come with its namespace in front of it
  const name = error.__type?.replace(/^.*#/, '') ?? `Http${status}`;
  return new ApplicationAutoScalingError(name, `${operation}: ${error.message ?? error.Message ?? body.slice(0, 200)}`);
}
