/** An account and a region, with the partition that ARNs there begin with. */
export interface AwsPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** Place of an ARN. */
export function placeOfArn(arn: string): AwsPlace {
  const [, partition, , region, account] = arn.split(':');
  if (!partition || !region || !account) {
    throw new Error(`ARN '${arn}' must name a partition, a region and an account`);
  }
  return { partition, region, account };
}
