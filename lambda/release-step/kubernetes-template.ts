import { z } from 'zod';
import type { KubernetesObject } from '../shared/kubernetes-object';
import { TargetRefusedError } from './errors';

/** Name of the entry in a container's environment in whose place the version's own variables come. */
const ENVIRONMENT_ENTRY = '${mlops:environment}';
/** Also one that was cut off. */
const PLACEHOLDER = /\$\{mlops:[^}]*\}?/g;

const manifests = z.array(
  z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  }),
);

/** What only a version knows. */
export interface TemplateValues {
  readonly version: string;
  /** Name of all of its objects. */
  readonly name: string;
  readonly image: string;
  readonly artifactUri: string;
  readonly artifactDigest: string;
  /** Variables of its containers, beside those that the template names. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the files lie that a batch predicts, and where its predictions go; nothing in a template of what serves. */
  readonly batch?: { readonly inputUri: string; readonly outputUri: string };
}

/** The objects of a version, from the template that the constructs left. */
export function fillTemplate(text: string, values: TemplateValues): KubernetesObject[] {
  const texts: Record<string, string | undefined> = {
    '${mlops:version}': values.version,
    '${mlops:name}': values.name,
    '${mlops:image}': values.image,
    '${mlops:artifact-uri}': values.artifactUri,
    '${mlops:artifact-digest}': values.artifactDigest,
    '${mlops:model-image}': values.environment['MODEL_IMAGE'],
    '${mlops:batch-input-uri}': values.batch?.inputUri,
    '${mlops:batch-output-uri}': values.batch?.outputUri,
  };
  const fill = (placeholder: string): string => {
    const value = texts[placeholder];
    if (value !== undefined) return value;
    throw new TargetRefusedError(
      placeholder === '${mlops:model-image}'
        ? `version ${values.version} must name the image of its model in the variable 'MODEL_IMAGE', or the model be deployed with another 'modelDelivery'`
        : `the template of a version's objects has the placeholder '${placeholder}', which this release function does not know, deploy the platform again`,
    );
  };
  const objects = filled(JSON.parse(text), fill, values.environment);
  return manifests.parse(objects);
}

function filled(
  value: unknown,
  fill: (placeholder: string) => string,
  environment: Readonly<Record<string, string>>,
): unknown {
  if (typeof value === 'string') return value.replace(PLACEHOLDER, fill);
  if (Array.isArray(value)) {
    const items = isEnvironment(value) ? withVariables(value, environment) : value;
    return items.map(item => (isVariable(item) ? item.variable : filled(item, fill, environment)));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, fill, environment)]));
}

/** A variable of the version, whose text is taken as it is: it is nobody's template. */
interface Variable {
  readonly variable: { readonly name: string; readonly value: string };
}

function isVariable(item: unknown): item is Variable {
  return typeof item === 'object' && item !== null && 'variable' in item;
}

function isEnvironment(items: unknown[]): items is { name: string }[] {
  return items.some(item => (item as { name?: unknown } | null)?.name === ENVIRONMENT_ENTRY);
}

/** What the container says itself stays: it knows where its model lies. */
function withVariables(entries: { name: string }[], environment: Readonly<Record<string, string>>): unknown[] {
  const own = new Set(entries.map(({ name }) => name));
  const variables = Object.entries(environment)
    .filter(([name]) => !own.has(name))
    .map(([name, value]): Variable => ({ variable: { name, value } }));
  return entries.flatMap((entry): unknown[] => (entry.name === ENVIRONMENT_ENTRY ? variables : [entry]));
}

/** What follows the load or guards it, and may change while a version serves. */
const FOLLOWERS = new Set(['HorizontalPodAutoscaler', 'ScaledObject', 'PodDisruptionBudget']);

interface Template {
  readonly kind: string;
  readonly spec?: unknown;
}

/** The template without what may change while a version serves; but its kinds stay, since no two may follow one load. */
export function followersLeftOut(text: string): unknown[] {
  return (JSON.parse(text) as Template[]).map(object => (FOLLOWERS.has(object.kind) ? { kind: object.kind } : object));
}

/** What follows the load of a version, as the template has it today. */
export function followers(
  text: string,
  { name, version }: Pick<TemplateValues, 'name' | 'version'>,
): KubernetesObject[] {
  const objects = (JSON.parse(text) as Template[]).filter(({ kind }) => FOLLOWERS.has(kind));
  return fillTemplate(JSON.stringify(objects), {
    name,
    version,
    image: '',
    artifactUri: '',
    artifactDigest: '',
    environment: {},
  });
}

/** The most pods that a version's autoscaler lets it have; nothing without one. */
export function mostPods(objects: readonly KubernetesObject[]): number | undefined {
  for (const object of objects) {
    const { maxReplicas, maxReplicaCount } = ((object as unknown as Template).spec ?? {}) as Record<string, unknown>;
    if (typeof maxReplicas === 'number') return maxReplicas;
    if (typeof maxReplicaCount === 'number') return maxReplicaCount;
  }
  return undefined;
}
