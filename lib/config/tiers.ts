/**
 * What an environment's tier says where its file says nothing. Each default stands here alone, with its reason: the
 * editors' schema and `docs/environments.md` tell it from here.
 */

/** Cheap and disposable, or safe and retained. */
export const TIER_NAMES = ['dev', 'prod'] as const;
export type Tier = (typeof TIER_NAMES)[number];

/** The defaults of a tier, under the keys that a file would give. */
export interface TierDefaults {
  readonly terminationProtection: boolean;
  readonly logRetentionDays: number;
  readonly data: {
    readonly removalPolicy: 'retain' | 'destroy';
    readonly snapshotRetentionDays: number;
    readonly inferenceLogRetentionDays: number;
    readonly queryScanLimitGiB: number;
  };
  /** Of a network that the platform makes. */
  readonly network: {
    /** One in each zone if undefined. */
    readonly natGateways: number | undefined;
    /** Whether there is one for each service that is used. */
    readonly interfaceEndpoints: boolean;
  };
  readonly governance: { readonly trail: boolean; readonly retentionDays: number };
  readonly training: { readonly instanceType: string; readonly maxRuntimeMinutes: number };
  readonly serving: {
    readonly instanceType: string;
    readonly instanceCount: number;
    /** Of a model on SageMaker that has two instances or more; traffic to one instance cannot be divided. */
    readonly shift:
      | { readonly type: 'ALL_AT_ONCE' }
      | { readonly type: 'CANARY'; readonly stepPercent: number; readonly waitMinutes: number };
  };
}

export const TIERS: Readonly<Record<Tier, TierDefaults>> = {
  dev: {
    // stacks are made and thrown away
    terminationProtection: false,
    // nobody asks after a month what a trial did
    logRetentionDays: 30,
    data: {
      // the first word on the deletion of data; the second, 'deleteData', is the file's alone
      removalPolicy: 'destroy',
      // long enough to come back to a run on Monday
      snapshotRetentionDays: 7,
      // a window of a monitor is a day, a label may be late
      inferenceLogRetentionDays: 30,
      // a mistake costs five cents
      queryScanLimitGiB: 10,
    },
    // one zone's way out is enough for trials, and each costs as much as an endpoint; AWS is reached through it
    network: { natGateways: 1, interfaceEndpoints: false },
    // nobody audits what is tried out; what it costs is better spent on trying
    governance: { trail: false, retentionDays: 7 },
    // the smallest general one that is no burstable; an hour is enough to see whether the code works
    training: { instanceType: 'ml.m5.large', maxRuntimeMinutes: 60 },
    serving: {
      // the cheapest: nearly all of an environment's bill is its endpoints
      instanceType: 'ml.t2.medium',
      instanceCount: 1,
      shift: { type: 'ALL_AT_ONCE' },
    },
  },
  prod: {
    // CloudFormation refuses to delete the stacks
    terminationProtection: true,
    // an audit looks back a year
    logRetentionDays: 365,
    data: {
      removalPolicy: 'retain',
      // what a version of the last year was trained on can be shown
      snapshotRetentionDays: 365,
      // a year and a month, so that a month can be held against the one a year before
      inferenceLogRetentionDays: 400,
      // a day of a large inference log fits; a mistake costs fifty cents
      queryScanLimitGiB: 100,
    },
    // the end of a zone takes no way out of another; what goes to AWS does not go out at all
    network: { natGateways: undefined, interfaceEndpoints: true },
    // a year: long enough for a yearly audit
    governance: { trail: true, retentionDays: 365 },
    // twice the memory and the processors: there is more data
    training: { instanceType: 'ml.m5.xlarge', maxRuntimeMinutes: 240 },
    serving: {
      // not burstable: what runs out of credits under load is no production
      instanceType: 'ml.m5.large',
      // two lie in different availability zones, and one of them can be the canary
      instanceCount: 2,
      // half of the requests for as long as the guardrail alarms need to go off, twice
      shift: { type: 'CANARY', stepPercent: 50, waitMinutes: 10 },
    },
  },
};

/** Ends a description with the defaults of the tiers. */
export function byTier(description: string, valueOf: (tier: TierDefaults) => unknown): string {
  const told = TIER_NAMES.map(tier => `${JSON.stringify(valueOf(TIERS[tier]))} in ${tier}`);
  return `${description} Default: ${told.join(', ')}.`;
}
