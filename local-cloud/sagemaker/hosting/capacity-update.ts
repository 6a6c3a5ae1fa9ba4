import type { DesiredWeightAndCapacity } from '@aws-sdk/client-sagemaker';
import { messageOf, validationException } from '../errors';
import type { Platform } from '../platform';
import type { Checked } from '../service-model/checked';
import type { Endpoint } from './endpoint';
import type { Fleet, FleetVariant } from './fleet';
import { buildInstances } from './fleet-builder';
import type { ModelInstance } from './model-instance';

/** What becomes of one variant. */
export interface CapacityChange {
  readonly variant: FleetVariant;
  readonly desired: FleetVariant['desired'];
}

/** Reads the changes that a request asks of an endpoint's variants; refused where one is not there, or is named twice. */
export function capacityChanges(
  endpoint: Endpoint,
  { variants }: Fleet,
  wanted: readonly Checked<DesiredWeightAndCapacity>[],
): CapacityChange[] {
  const names = wanted.map(({ VariantName }) => VariantName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw validationException(`variant '${twice}' is given twice in 'DesiredWeightsAndCapacities'`);
  }
  return wanted.map(({ VariantName: name, DesiredWeight: weight, DesiredInstanceCount: instanceCount }) => {
    const variant = variants.find(({ config }) => config.name === name);
    if (variant === undefined) {
      throw validationException(
        `Could not find variant "${name}" in endpoint "${endpoint.arn}", it has ` +
          variants.map(({ config }) => `"${config.name}"`).join(', '),
      );
    }
    if (instanceCount === 0) {
      throw validationException(`'DesiredInstanceCount' of variant "${name}" must be at least 1, got 0`);
    }
    return {
      variant,
      desired: { weight: weight ?? variant.weight, instanceCount: instanceCount ?? variant.instances.length },
    };
  });
}

/**
 * Carries the changes out; where an instance does not come up, the endpoint stays as it was and says why. Gives the
 * instances that go: they get no new request, and are still to be released.
 */
export async function changeCapacity(
  platform: Platform,
  endpoint: Endpoint,
  fleet: Fleet,
  changes: readonly CapacityChange[],
): Promise<readonly ModelInstance[]> {
  const before = changes.map(({ variant }) => variant.desired);
  changes.forEach(change => (change.variant.desired = change.desired));
  const added = new Map<FleetVariant, ModelInstance[]>();
  try {
    for (const { variant, desired } of changes) {
      added.set(variant, await addedInstances(platform, fleet, variant, desired.instanceCount));
    }
    await Promise.all([...added.values()].flat().map(instance => instance.start()));
    // the server's end has not seen these instances
    endpoint.ending.signal.throwIfAborted();
  } catch (error) {
    await Promise.all([...added.values()].flat().map(instance => instance.end()));
    changes.forEach(({ variant }, i) => (variant.desired = before[i] ?? variant.desired));
    endpoint.failureReason = messageOf(error);
    return [];
  }
  return changes.flatMap(({ variant, desired }) => {
    const all = [...variant.instances, ...(added.get(variant) ?? [])];
    variant.instances = all.slice(0, desired.instanceCount);
    variant.weight = desired.weight;
    return all.slice(desired.instanceCount);
  });
}

async function addedInstances(
  platform: Platform,
  fleet: Fleet,
  variant: FleetVariant,
  count: number,
): Promise<ModelInstance[]> {
  const more = Math.max(0, count - variant.instances.length);
  const first = variant.built + 1;
  variant.built += more;
  return buildInstances(platform, fleet.plan, variant.config, fleet.folder, first, variant.built);
}
