import { rm } from 'node:fs/promises';
import { validationError } from '../errors';
import type { VariantConfig } from './endpoint-configs';
import type { FleetPlan } from './fleet-plan';
import type { ModelInstance } from './model-instance';

/** A variant with the instances that run it. Its weight and its instances are its own once it runs: they can change. */
export interface FleetVariant {
  readonly config: VariantConfig;
  weight: number;
  instances: readonly ModelInstance[];
  /** What an update is about to make of it; the same as what it is otherwise. */
  desired: { readonly weight: number; readonly instanceCount: number };
  /** Number of the instance that was built last; none is given again. */
  built: number;
}

/** What runs for one endpoint configuration: the blue or the green side of a deployment. */
export class Fleet {
  /** Variants whose answers callers get. */
  public readonly production: readonly FleetVariant[];
  /** The variant that gets copies of requests; undefined without one. */
  public readonly shadow: FleetVariant | undefined;
  /** Instances that get no new request any more, and finish the ones they have. */
  private readonly leaving = new Set<ModelInstance>();

  constructor(
    public readonly plan: FleetPlan,
    public readonly variants: readonly FleetVariant[],
    public readonly folder: string,
  ) {
    this.production = variants.filter(({ config }) => !config.isShadow);
    this.shadow = variants.find(({ config }) => config.isShadow);
  }

  /** Brings every instance up; rejects with the first that does not come up. */
  public async start(): Promise<void> {
    await Promise.all(this.instances.map(instance => instance.start()));
  }

  /** A variant drawn by the weights, or the one asked for. */
  public pickVariant(target: string | undefined, random: number): FleetVariant {
    if (target !== undefined) {
      const found = this.production.find(variant => variant.config.name === target);
      if (found === undefined) {
        const names = this.production.map(variant => `'${variant.config.name}'`).join(', ');
        throw validationError(`Variant ${target} was not found in the endpoint, it has ${names}`);
      }
      return found;
    }
    const total = this.production.reduce((sum, variant) => sum + variant.weight, 0);
    let left = random * total;
    const drawn = this.production.find(variant => (left -= variant.weight) < 0);
    const first = this.production.at(0);
    if (first === undefined) {
      throw new Error(`endpoint configuration '${this.plan.configName}' has no variant`);
    }
    return drawn ?? first;
  }

  /**
   * The shadow variant when a request is to be copied to it. Its weight in relation to the production variant's is the
   * share of the requests that it gets, all of them from the same weight on.
   */
  public pickShadow(random: number): FleetVariant | undefined {
    const { shadow } = this;
    const served = this.production.at(0)?.weight ?? 0;
    return shadow !== undefined && random * served < shadow.weight ? shadow : undefined;
  }

  /** Instances of every variant. */
  public get instances(): readonly ModelInstance[] {
    return this.variants.flatMap(variant => variant.instances);
  }

  /** Retires instances that no variant has any more. */
  public async release(instances: readonly ModelInstance[]): Promise<void> {
    instances.forEach(instance => this.leaving.add(instance));
    await Promise.all(instances.map(instance => instance.retire()));
    instances.forEach(instance => this.leaving.delete(instance));
  }

  /** Finishes the requests under way, then ends and leaves no file. */
  public async retire(): Promise<void> {
    await Promise.all([...this.instances, ...this.leaving].map(instance => instance.retire()));
    await removeFolder(this.folder);
  }

  /** Ends at once. */
  public async end(): Promise<void> {
    await Promise.all([...this.instances, ...this.leaving].map(instance => instance.end()));
    await removeFolder(this.folder);
  }
}

/** Removes a fleet's files, also while an instance that is no longer wanted still gets its model. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
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
