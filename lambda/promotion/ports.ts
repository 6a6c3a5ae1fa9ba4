import type { CreateModelPackageCommandInput } from '@aws-sdk/client-sagemaker';
import type { ObjectDigest, RegisteredVersion } from '../pipeline-control/ports';
import type { LedgerState, PromotionRecord } from '../shared/ledger';
import type { Notification } from '../shared/notify';
import type { Described } from './source-version';

/** What the registry of the giving account tells. */
export interface SourceRegistry {
  /** Nothing if there is no such version. */
  describe(arn: string): Promise<Described | undefined>;
}

/** Versions of the receiving environment. */
export interface TargetRegistry {
  /** Versions made at or after a time. */
  madeSince(group: string, since: Date): Promise<RegisteredVersion[]>;
  /** Makes a version and returns its ARN. */
  create(request: CreateModelPackageCommandInput): Promise<string>;
}

/** Files of versions: copied from the giving account's bucket, read in our own. */
export interface Files {
  /** Copies an object of the giving account to our bucket, under our key. */
  copy(from: string, to: string): Promise<void>;
  /** What the bytes of our own object are; nothing if there is none. */
  digest(uri: string): Promise<ObjectDigest | undefined>;
  /** Text of our own object; nothing if there is none. */
  text(uri: string): Promise<string | undefined>;
}

/** Remembers promotions, and knows what serves. */
export interface PromotionLedger {
  promotion(model: string, environmentName: string, version: string): Promise<PromotionRecord | undefined>;
  /** Once; again, or by two at once, the first one stays. */
  appendPromotion(model: string, record: PromotionRecord): Promise<void>;
  state(model: string): Promise<LedgerState>;
}

/** Everything outside that a promotion needs. */
export interface Ports {
  now(): Date;
  /** Model package group of a model here; nothing if the environment has no such model. */
  group(model: string): Promise<string | undefined>;
  source: SourceRegistry;
  registry: TargetRegistry;
  files: Files;
  /** Brings an image, by digest, into our own registry; answers its URI there, by the same digest. */
  bringImage(image: string): Promise<string>;
  ledger: PromotionLedger;
  tell(notification: Notification): Promise<void>;
}

/** No retry would help: a person must look. */
export class PromotionRefused extends Error {
  override readonly name = 'PromotionRefused';
}
