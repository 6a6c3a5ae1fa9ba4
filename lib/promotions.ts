import type { Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  type IDataLake,
  type IReleaseController,
  type PromotionEnvironment,
  PromotionSource,
  PromotionTarget,
} from '../constructs';
import type { Environment } from './config/environment';
import { isBuilt } from './config/image-schema';
import type { PromotionPeer } from './config/promotion-schema';
import { addOutputs } from './outputs';

/** What gives the versions of an environment to others, where its file names such. */
export function promotionSource(
  stack: Stack,
  { name, promotion, images }: Environment,
  { artifactBucket, encryptionKey }: IDataLake,
  notificationTopic: ITopic,
): PromotionSource | undefined {
  if (promotion?.to === undefined) return undefined;
  const source = new PromotionSource(stack, 'PromotionSource', {
    environmentName: name,
    artifactBucket,
    encryptionKey,
    notificationTopic,
    targets: promotion.to.map(peer),
  });
  // a repository that is only named is made by whoever pushes to it, and so is its policy
  if (!isBuilt(images.modelServer)) {
    addOutputs(stack, { PromotionImagePolicy: stack.toJsonString(source.imagePolicy) });
  }
  return source;
}

/** What gets versions from another environment, where the file names one. */
export function promotionTarget(
  stack: Stack,
  { name, promotion, images }: Environment,
  { artifactBucket, encryptionKey }: IDataLake,
  releaseController: IReleaseController,
): PromotionTarget | undefined {
  if (promotion?.from === undefined) return undefined;
  const target = new PromotionTarget(stack, 'PromotionTarget', {
    environmentName: name,
    source: peer(promotion.from),
    artifactBucket,
    encryptionKey,
    releaseController,
    imageRepository: Repository.fromRepositoryName(stack, 'PromotedImages', images.modelServer.repository),
  });
  addOutputs(stack, { PromotionFunctionName: target.function.functionName });
  return target;
}

function peer({ environment, account, region }: PromotionPeer): PromotionEnvironment {
  return { environmentName: environment, account, region };
}
