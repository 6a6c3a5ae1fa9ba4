import { Token } from 'aws-cdk-lib';
import { ACCOUNT_ID, ENVIRONMENT_NAME, ENVIRONMENT_NAME_ALLOWED, REGION } from '../private/environment-identity';
import type { Problems } from '../private/validation';

/** The environment at the other end of a promotion. */
export interface PromotionEnvironment {
  /** Its name, as in all its resources. */
  readonly environmentName: string;

  /** Account in which it is deployed. */
  readonly account: string;

  /** Region in which it is deployed. */
  readonly region: string;
}

/** Notes what keeps an environment from being named in a policy. */
export function requirePromotionEnvironment(
  problems: Problems,
  property: string,
  { environmentName, account, region }: PromotionEnvironment,
  own: string,
): void {
  problems.requirePattern(
    `${property}.environmentName`,
    environmentName,
    ENVIRONMENT_NAME,
    `${ENVIRONMENT_NAME_ALLOWED}, such as 'prod'`,
  );
  problems.requirePattern(`${property}.account`, account, ACCOUNT_ID, "an account's 12 digits");
  problems.requirePattern(`${property}.region`, region, REGION, "a region such as 'eu-west-1'");
  problems.require(
    Token.isUnresolved(environmentName) || environmentName !== own,
    `'${property}.environmentName' is '${environmentName}', must be another environment than this one`,
  );
}
