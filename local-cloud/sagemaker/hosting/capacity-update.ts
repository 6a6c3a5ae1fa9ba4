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
  wanted: readonly Checked<DesiredWeightAndCapacity>[],
): CapacityChange[] {
  const variants = endpoint.fleet?.variants ?? [];
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

/** Carries the changes out; where an instance does not come up, the endpoint stays as it was and says why. */
export async function changeCapacity(
  platform: Platform,
  endpoint: Endpoint,
  changes: readonly CapacityChange[],
): Promise<void> {
  const { fleet } = endpoint;
  if (fleet === undefined) {
    return;
  }
  const before = changes.map(({ variant }) => variant.desired);
  changes.forEach(change => (change.variant.desired = change.desired));
  const added = new Map<FleetVariant, ModelInstance[]>();
  try {
    for (const { variant, desired } of changes) {
      added.set(variant, await addedInstances(platform, fleet, variant, desired.instanceCount));
    }
    await Promise.all([...added.values()].flat().map(instance => instance.start()));
  } catch (error) {
    await Promise.all([...added.values()].flat().map(instance => instance.end()));
    changes.forEach(({ variant }, i) => (variant.desired = before[i] ?? variant.desired));
    endpoint.failureReason = messageOf(error);
    return;
  }
  const gone = changes.flatMap(({ variant, desired }) => {
    const all = [...variant.instances, ...(added.get(variant) ?? [])];
    variant.instances = all.slice(0, desired.instanceCount);
    variant.weight = desired.weight;
    return all.slice(desired.instanceCount);
  });
  // those that go get no new request, and finish the ones they have
  void Promise.all(gone.map(instance => instance.retire()));
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
