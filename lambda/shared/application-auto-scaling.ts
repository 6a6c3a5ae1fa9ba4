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

interface Variant {
  readonly ServiceNamespace: string;
  readonly ScalableDimension: string;
  readonly ResourceId: string;
}

/** What the two operations that describe answer; the others answer nothing that is read. */
interface Answer {
  readonly ScalableTargets?: unknown[];
  readonly ScalingPolicies?: unknown[];
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
 * Application Auto Scaling, as far as endpoints need it. Five small requests of JSON, signed as an SDK signs them:
 * the service's own SDK client is not among our packages.
 */
export class ApplicationAutoScaling {
  constructor(private readonly caller: Caller) {}

  /** Registers a variant and its policy, or changes both to what is given; leaves alone what is so already. */
  async register(endpointName: string, variantName: string, policy: ScalingPolicy): Promise<void> {
    const variant = variantOf(endpointName, variantName);
    const limits = { MinCapacity: policy.minCapacity, MaxCapacity: policy.maxCapacity };
    if (!isAmong(await this.targets(variant), limits)) {
      await this.send('RegisterScalableTarget', { ...variant, ...limits });
    }
    const wanted = {
      // one name: another metric replaces the policy and leaves no second one beside it
      PolicyName: `${endpointName}-${variantName}`,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: policy.targetValue,
        PredefinedMetricSpecification: { PredefinedMetricType: METRIC_TYPES[policy.metric] },
        ScaleInCooldown: policy.scaleInCooldownSeconds,
        ScaleOutCooldown: policy.scaleOutCooldownSeconds,
      },
    };
    const { ScalingPolicies: policies } = await this.send('DescribeScalingPolicies', variant);
    // each put makes AWS set up the policy's alarms anew
    if (!isAmong(policies, wanted)) await this.send('PutScalingPolicy', { ...variant, ...wanted });
  }

  /** Takes a variant off, with its policies and their alarms; nothing if it is not registered. */
  async deregister(endpointName: string, variantName: string): Promise<void> {
    const variant = variantOf(endpointName, variantName);
    if ((await this.targets(variant)).length === 0) return;
    try {
      await this.send('DeregisterScalableTarget', variant);
    } catch (error) {
      // somebody else has between the look and the act
      if (!(error instanceof Error && error.name === 'ObjectNotFoundException')) throw error;
    }
  }

  private async targets({ ResourceId, ...namespace }: Variant): Promise<unknown[]> {
    const { ScalableTargets: targets } = await this.send('DescribeScalableTargets', {
      ...namespace,
      ResourceIds: [ResourceId],
    });
    return targets ?? [];
  }

  private async send(operation: string, input: object): Promise<Answer> {
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
    const text = await answer.text();
    if (!answer.ok) throw failureOf(operation, answer.status, text);
    return JSON.parse(text) as Answer;
  }
}

function variantOf(endpointName: string, variantName: string): Variant {
  return { ...NAMESPACE, ResourceId: `endpoint/${endpointName}/variant/${variantName}` };
}

/** Whether one of these has all that is wanted, whatever else it has. */
function isAmong(found: readonly unknown[] | undefined, wanted: object): boolean {
  return found?.some(one => isMatch(one, wanted)) ?? false;
}

function isMatch(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(wanted).every(([name, value]) => isMatch((found as Record<string, unknown>)[name], value));
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
