import { rm } from 'node:fs/promises';
import { ServiceError } from '../errors';
import type { VariantConfig } from './endpoint-configs';
import type { ModelInstance } from './model-instance';

/** A variant with the instances that run it. */
export interface FleetVariant {
  readonly config: VariantConfig;
  /** May differ from the configuration's when an update retains the variant's properties. */
  readonly weight: number;
  readonly instances: readonly ModelInstance[];
}

/** What runs for one endpoint configuration: the blue or the green side of a deployment. */
export class Fleet {
  constructor(
    public readonly configName: string,
    public readonly variants: readonly FleetVariant[],
    private readonly folder: string,
  ) {}

  /** Brings every instance up; rejects with the first that does not come up. */
  public async start(): Promise<void> {
    await Promise.all(this.instances.map(instance => instance.start()));
  }

  /** A variant drawn by the weights, or the one asked for. */
  public pickVariant(target: string | undefined, random: number): FleetVariant {
    if (target !== undefined) {
      const found = this.variants.find(variant => variant.config.name === target);
      if (found === undefined) {
        const names = this.variants.map(variant => `'${variant.config.name}'`).join(', ');
        throw new ServiceError('ValidationError', `Variant ${target} was not found in the endpoint, it has ${names}`);
      }
      return found;
    }
    const total = this.variants.reduce((sum, variant) => sum + variant.weight, 0);
    let left = random * total;
    const drawn = this.variants.find(variant => (left -= variant.weight) < 0);
    const first = this.variants.at(0);
    if (first === undefined) {
      throw new Error(`endpoint configuration '${this.configName}' has no variant`);
    }
    return drawn ?? first;
  }

  /** Instances of every variant. */
  public get instances(): readonly ModelInstance[] {
    return this.variants.flatMap(variant => variant.instances);
  }

  /** Finishes the requests under way, then ends and leaves no file. */
  public async retire(): Promise<void> {
    await Promise.all(this.instances.map(instance => instance.retire()));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Ends at once. */
  public async end(): Promise<void> {
    await Promise.all(this.instances.map(instance => instance.end()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

type Load = Pick<ModelInstance, 'outstanding' | 'healthy'>;

/** The instance with the fewest requests under way, healthy ones first. */
export function leastOutstanding<T extends Load>(instances: readonly T[]): T {
  const first = instances.at(0);
  if (first === undefined) {
    throw new Error('a variant has at least one instance');
  }
  return instances.reduce((best, other) => (load(other) < load(best) ? other : best), first);
}

function load(instance: Load): number {
  return instance.outstanding + (instance.healthy ? 0 : Number.MAX_SAFE_INTEGER / 2);
}
