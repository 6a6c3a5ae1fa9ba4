import { createHash } from 'node:crypto';

/** Whose request it is, as the process in front of this server found out. */
export interface RequestContext {
  readonly account: string;
  readonly region: string;
}

/** Types of resource, as they stand in an ARN. */
export type ResourceType =
  | 'training-job'
  | 'processing-job'
  | 'model'
  | 'endpoint-config'
  | 'endpoint'
  | 'model-package-group'
  | 'model-package';

/** The ARN of a resource. SageMaker writes the names of all but registry entries in lower case there. */
export function arnOf(context: RequestContext, type: ResourceType, name: string): string {
  const kept = type === 'model-package' || type === 'model-package-group';
  return `arn:aws:sagemaker:${context.region}:${context.account}:${type}/${kept ? name : name.toLowerCase()}`;
}

/** What an ARN names after its resource type; a plain name is itself. */
export function nameFromArn(arnOrName: string): string {
  return arnOrName.startsWith('arn:') ? arnOrName.slice(arnOrName.indexOf('/') + 1) : arnOrName;
}

/** Key under which resources of one account and region lie together. */
export function scopeOf(context: RequestContext): string {
  return `${context.account}/${context.region}`;
}

/** An instance id in the form of EC2's, made of what the instance is for. */
export function instanceId(...parts: string[]): string {
  return `i-${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 17)}`;
}
