import { Size } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import type { AwakeHours } from '../idle-policy';

const DEFAULT_MAX_CPUS = 200;
const DEFAULT_INSTANCE_CATEGORIES = ['c', 'm', 'r'];
const DEFAULT_GPU_FAMILIES = ['g6', 'g6e'];
const DEFAULT_INSTANCE_TYPES = ['m7i.xlarge'];
const DEFAULT_GPU_INSTANCE_TYPES = ['g6.xlarge'];
const DEFAULT_MIN_NODES = 2;
const DEFAULT_MAX_NODES = 10;
/** Images of model servers with GPUs take ten of it, each version its archive and its model. */
const DEFAULT_DISK_SIZE = Size.gibibytes(80);
/** What EKS's images take by themselves. */
const MIN_DISK_GIBIBYTES = 20;

/** Nodes that EKS starts, replaces and ends by itself, as pods need them. */
export interface AutoModeOptions {
  /**
   * EC2 instance categories of the nodes without GPUs.
   *
   * @default ['c', 'm', 'r']
   */
  readonly instanceCategories?: string[];

  /**
   * Most processors of all on-demand nodes without GPUs.
   *
   * @default 200
   */
  readonly maxCpus?: number;

  /**
   * Most processors of all spot nodes without GPUs, for models that say `spot`.
   *
   * @default 0
   */
  readonly maxSpotCpus?: number;

  /**
   * EC2 instance families with NVIDIA GPUs.
   *
   * @default ['g6', 'g6e']
   */
  readonly gpuInstanceFamilies?: string[];

  /**
   * Most GPUs of all on-demand nodes. There is no node while no pod asks for one.
   *
   * @default 0
   */
  readonly maxGpus?: number;

  /**
   * Most GPUs of all spot nodes, for models that say `spot`.
   *
   * @default 0
   */
  readonly maxSpotGpus?: number;

  /**
   * Disk of a node, for images and models: each pod asks for twice the `modelSize` of its model.
   *
   * @default Size.gibibytes(80)
   */
  readonly diskSize?: Size;
}

/** Nodes in groups of one kind each, scaled by the Cluster Autoscaler. */
export interface ManagedNodeGroupOptions {
  /**
   * Instance types of the on-demand nodes without GPUs.
   *
   * @default - m7i.xlarge
   */
  readonly instanceTypes?: InstanceType[];

  /**
   * Fewest on-demand nodes without GPUs.
   *
   * @default 2
   */
  readonly minNodes?: number;

  /**
   * Most on-demand nodes without GPUs.
   *
   * @default 10
   */
  readonly maxNodes?: number;

  /**
   * Most spot nodes without GPUs, for models that say `spot`. Give more than one of `instanceTypes` with them.
   *
   * @default 0
   */
  readonly maxSpotNodes?: number;

  /**
   * Instance types with NVIDIA GPUs.
   *
   * @default - g6.xlarge
   */
  readonly gpuInstanceTypes?: InstanceType[];

  /**
   * Most on-demand nodes with GPUs. There is none while no pod asks for one.
   *
   * @default 0
   */
  readonly maxGpuNodes?: number;

  /**
   * Most spot nodes with GPUs, for models that say `spot`.
   *
   * @default 0
   */
  readonly maxSpotGpuNodes?: number;

  /**
   * Disk of a node, for images and models: each pod asks for twice the `modelSize` of its model.
   *
   * @default Size.gibibytes(80)
   */
  readonly diskSize?: Size;

  /**
   * Hours in which there are nodes, from 15 minutes before to 30 minutes after; outside of them there is none, whatever is
   * to run. All models of the cluster must be asleep then: one that could be up, or that predicts by Jobs, is refused where
   * the cluster is known, and nobody asks those of other environments. Days with less than 105 minutes between them are one.
   *
   * @default - at all hours, `minNodes` at least
   */
  readonly awake?: AwakeHours;
}

/** Managed node groups, with all that is left out. */
export type CompleteNodeGroups = Required<Omit<ManagedNodeGroupOptions, 'awake'>> &
  Pick<ManagedNodeGroupOptions, 'awake'>;

/** Where a cluster's pods run. */
export class ClusterCapacity {
  /** Auto Mode: EKS runs the nodes, and the load balancers as well. */
  public static autoMode(options: AutoModeOptions = {}): ClusterCapacity {
    return new ClusterCapacity(
      [
        ['maxCpus', options.maxCpus],
        ['maxSpotCpus', options.maxSpotCpus],
        ['maxGpus', options.maxGpus],
        ['maxSpotGpus', options.maxSpotGpus],
      ],
      (options.maxGpus ?? 0) + (options.maxSpotGpus ?? 0) > 0,
      (options.maxSpotCpus ?? 0) + (options.maxSpotGpus ?? 0) > 0,
      {
        instanceCategories: options.instanceCategories ?? DEFAULT_INSTANCE_CATEGORIES,
        maxCpus: options.maxCpus ?? DEFAULT_MAX_CPUS,
        maxSpotCpus: options.maxSpotCpus ?? 0,
        gpuInstanceFamilies: options.gpuInstanceFamilies ?? DEFAULT_GPU_FAMILIES,
        maxGpus: options.maxGpus ?? 0,
        maxSpotGpus: options.maxSpotGpus ?? 0,
        diskSize: diskSize(options.diskSize),
      },
      undefined,
    );
  }

  /** Managed node groups: the account runs the nodes' capacity. */
  public static managedNodeGroups(options: ManagedNodeGroupOptions = {}): ClusterCapacity {
    const minNodes = options.minNodes ?? DEFAULT_MIN_NODES;
    const maxNodes = options.maxNodes ?? DEFAULT_MAX_NODES;
    if (maxNodes < minNodes || minNodes < 1) {
      throw new Error(
        `'minNodes' is ${minNodes} and 'maxNodes' is ${maxNodes}, must be at least 1 and at most 'maxNodes'`,
      );
    }
    return new ClusterCapacity(
      [
        ['minNodes', options.minNodes],
        ['maxNodes', options.maxNodes],
        ['maxSpotNodes', options.maxSpotNodes],
        ['maxGpuNodes', options.maxGpuNodes],
        ['maxSpotGpuNodes', options.maxSpotGpuNodes],
      ],
      (options.maxGpuNodes ?? 0) + (options.maxSpotGpuNodes ?? 0) > 0,
      (options.maxSpotNodes ?? 0) + (options.maxSpotGpuNodes ?? 0) > 0,
      undefined,
      {
        instanceTypes: options.instanceTypes ?? DEFAULT_INSTANCE_TYPES.map(type => new InstanceType(type)),
        minNodes,
        maxNodes,
        maxSpotNodes: options.maxSpotNodes ?? 0,
        gpuInstanceTypes: options.gpuInstanceTypes ?? DEFAULT_GPU_INSTANCE_TYPES.map(type => new InstanceType(type)),
        maxGpuNodes: options.maxGpuNodes ?? 0,
        maxSpotGpuNodes: options.maxSpotGpuNodes ?? 0,
        diskSize: diskSize(options.diskSize),
        awake: options.awake,
      },
    );
  }

  private constructor(
    numbers: [string, number | undefined][],
    /** Whether pods with GPUs have somewhere to run. */
    public readonly gpuPool: boolean,
    /** Whether there is spot capacity. */
    public readonly spotPool: boolean,
    /** @internal */
    public readonly _autoMode: Required<AutoModeOptions> | undefined,
    /** @internal */
    public readonly _nodeGroups: CompleteNodeGroups | undefined,
  ) {
    for (const [property, value] of numbers) {
      if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
        throw new Error(`'${property}' is ${value}, must be a whole number of at least 0`);
      }
    }
  }
}

function diskSize(given: Size | undefined): Size {
  const size = given ?? DEFAULT_DISK_SIZE;
  if (size.toGibibytes() < MIN_DISK_GIBIBYTES) {
    throw new Error(`'diskSize' is ${size.toGibibytes()} GiB, must be at least ${MIN_DISK_GIBIBYTES} GiB`);
  }
  return size;
}
