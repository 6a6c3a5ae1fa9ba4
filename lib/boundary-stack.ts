import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { PlatformBoundary } from '../constructs';
import type { Environment } from './config/environment';
import { boundaryName } from './config/permissions-boundary';
import { addOutputs } from './outputs';

/** Settings of the stack. */
export interface BoundaryStackProps extends StackProps {
  readonly environment: Environment;
}

/**
 * What bounds every role of an environment. Whoever is bounded by it cannot change it, CloudFormation neither: a person
 * deploys it before the rest, as docs/delivery.md says.
 */
export class BoundaryStack extends Stack {
  constructor(scope: Construct, id: string, props: BoundaryStackProps) {
    super(scope, id, props);
    const { name, delivery, promotion } = props.environment;
    const policyName = boundaryName(name);
    new PlatformBoundary(this, 'Boundary', {
      environmentName: name,
      policyName,
      sourceAccounts: promotion?.from === undefined ? [] : [promotion.from.account],
      qualifier: delivery?.qualifier,
    });
    addOutputs(this, { PolicyName: policyName });
  }
}
